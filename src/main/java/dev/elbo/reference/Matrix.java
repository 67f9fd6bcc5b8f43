package dev.elbo.reference;

import dev.elbo.tensor.Tensor;

/** A tensor's elements, one by one. */
record Matrix(double[] values, int offset, int rows, int cols, int stride) {
    static Matrix of(Tensor tensor) {
        return tensor == null
                ? null
                : new Matrix(
                        (double[]) ((ReferenceBuffer) tensor.buffer()).array(),
                        (int) tensor.offset(),
                        tensor.rows(),
                        tensor.cols(),
                        (int) tensor.stride());
    }

    /** The array of an INT32 tensor, whose first element is at {@code tensor.offset()}. */
    static int[] ints(Tensor tensor) {
        return (int[]) ((ReferenceBuffer) tensor.buffer()).array();
    }

    double get(int row, int col) {
        return values[offset + row * stride + col];
    }

    void set(int row, int col, double value) {
        values[offset + row * stride + col] = value;
    }

    void add(int row, int col, double value) {
        values[offset + row * stride + col] += value;
    }
}
