package dev.elbo.cpu;

import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import java.util.Set;

/** A Java array: REAL is {@code float[]}. */
final class CpuBuffer extends Buffer {
    private Object array;

    CpuBuffer(ElementType type, int size, Set<Buffer> open) {
        this(type, array(type, size), size, open);
    }

    /** With the array made before: where memory runs out, no buffer is left open. */
    private CpuBuffer(ElementType type, Object array, int size, Set<Buffer> open) {
        super(type, size, open);
        this.array = array;
    }

    private static Object array(ElementType type, int size) {
        return switch (type) {
            case REAL -> new float[size];
            case FLOAT64 -> new double[size];
            case INT32 -> new int[size];
            case UINT8 -> new byte[size];
        };
    }

    float[] floats() {
        return (float[]) array();
    }

    double[] doubles() {
        return (double[]) array();
    }

    int[] ints() {
        return (int[]) array();
    }

    byte[] bytes() {
        return (byte[]) array();
    }

    private Object array() {
        requireOpen();
        return array;
    }

    @Override
    protected void copyIn(long at, Object source, int from, int count) {
        if (array instanceof float[] floats && source instanceof double[] doubles) {
            for (int i = 0; i < count; i++) {
                floats[(int) at + i] = (float) doubles[from + i];
            }
        } else {
            System.arraycopy(source, from, array, (int) at, count);
        }
    }

    @Override
    protected void copyOut(long at, Object target, int to, int count) {
        if (array instanceof float[] floats && target instanceof double[] doubles) {
            for (int i = 0; i < count; i++) {
                doubles[to + i] = floats[(int) at + i];
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
