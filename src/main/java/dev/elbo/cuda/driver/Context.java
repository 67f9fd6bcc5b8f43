package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * A device's primary context, which other libraries of the process share, or a context lent by a program, with
 * everything that elbo made in it. A user makes it current first ({@link #push}) and leaves the thread as it was
 * ({@link #pop}); one thread at a time.
 *
 * <p>A primary context is retained once, for as long as the process lives: giving back the last one destroys it, and with it
 * the state that cuBLAS and the driver's compiler keep there, which then takes a second to come back. Only a dead one is given
 * back, with its memory, when its last user closes it.
 *
 * <p>A fault of the device is final: the driver answers all later calls with the same error. The context is dead from then on,
 * every use reports the fault, and closing frees nothing more. The same holds for a primary context that another part of the
 * program has destroyed. A lent context that its maker has destroyed is reported as such.
 */
public final class Context implements AutoCloseable {
    /** The retained contexts, by the numbers of their devices. */
    private static final Map<Integer, Held> PRIMARY = new HashMap<>();

    /** The driver's answers if a context was destroyed, or is not the one that something belongs to. */
    static final Set<Integer> NOT_THERE = Set.of(
            CUresult.CUDA_ERROR_INVALID_CONTEXT,
            CUresult.CUDA_ERROR_INVALID_HANDLE,
            CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED);

    private final Device device;
    private final Held held;
    private final CUcontext popped = new CUcontext();
    /** Made once: every use of a backend makes these two calls. */
    private final IntSupplier pushing;

    private final IntSupplier popping = () -> JCudaDriver.cuCtxPopCurrent(popped);
    private final Set<Resource> resources = new LinkedHashSet<>();
    private Object lastLaunch;
    private boolean closed;

    /** A context of the driver's, and the state that all its users share. */
    private static final class Held {
        private final CUcontext handle = new CUcontext();
        /** The device whose primary context it is; null if it is lent. */
        private CUdevice retained;

        private int users;
        /** The fault that ended it; null while it lives. */
        private volatile String death;
    }

    private Context(Device device, Held held) {
        this.device = device;
        this.held = held;
        this.pushing = () -> JCudaDriver.cuCtxPushCurrent(held.handle);
    }

    /**
     * Opens the primary context of a device.
     *
     * @throws ElboException unavailable, if the driver does not give it; device, if a fault has ended it in this process
     */
    public static Context of(Device device) {
        synchronized (PRIMARY) {
            CUdevice handle = Device.handle(device.ordinal());
            // another library may have reset the device, with everything on it
            boolean active = isActive(device, handle);
            Held held = PRIMARY.get(device.ordinal());
            if (held == null || !active) {
                held = retain(device, handle);
                PRIMARY.put(device.ordinal(), held);
            }
            if (held.death != null) {
                throw ElboException.device(held.death);
            }
            held.users++;
            return new Context(device, held);
        }
    }

    private static Held retain(Device device, CUdevice handle) {
        Held held = new Held();
        Status.check(
                () -> JCudaDriver.cuDevicePrimaryCtxRetain(held.handle, handle),
                "cuDevicePrimaryCtxRetain on " + device.label());
        held.retained = handle;
        return held;
    }

    /** Removes a user, and releases a dead primary context behind the last one. */
    private static void leave(Held held) {
        synchronized (PRIMARY) {
            held.users--;
            if (held.retained != null
                    && held.users == 0
                    && held.death != null
                    && PRIMARY.values().remove(held)) {
                // its status is ignored: the context is of no use any more
                Status.codeOf(() -> JCudaDriver.cuDevicePrimaryCtxRelease(held.retained));
            }
        }
    }

    private static boolean isActive(Device device, CUdevice handle) {
        return Status.number(
                        active -> JCudaDriver.cuDevicePrimaryCtxGetState(handle, new int[1], active),
                        "cuDevicePrimaryCtxGetState on " + device.label())
                != 0;
    }

    /**
     * Opens the calling thread's current context, which stays its maker's: to be closed before that one is destroyed.
     *
     * @throws ElboException usage, if the thread has none; unavailable, if there is no driver
     */
    public static Context current() {
        Natives.requireDriver();
        Held lent = new Held();
        int code = Status.codeOf(() -> JCudaDriver.cuCtxGetCurrent(lent.handle));
        if (code == CUresult.CUDA_ERROR_NOT_INITIALIZED || code == 0 && Address.ofHandle(lent.handle) == 0) {
            throw ElboException.usage("no CUDA context is current in thread "
                    + Thread.currentThread().getName()
                    + "; make one (cuInit, cuCtxCreate), or make it current (cuCtxSetCurrent)");
        }
        Status.check(code, "cuCtxGetCurrent");
        return new Context(Device.current(), lent);
    }

    /** {@return whether a handle, as a number, is this context's} */
    public boolean is(long other) {
        return Address.ofHandle(held.handle) == other;
    }

    /**
     * Returns whether it is the calling thread's.
     *
     * @throws ElboException device, if the driver does not say
     */
    public boolean isCurrent() {
        CUcontext current = new CUcontext();
        check(() -> JCudaDriver.cuCtxGetCurrent(current), "cuCtxGetCurrent");
        return current.equals(held.handle);
    }

    /**
     * Returns whether a stream is one of this context's, which must be current.
     *
     * @throws ElboException device, if the driver tells something else than that
     */
    public boolean owns(CUstream stream) {
        CUcontext owner = new CUcontext();
        int code = Status.codeOf(() -> JCudaDriver.cuStreamGetCtx(stream, owner));
        if (code == CUresult.CUDA_ERROR_INVALID_HANDLE || code == CUresult.CUDA_ERROR_INVALID_CONTEXT) {
            return false;
        }
        check(code, "cuStreamGetCtx");
        return owner.equals(held.handle);
    }

    /**
     * Checks that a lent context was not destroyed by its maker, after a call on it has failed: some calls then answer
     * that a handle is not valid.
     *
     * @throws IllegalStateException if it was destroyed
     */
    public void requireThere() {
        if (held.retained != null) {
            return;
        }
        int code = Status.codeOf(pushing);
        if (code == CUresult.CUDA_SUCCESS) {
            // a driver may push what is not there any more
            CUdevice asked = new CUdevice();
            code = Status.codeOf(() -> JCudaDriver.cuCtxGetDevice(asked));
            Status.codeOf(popping);
        }
        if (NOT_THERE.contains(code)) {
            throw new IllegalStateException(
                    device.label() + ": the kernels' context was destroyed before they were closed; close them first");
        }
    }

    public Device device() {
        return device;
    }

    /** Makes it the calling thread's current context. */
    public void push() {
        requireAlive();
        check(pushing, "cuCtxPushCurrent");
    }

    /** Restores the context that the thread had before. */
    public void pop() {
        int code = Status.codeOf(popping);
        if (!isDead()) {
            check(code, "cuCtxPopCurrent");
        }
    }

    /** {@return the free bytes of the device, whichever process uses the rest} */
    public long freeMemory() {
        long[] free = new long[1];
        long[] total = new long[1];
        check(() -> JCudaDriver.cuMemGetInfo(free, total), "cuMemGetInfo");
        return free[0];
    }

    /** {@return the bytes of the device that this object's memory takes} */
    public long memory() {
        return resources.stream()
                .mapToLong(resource -> resource instanceof DeviceMemory memory ? memory.bytes() : 0)
                .sum();
    }

    /** {@return whether a fault of the device has ended it} */
    public boolean isDead() {
        return held.death != null;
    }

    void requireAlive() {
        if (held.death != null) {
            throw ElboException.device(held.death);
        }
        if (closed) {
            throw new IllegalStateException("the context of " + device.label() + " is closed");
        }
    }

    /**
     * Checks the code that a driver call returned.
     *
     * @param call the call and, where it matters, what it was about
     * @throws ElboException device, if it failed
     * @throws IllegalStateException if a lent context was destroyed
     */
    void check(int code, String call) {
        if (code != CUresult.CUDA_SUCCESS) {
            throw failure(code, call);
        }
    }

    void check(IntSupplier call, String name) {
        check(Status.codeOf(call), name);
    }

    ElboException failure(int code, String call) {
        if (NOT_THERE.contains(code)) {
            requireThere();
        }
        String line = device.label() + ": " + Status.describe(code, call);
        if (Status.isSticky(code)) {
            return ElboException.device(died(code, line, call));
        }
        return ElboException.device(line);
    }

    /** Marks it as dead and returns the reason, the first if there are several. */
    private String died(int code, String line, String call) {
        synchronized (held) {
            if (held.death == null) {
                held.death = code == CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED
                        ? line
                                + "; another part of this program has reset the device: close everything that uses it, and open"
                                + " it again"
                        : line + culprit(call)
                                + "; the device cannot be used again in this process: restart the process,"
                                + " and if the error returns, look for Xid in the kernel's log";
            }
            return held.death;
        }
    }

    /** Names the suspect: a fault that a call reports happened earlier, in any stream. */
    private String culprit(String call) {
        if (held.retained == null) {
            // the work of a lent context's owner is unknown here
            return ", of an earlier call or launch of this program";
        }
        return lastLaunch == null || call.contains(lastLaunch.toString()) ? "" : ", after " + lastLaunch;
    }

    /**
     * Returns the exception for a library's call that failed: it may be the first to report a fault of the device,
     * about which only the driver has details.
     *
     * @param line the failed call and its error
     */
    ElboException libraryFailure(String line) {
        int code = Status.codeOf(JCudaDriver::cuCtxSynchronize);
        return Status.isSticky(code)
                ? failure(code, line + ": cuCtxSynchronize")
                : ElboException.device(device.label() + ": " + line);
    }

    /** Makes it current in one of elbo's threads, until the thread ends, and returns the driver's code. */
    int enter() {
        return Status.codeOf(() -> JCudaDriver.cuCtxSetCurrent(held.handle));
    }

    /** Notes the last operation that the device was given: it is the first suspect of faults reported later. */
    void launched(Object operation) {
        lastLaunch = operation;
    }

    void adopt(Resource resource) {
        resources.add(resource);
    }

    void disown(Resource resource) {
        resources.remove(resource);
    }

    /**
     * Frees everything made in it, the last first. To be called while it is not current.
     *
     * @throws IllegalStateException if it was lent, and destroyed before: then there is nothing left to free
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        try {
            if (!isDead()) {
                closeResources();
            }
        } finally {
            closed = true;
            leave(held);
        }
    }

    private void closeResources() {
        RuntimeException first = null;
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
        if (first != null) {
            throw first;
        }
    }
}
