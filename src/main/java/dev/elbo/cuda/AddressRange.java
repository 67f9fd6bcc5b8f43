package dev.elbo.cuda;

import dev.elbo.tensor.Tensor;

/**
 * A range of device memory.
 *
 * @param start its first byte
 * @param end the byte after its last
 */
record AddressRange(long start, long end) {
    static final AddressRange NONE = new AddressRange(0, 0);

    /** Returns the range from a tensor's first element to its last, gaps between its rows included. */
    static AddressRange of(Tensor tensor) {
        long start = CudaBuffer.address(tensor);
        long elements = (tensor.rows() - 1) * tensor.stride() + tensor.cols();
        return new AddressRange(start, start + elements * CudaBuffer.bytes(tensor.type()));
    }

    boolean overlaps(AddressRange other) {
        return start < other.end && other.start < end;
    }

    boolean contains(AddressRange other) {
        return start <= other.start && other.end <= end;
    }
}
