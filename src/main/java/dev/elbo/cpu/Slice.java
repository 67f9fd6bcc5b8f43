package dev.elbo.cpu;

import dev.elbo.backend.HostBuffer;
import dev.elbo.tensor.Tensor;

/** A tensor of REAL as it lies in its array: element (i, j) is {@code array[offset + i·stride + j]}. */
record Slice(float[] array, int offset, int rows, int cols, int stride) {
    static Slice of(Tensor tensor) {
        return tensor == null
                ? null
                : new Slice(HostBuffer.array(tensor), (int) tensor.offset(), tensor.rows(), tensor.cols(), (int)
                        tensor.stride());
    }

    int row(int i) {
        return offset + i * stride;
    }

    /** Element i of a dense vector. */
    float at(int i) {
        return array[offset + i];
    }

    void put(int i, float value) {
        array[offset + i] = value;
    }
}
