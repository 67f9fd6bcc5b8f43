package dev.elbo.cuda;

import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.Set;

/** A buffer in device memory: REAL is float32. */
final class CudaBuffer extends Buffer {
    private final long address;
    private final Transfers transfers;

    interface Transfers {
        /** Copies {@code count} elements of an array to the buffer's elements {@code at…}. */
        void copyIn(ElementType type, long at, Object source, int from, int count);

        /** Copies {@code count} of the buffer's elements {@code at…} to an array. */
        void copyOut(ElementType type, long at, Object target, int to, int count);

        void release();
    }

    CudaBuffer(ElementType type, long size, Set<Buffer> open, long address, Transfers transfers) {
        super(type, size, open);
        this.address = address;
        this.transfers = transfers;
    }

    static int bytes(ElementType type) {
        return switch (type) {
            case REAL, INT32 -> 4;
            case FLOAT64 -> 8;
            case UINT8 -> 1;
        };
    }

    /** {@return the device address of a tensor's first element; 0 for null} */
    static long address(Tensor tensor) {
        if (tensor == null) {
            return 0;
        }
        CudaBuffer buffer = (CudaBuffer) tensor.buffer();
        return buffer.address + tensor.offset() * bytes(buffer.type());
    }

    @Override
    protected void copyIn(long at, Object source, int from, int count) {
        transfers.copyIn(type(), at, source, from, count);
    }

    @Override
    protected void copyOut(long at, Object target, int to, int count) {
        transfers.copyOut(type(), at, target, to, count);
    }

    @Override
    protected void release() {
        transfers.release();
    }
}
