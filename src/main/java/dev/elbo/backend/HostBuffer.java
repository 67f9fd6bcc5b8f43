package dev.elbo.backend;

import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.lang.reflect.Array;
import java.util.Set;

/**
 * A buffer in a Java array.
 *
 * @hidden
 */
public final class HostBuffer extends Buffer {
    private Object array;

    /**
     * Allocates the array.
     *
     * @param real the type of a REAL element, {@code float.class} or {@code double.class}
     */
    public HostBuffer(ElementType type, Class<?> real, int size, Set<Buffer> open) {
        this(type, Array.newInstance(elements(type, real), size), size, open);
    }

    /** Creates a buffer over an array made before, so that no buffer is left open if memory runs out. */
    private HostBuffer(ElementType type, Object array, int size, Set<Buffer> open) {
        super(type, size, open);
        this.array = array;
    }

    private static Class<?> elements(ElementType type, Class<?> real) {
        return switch (type) {
            case REAL -> real;
            case FLOAT64 -> double.class;
            case INT32 -> int.class;
            case UINT8 -> byte.class;
        };
    }

    /** {@return the array of a tensor's buffer, which is open} */
    @SuppressWarnings("unchecked")
    public static <T> T array(Tensor tensor) {
        tensor.buffer().requireOpen();
        return (T) ((HostBuffer) tensor.buffer()).array;
    }

    @Override
    protected void copyIn(long at, Object source, int from, int count) {
        copy(source, from, array, (int) at, count);
    }

    @Override
    protected void copyOut(long at, Object target, int to, int count) {
        copy(array, (int) at, target, to, count);
    }

    private static void copy(Object source, int from, Object target, int to, int count) {
        if (source instanceof float[] floats && target instanceof double[] doubles) {
            for (int i = 0; i < count; i++) {
                doubles[to + i] = floats[from + i];
            }
        } else if (source instanceof double[] doubles && target instanceof float[] floats) {
            for (int i = 0; i < count; i++) {
                floats[to + i] = (float) doubles[from + i];
            }
        } else {
            System.arraycopy(source, from, target, to, count);
        }
    }

    @Override
    protected void release() {
        array = null;
    }
}
