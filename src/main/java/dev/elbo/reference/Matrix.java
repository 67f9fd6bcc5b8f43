package dev.elbo.reference;

import dev.elbo.backend.HostBuffer;
import dev.elbo.tensor.Tensor;

/** A view of a tensor's elements, one by one. */
record Matrix(double[] values, int offset, int rows, int cols, int stride) {
    static Matrix view(Tensor tensor) {
        return tensor == null
                ? null
                : new Matrix(HostBuffer.array(tensor), (int) tensor.offset(), tensor.rows(), tensor.cols(), (int)
                        tensor.stride());
    }

    /** The array of an INT32 tensor, whose first element is at {@code tensor.offset()}. */
    static int[] ints(Tensor tensor) {
        return HostBuffer.array(tensor);
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
