package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.util.function.IntFunction;

/** Large arrays whose size a file declared: too large is an error that names the file, not an OutOfMemoryError. */
public final class Heap {
    /** The longest array that every JVM can make. */
    public static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

    private Heap() {}

    /**
     * Allocates an array for values of a file.
     *
     * @param <T> the type of the array
     * @param file the name in messages
     * @param length number of values that it declares
     * @param width bytes that a value takes in memory
     * @param make the constructor of such arrays
     * @return zeros or nulls
     * @throws ElboException of kind DATA if it is more than an array or the heap holds
     */
    public static <T> T array(String file, long length, int width, IntFunction<T> make) {
        if (length > MAX_LENGTH) {
            throw ElboException.data(
                    file + ": holds " + length + " values; at most " + MAX_LENGTH + " are read at once");
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

    /**
     * Allocates an array for computed values.
     *
     * @param rows at least 0
     * @param cols at least 0
     * @return {@code rows × cols} zeros
     * @throws ElboException of kind UNAVAILABLE if no array is that long
     */
    public static float[] results(int rows, int cols) {
        if ((long) rows * cols > MAX_LENGTH) {
            throw ElboException.unavailable(
                    rows + " × " + cols + " values are more than the " + MAX_LENGTH + " of one array; take fewer rows");
        }
        return new float[rows * cols];
    }
}
