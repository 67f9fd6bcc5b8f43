package dev.elbo.cuda;

import dev.elbo.tensor.Tensor;

/**
 * A stretch of device memory.
 *
 * @param start its first byte
 * @param end the byte after its last
 */
record Extent(long start, long end) {
    static final Extent NONE = new Extent(0, 0);

    /** From a tensor's first element to its last, gaps between its rows included. */
    static Extent of(Tensor tensor) {
        long start = CudaBuffer.address(tensor);
        long elements = (tensor.rows() - 1) * tensor.stride() + tensor.cols();
        return new Extent(start, start + elements * CudaBuffer.bytes(tensor.type()));
    }

    boolean overlaps(Extent other) {
        return start < other.end && other.start < end;
    }

    boolean contains(Extent other) {
        return start <= other.start && other.end <= end;
    }
}
