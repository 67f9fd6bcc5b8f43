package dev.elbo.cuda;

import dev.elbo.backend.UploadBuffers;
import dev.elbo.cuda.driver.Context;
import dev.elbo.cuda.driver.DeviceMemory;
import dev.elbo.cuda.driver.Event;
import dev.elbo.cuda.driver.PinnedMemory;
import dev.elbo.cuda.driver.Stream;
import dev.elbo.error.ElboException;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Two pinned buffers and two on the device, with a stream for each copy, beside the one that computes. */
final class CudaUploadBuffers implements UploadBuffers {
    private final CudaBackend backend;
    private final Slot[] slots = new Slot[SLOTS];
    private final Closer closer = new Closer();
    private boolean closed;

    CudaUploadBuffers(CudaBackend backend, ElementType type, int rows, int cols) {
        if (type != ElementType.UINT8 && type != ElementType.REAL) {
            throw new IllegalArgumentException("upload buffers hold UINT8 or REAL, not " + type);
        }
        long bytes = (long) rows * cols * CudaBuffer.bytes(type);
        if (bytes > Integer.MAX_VALUE) {
            throw ElboException.unavailable("no upload buffers of 2 × " + bytes + " bytes; use a smaller batch");
        }
        this.backend = backend;
        try {
            for (int i = 0; i < SLOTS; i++) {
                Slot slot = backend.slot(type, rows, cols);
                closer.register((AutoCloseable) () -> close(slot));
                slots[i] = slot;
            }
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    /** A pinned buffer and its device memory; tasks are made once, so that uploads allocate nothing. */
    static final class Slot {
        private final DeviceMemory memory;
        private final Tensor tensor;
        private final PinnedMemory pinned;
        private final Stream copies;
        private final Stream compute;
        private final Event copied;
        private final Event used;
        private final Runnable waitForCopy = this::waitForCopy;
        private final Runnable send = this::send;
        private final Runnable release = this::release;
        private long bytes;

        /** Creates a slot, while the context is current. */
        Slot(Context context, Stream compute, DeviceMemory memory, Tensor tensor) {
            this.memory = memory;
            this.tensor = tensor;
            this.compute = compute;
            this.pinned = new PinnedMemory(context, (int) memory.bytes());
            this.copies = new Stream(context);
            this.copied = new Event(context);
            this.used = new Event(context);
            // the zeros of a new buffer are still on their way
            release();
        }

        private void waitForCopy() {
            copied.synchronize();
        }

        private void send() {
            copies.waitFor(used);
            copies.copyToDevice(memory, 0, pinned, 0, bytes);
            copies.record(copied);
            compute.waitFor(copied);
        }

        private void release() {
            compute.record(used);
        }

        private void free() {
            // both ends of a copy must be there until it is done
            copies.synchronize();
            copied.close();
            used.close();
            copies.close();
            pinned.close();
        }
    }

    private Slot open(int i) {
        if (closed) {
            throw new IllegalStateException("upload buffers are closed");
        }
        return slots[Objects.checkIndex(i, SLOTS)];
    }

    @Override
    public Tensor slot(int i) {
        return open(i).tensor;
    }

    @Override
    public ByteBuffer hostBuffer(int i) {
        Slot slot = open(i);
        backend.use(slot.waitForCopy);
        return slot.pinned.buffer();
    }

    @Override
    public void upload(int i, int rows) {
        Slot slot = open(i);
        if (rows < 1) {
            throw new IndexOutOfBoundsException("upload of " + rows + " rows, at least 1 is needed");
        }
        Objects.checkFromIndexSize(0, rows, slot.tensor.rows());
        slot.bytes = (long) rows * slot.tensor.cols() * CudaBuffer.bytes(slot.tensor.type());
        backend.use(slot.send);
    }

    @Override
    public void release(int i) {
        backend.use(open(i).release);
    }

    @Override
    public void close() {
        closed = true;
        closer.close();
    }

    private void close(Slot slot) {
        try {
            backend.useIfAlive(slot::free);
        } finally {
            slot.tensor.buffer().close();
        }
    }
}
