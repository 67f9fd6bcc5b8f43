package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * A device's primary context, which other libraries of the process share, or one that a program lends us, and everything made
 * in it by us. Whoever uses it makes
 * it current first ({@link #push}) and leaves the thread as it was ({@link #pop}); one thread at a time.
 *
 * <p>A fault of the device is final: the driver answers all later calls with the same error, so the context is dead from
 * then on, every use says why, and closing only lets go.
 */
public final class Context implements AutoCloseable {
    private final Device device;
    private final CUcontext handle;
    /** Whose primary context is retained; null if the context is lent. */
    private final CUdevice retained;

    private final CUcontext popped = new CUcontext();
    /** Made once: every use of a backend makes these two calls. */
    private final IntSupplier pushing;

    private final IntSupplier popping = () -> JCudaDriver.cuCtxPopCurrent(popped);
    private final Set<Resource> resources = new LinkedHashSet<>();
    private Object lastLaunch;
    private String death;
    private boolean closed;

    private Context(Device device, CUcontext handle, CUdevice retained) {
        this.device = device;
        this.handle = handle;
        this.retained = retained;
        this.pushing = () -> JCudaDriver.cuCtxPushCurrent(handle);
    }

    /** Retains the primary context of a device. */
    public static Context of(Device device) {
        CUcontext handle = new CUcontext();
        CUdevice deviceHandle = device.handle();
        Status.check(
                JCudaDriver.cuDevicePrimaryCtxRetain(handle, deviceHandle),
                "cuDevicePrimaryCtxRetain on " + device.label());
        return new Context(device, handle, deviceHandle);
    }

    /**
     * The calling thread's current context, which stays its maker's: to be closed before that one is destroyed.
     *
     * @throws ElboException usage, if the thread has none; unavailable, if there is no driver
     */
    public static Context current() {
        Natives.Verdict driver = Natives.sharedDriver();
        if (!driver.loaded()) {
            throw ElboException.unavailable("no CUDA driver: " + driver.problem() + "; run 'elbo doctor'");
        }
        CUcontext handle = new CUcontext();
        int code = Status.codeOf(() -> JCudaDriver.cuCtxGetCurrent(handle));
        if (code == CUresult.CUDA_ERROR_NOT_INITIALIZED || code == 0 && Address.ofHandle(handle) == 0) {
            throw ElboException.usage("no CUDA context is current in thread "
                    + Thread.currentThread().getName()
                    + "; make one (cuInit, cuCtxCreate), or make it current (cuCtxSetCurrent)");
        }
        Status.check(code, "cuCtxGetCurrent");
        return new Context(Device.current(), handle, null);
    }

    /** Whether a context's number is this one's. */
    public boolean is(long other) {
        return Address.ofHandle(handle) == other;
    }

    /** Whether it is the calling thread's. */
    public boolean isCurrent() {
        CUcontext current = new CUcontext();
        return Status.codeOf(() -> JCudaDriver.cuCtxGetCurrent(current)) == 0 && current.equals(handle);
    }

    /** Whether a stream is one of this context's, which must be current. */
    public boolean owns(CUstream stream) {
        CUcontext owner = new CUcontext();
        return Status.codeOf(() -> JCudaDriver.cuStreamGetCtx(stream, owner)) == 0 && owner.equals(handle);
    }

    public Device device() {
        return device;
    }

    /** Makes it the calling thread's. */
    public void push() {
        requireAlive();
        check(pushing, "cuCtxPushCurrent");
    }

    /** Gives the thread back what it had before. */
    public void pop() {
        int code = Status.codeOf(popping);
        if (!isDead()) {
            check(code, "cuCtxPopCurrent");
        }
    }

    /** Bytes of the device that are free, whoever uses the rest. */
    public long freeMemory() {
        long[] free = new long[1];
        long[] total = new long[1];
        check(() -> JCudaDriver.cuMemGetInfo(free, total), "cuMemGetInfo");
        return free[0];
    }

    /** Bytes of the device that we hold in it. */
    public long memory() {
        return resources.stream()
                .mapToLong(resource -> resource instanceof DeviceMemory memory ? memory.bytes() : 0)
                .sum();
    }

    /** Whether a fault of the device has ended it. */
    public boolean isDead() {
        return death != null;
    }

    void requireAlive() {
        if (death != null) {
            throw ElboException.device(death);
        }
        if (closed) {
            throw new IllegalStateException("the context of " + device.label() + " is closed");
        }
    }

    /**
     * Looks at what a driver call returned.
     *
     * @param call the call and, where it matters, what it was about
     * @throws ElboException device, if it failed
     */
    void check(int code, String call) {
        if (code != CUresult.CUDA_SUCCESS) {
            throw failure(code, call);
        }
    }

    /** The same, for calls that a program's own settings of JCuda may make throw. */
    void check(IntSupplier call, String name) {
        check(Status.codeOf(call), name);
    }

    ElboException failure(int code, String call) {
        String line = device.label() + ": " + Status.describe(code, call);
        if (Status.isSticky(code)) {
            if (death == null) {
                // what is told here went wrong earlier, in whatever stream
                String launched =
                        lastLaunch == null || call.contains(lastLaunch.toString()) ? "" : ", after " + lastLaunch;
                death = line + launched + "; the device cannot be used again in this process";
            }
            return ElboException.device(death);
        }
        return ElboException.device(line);
    }

    /** Remembers what the device was last given to compute: of faults that are told later, it is the first suspect. */
    void launched(Object what) {
        lastLaunch = what;
    }

    void adopt(Resource resource) {
        resources.add(resource);
    }

    void disown(Resource resource) {
        resources.remove(resource);
    }

    /** Frees everything made in it, the last first. To be called while it is not current. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        RuntimeException first = null;
        if (!isDead()) {
            push();
            try {
                List<Resource> left = new ArrayList<>(resources);
                for (int i = left.size() - 1; i >= 0; i--) {
                    try {
                        left.get(i).close();
                    } catch (RuntimeException e) {
                        first = first == null ? e : first;
                    }
                }
            } finally {
                pop();
            }
        }
        closed = true;
        int released = retained == null ? 0 : JCudaDriver.cuDevicePrimaryCtxRelease(retained);
        if (first != null) {
            throw first;
        }
        if (!isDead()) {
            check(released, "cuDevicePrimaryCtxRelease");
        }
    }
}
