package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import java.util.function.IntSupplier;
import jcuda.CudaException;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUgraph;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * A queue of the device: what is put in runs in its order, later than the call that puts it in. What a step calls catches
 * JCuda's exceptions itself, or is an object made once: it allocates nothing.
 */
public final class Stream extends Resource {
    private final CUstream handle = new CUstream();

    private final IntSupplier waiting = () -> JCudaDriver.cuStreamSynchronize(handle);
    private Object lastQueued = "nothing";

    /** A stream that does not wait for the default stream. */
    public Stream(Context context) {
        super(context);
        context.check(
                () -> JCudaDriver.cuStreamCreate(handle, CUstream_flags.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
        made();
    }

    CUstream handle() {
        return handle;
    }

    /** Remembers what is being queued, for the message should it fail later. */
    void note(Object operation) {
        lastQueued = operation;
        context.launched(operation);
    }

    /** Looks at what a launch returned, and remembers what it was. */
    void launched(int code, String operation) {
        context.launched(operation);
        queued(code, operation);
    }

    /** Looks at what a call that queues something returned, and remembers what it was. */
    void queued(int code, String operation) {
        lastQueued = operation;
        if (code != 0) {
            throw context.failure(code, operation);
        }
    }

    /** Waits until everything queued has run. Faults of the device come up here; the last thing queued is named. */
    public void synchronize() {
        int code = Status.codeOf(waiting);
        if (code != 0) {
            throw context.failure(code, "cuStreamSynchronize after " + lastQueued);
        }
    }

    /** Copies pinned bytes to the device; they must stay as they are until the copy has run. */
    public void copyToDevice(DeviceMemory to, long at, PinnedMemory from, long start, long bytes) {
        requireInside(to, at, bytes);
        int code;
        try {
            code = JCudaDriver.cuMemcpyHtoDAsync(to.at(at), from.at(start), bytes, handle);
        } catch (CudaException e) {
            code = Status.codeOf(e);
        }
        queued(code, "cuMemcpyHtoDAsync");
    }

    /** Copies from the device to pinned memory, which holds the bytes only once the copy has run. */
    public void copyToHost(PinnedMemory to, DeviceMemory from, long at, long bytes) {
        requireInside(from, at, bytes);
        int code;
        try {
            code = JCudaDriver.cuMemcpyDtoHAsync(to.at(0), from.at(at), bytes, handle);
        } catch (CudaException e) {
            code = Status.codeOf(e);
        }
        queued(code, "cuMemcpyDtoHAsync");
    }

    /** Copies bytes between device addresses that do not overlap. */
    public void copy(long to, long from, long bytes) {
        queued(
                Status.codeOf(() -> JCudaDriver.cuMemcpyDtoDAsync(at(to), at(from), bytes, handle)),
                "cuMemcpyDtoDAsync");
    }

    private static CUdeviceptr at(long address) {
        return new CUdeviceptr().withByteOffset(address);
    }

    /** Fills with zeros. */
    public void clear(DeviceMemory memory) {
        CUdeviceptr start = memory.at(0);
        queued(
                Status.codeOf(() -> JCudaDriver.cuMemsetD8Async(start, (byte) 0, memory.bytes(), handle)),
                "cuMemsetD8Async");
    }

    private static void requireInside(DeviceMemory memory, long at, long bytes) {
        if (at < 0 || bytes < 0 || at + bytes > memory.bytes()) {
            throw new IndexOutOfBoundsException("bytes " + at + " to " + (at + bytes) + " of " + memory.bytes());
        }
    }

    /** Marks the place that the queue has come to. */
    public void record(Event event) {
        int code;
        try {
            code = JCudaDriver.cuEventRecord(event.handle(), handle);
        } catch (CudaException e) {
            code = Status.codeOf(e);
        }
        queued(code, "cuEventRecord");
    }

    /** What is queued from here on waits for the event. */
    public void waitFor(Event event) {
        int code;
        try {
            code = JCudaDriver.cuStreamWaitEvent(handle, event.handle(), 0);
        } catch (CudaException e) {
            code = Status.codeOf(e);
        }
        queued(code, "cuStreamWaitEvent");
    }

    /**
     * Makes a graph of everything that {@code body} puts in, without running it.
     *
     * @param what its name in messages
     */
    public Graph capture(Runnable body, String name) {
        context.check(
                () -> JCudaDriver.cuStreamBeginCapture(handle, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED),
                "cuStreamBeginCapture");
        CUgraph captured = new CUgraph();
        try {
            body.run();
        } catch (Throwable thrown) {
            // ends the capture; what went wrong is in `thrown`, unless the device has failed
            int code = Status.codeOf(() -> JCudaDriver.cuStreamEndCapture(handle, captured));
            if (code == 0) {
                Status.codeOf(() -> JCudaDriver.cuGraphDestroy(captured));
            } else if (Status.isSticky(code)) {
                ElboException fault = context.failure(code, "cuStreamEndCapture of " + name);
                fault.addSuppressed(thrown);
                throw fault;
            }
            throw thrown;
        }
        context.check(() -> JCudaDriver.cuStreamEndCapture(handle, captured), "cuStreamEndCapture of " + name);
        return new Graph(context, captured, name);
    }

    @Override
    void free() {
        context.check(() -> JCudaDriver.cuStreamDestroy(handle), "cuStreamDestroy");
    }
}
