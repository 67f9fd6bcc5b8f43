package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.util.function.IntFunction;

/** Large arrays whose size a file declared: too large is an error that names the file, not an OutOfMemoryError. */
public final class Heap {
    /** The longest array that every JVM can make. */
    public static final int LONGEST = Integer.MAX_VALUE - 8;

    private Heap() {}

    /** An array of {@code length} bytes for the content of {@code file}. */
    public static byte[] bytes(String file, long length) {
        return array(file, length, 1, byte[]::new);
    }

    /** An array of {@code length} float32 values for the content of {@code file}. */
    public static float[] floats(String file, long length) {
        return array(file, length, Float.BYTES, float[]::new);
    }

    /** An array of {@code length} float64 values for the content of {@code file}. */
    public static double[] doubles(String file, long length) {
        return array(file, length, Double.BYTES, double[]::new);
    }

    /**
     * An array for {@code rows × cols} computed values.
     *
     * @throws ElboException unavailable, if no array is that long
     */
    public static float[] results(int rows, int cols) {
        if ((long) rows * cols > LONGEST) {
            throw ElboException.unavailable(
                    rows + " × " + cols + " values are more than the " + LONGEST + " of one array; take fewer rows");
        }
        return new float[rows * cols];
    }

    private static <T> T array(String file, long length, int width, IntFunction<T> make) {
        if (length > LONGEST) {
            throw ElboException.data(file + ": holds " + length + " values; at most " + LONGEST + " are read at once");
        }
        try {
            return make.apply((int) length);
        } catch (OutOfMemoryError e) {
            throw ElboException.data(
                    file + ": needs " + (length * width >> 20) + " MiB of memory, Java has at most "
                            + (Runtime.getRuntime().maxMemory() >> 20) + " MiB; give it more with -Xmx",
                    e);
        }
    }
}
