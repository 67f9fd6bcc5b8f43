package dev.elbo.reference;

import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import java.util.Set;

/** A Java array: REAL is {@code double[]}. */
final class ReferenceBuffer extends Buffer {
    private Object array;

    ReferenceBuffer(ElementType type, int size, Set<Buffer> open) {
        this(type, array(type, size), size, open);
    }

    /** With the array made before: where memory runs out, no buffer is left open. */
    private ReferenceBuffer(ElementType type, Object array, int size, Set<Buffer> open) {
        super(type, size, open);
        this.array = array;
    }

    private static Object array(ElementType type, int size) {
        return switch (type) {
            case REAL, FLOAT64 -> new double[size];
            case INT32 -> new int[size];
            case UINT8 -> new byte[size];
        };
    }

    Object array() {
        requireOpen();
        return array;
    }

    @Override
    protected void copyIn(long at, Object source, int from, int count) {
        if (source instanceof float[] floats) {
            double[] values = (double[]) array;
            for (int i = 0; i < count; i++) {
                values[(int) at + i] = floats[from + i];
            }
        } else {
            System.arraycopy(source, from, array, (int) at, count);
        }
    }

    @Override
    protected void copyOut(long at, Object target, int to, int count) {
        if (target instanceof float[] floats) {
            double[] values = (double[]) array;
            for (int i = 0; i < count; i++) {
                floats[to + i] = (float) values[(int) at + i];
            }
        } else {
            System.arraycopy(array, (int) at, target, to, count);
        }
    }

    @Override
    protected void release() {
        array = null;
    }
}
