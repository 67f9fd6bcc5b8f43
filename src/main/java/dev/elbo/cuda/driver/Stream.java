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
 * A queue of the device: queued work runs in order, later than the call that queues it. The calls of a step allocate
 * nothing: they catch JCuda's exceptions themselves, or are objects made once.
 */
public final class Stream extends Resource {
    private final CUstream handle = new CUstream();

    private final IntSupplier waiting = () -> JCudaDriver.cuStreamSynchronize(handle);
    private Object lastQueued = "nothing";

    /** Creates a stream that does not wait for the default stream. */
    public Stream(Context context) {
        super(context);
        context.check(
                () -> JCudaDriver.cuStreamCreate(handle, CUstream_flags.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
        made();
    }

    CUstream handle() {
        return handle;
    }

    /** Notes the operation that is being queued, for the message if it fails later. */
    void note(Object operation) {
        lastQueued = operation;
        context.launched(operation);
    }

    /** Checks the code of a launch, and notes the operation. */
    void launched(int code, String operation) {
        context.launched(operation);
        queued(code, operation);
    }

    /** Checks the code of a call that queues something, and notes the operation. */
    void queued(int code, String operation) {
        lastQueued = operation;
        if (code != 0) {
            throw context.failure(code, operation);
        }
    }

    /** Waits until everything queued has run. Faults of the device are thrown here, with the last queued operation. */
    public void synchronize() {
        int code = Status.codeOf(waiting);
        if (code != 0) {
            throw context.failure(code, "cuStreamSynchronize after " + lastQueued);
        }
    }

    /** Copies pinned bytes to the device; they must stay as they are until the copy has run. */
    public void copyToDevice(DeviceMemory to, long at, PinnedMemory from, long start, long bytes) {
        requireInside(to, at, bytes);
        try {
            queued(JCudaDriver.cuMemcpyHtoDAsync(to.at(at), from.at(start), bytes, handle), "cuMemcpyHtoDAsync");
        } catch (CudaException e) {
            queued(Status.codeOf(e), "cuMemcpyHtoDAsync");
        }
    }

    /** Copies from the device to pinned memory, which holds the bytes only once the copy has run. */
    public void copyToHost(PinnedMemory to, DeviceMemory from, long at, long bytes) {
        requireInside(from, at, bytes);
        try {
            queued(JCudaDriver.cuMemcpyDtoHAsync(to.at(0), from.at(at), bytes, handle), "cuMemcpyDtoHAsync");
        } catch (CudaException e) {
            queued(Status.codeOf(e), "cuMemcpyDtoHAsync");
        }
    }

    /** Copies bytes between device addresses that do not overlap. */
    public void copy(long to, long from, long bytes) {
        queued(
                Status.codeOf(() -> JCudaDriver.cuMemcpyDtoDAsync(Address.at(to), Address.at(from), bytes, handle)),
                "cuMemcpyDtoDAsync");
    }

    /** Fills memory with zeros. */
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

    /** Records an event behind everything queued so far. */
    public void record(Event event) {
        try {
            queued(JCudaDriver.cuEventRecord(event.handle(), handle), "cuEventRecord");
        } catch (CudaException e) {
            queued(Status.codeOf(e), "cuEventRecord");
        }
    }

    /** Makes everything queued from here on wait for an event. */
    public void waitFor(Event event) {
        try {
            queued(JCudaDriver.cuStreamWaitEvent(handle, event.handle(), 0), "cuStreamWaitEvent");
        } catch (CudaException e) {
            queued(Status.codeOf(e), "cuStreamWaitEvent");
        }
    }

    /** Captures everything that {@code body} queues as a graph of this name in messages, without running it. */
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
