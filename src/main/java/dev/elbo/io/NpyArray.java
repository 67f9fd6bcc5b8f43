package dev.elbo.io;

/**
 * An array read from an NPY file: its shape (empty for a scalar) and its values in C order (the last index runs
 * fastest), whatever order the file had. 64-bit integers beyond 2^53 are rounded.
 *
 * @param shape of any rank
 * @param values as many as the shape has
 */
public record NpyArray(int[] shape, double[] values) {
    /** The arrays are kept, not copied. */
    public NpyArray {
        Shapes.requireElements(shape, values.length);
    }
}
