package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * A device's primary context, which other libraries of the process share, and everything made in it. Whoever uses it makes
 * it current first ({@link #push}) and leaves the thread as it was ({@link #pop}); one thread at a time.
 *
 * <p>A fault of the device is final: the driver answers all later calls with the same error, so the context is dead from
 * then on, every use says why, and closing only lets go.
 */
public final class Context implements AutoCloseable {
    private final Device device;
    private final CUdevice deviceHandle;
    private final CUcontext handle = new CUcontext();
    private final CUcontext popped = new CUcontext();
    private final Set<Resource> resources = new LinkedHashSet<>();
    private String death;
    private boolean closed;

    private Context(Device device) {
        this.device = device;
        this.deviceHandle = device.handle();
        Status.check(
                JCudaDriver.cuDevicePrimaryCtxRetain(handle, deviceHandle),
                "cuDevicePrimaryCtxRetain on " + device.label());
    }

    /** Retains the primary context of a device. */
    public static Context of(Device device) {
        return new Context(device);
    }

    public Device device() {
        return device;
    }

    /** Makes it the calling thread's. */
    public void push() {
        requireAlive();
        check(JCudaDriver.cuCtxPushCurrent(handle), "cuCtxPushCurrent");
    }

    /** Gives the thread back what it had before. */
    public void pop() {
        int code = JCudaDriver.cuCtxPopCurrent(popped);
        if (!isDead()) {
            check(code, "cuCtxPopCurrent");
        }
    }

    /** Bytes of the device that are free, whoever uses the rest. */
    public long freeMemory() {
        long[] free = new long[1];
        long[] total = new long[1];
        check(JCudaDriver.cuMemGetInfo(free, total), "cuMemGetInfo");
        return free[0];
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

    ElboException failure(int code, String call) {
        String line = device.label() + ": " + Status.describe(code, call);
        if (Status.isSticky(code)) {
            if (death == null) {
                death = line + "; the device cannot be used again in this process";
            }
            return ElboException.device(death);
        }
        return ElboException.device(line);
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
        int released = JCudaDriver.cuDevicePrimaryCtxRelease(deviceHandle);
        if (first != null) {
            throw first;
        }
        if (!isDead()) {
            check(released, "cuDevicePrimaryCtxRelease");
        }
    }
}
