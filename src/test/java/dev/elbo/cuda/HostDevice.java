package dev.elbo.cuda;

/** What a test asks of the host CUDA device and tells it; the other side is {@code native/driver/control.cpp}. */
final class HostDevice {
    private HostDevice() {}

    /**
     * Makes a call of the driver or of a library over it fail on its n-th use from now on. Errors that a device does not
     * survive (700, 714 to 719) kill the current context.
     *
     * @param function its name, with or without {@code _v2}; null: any
     * @param n 1 is the next use
     * @param error the {@code CUresult}
     * @param forGood every later use fails too, else only the n-th
     */
    static native void failCall(String function, long n, int error, boolean forGood);

    static native void clearFailures();

    /** How often {@code function} (null: any) was called, made to fail or not. */
    static native long calls(String function);

    /**
     * How many objects have not been given back. What a context leaves behind when it is destroyed still counts, unless it
     * died of an error.
     *
     * @param kind "allocation", "pinned", "module", "stream", "event", "graph", "graphExec", "context", "blas"; null: all
     */
    static native long live(String kind);

    /** "2 allocations, 1 stream", or "". */
    static native String liveReport();

    /** How many launches of {@code kernel} (null: all kernels and library calls) have run. */
    static native long launches(String kernel);

    /** The seed of all random choices from now on. */
    static native void schedule(long seed);

    /**
     * Whether kernels run with every access checked, or plain and many times faster. Plain, reads of what nobody wrote are
     * not reported either.
     */
    static native void checked(boolean accesses);

    /**
     * What the machine has, from now on; it overrides the environment's ELBO_HOST_CUDA, and {@link #reset} restores that.
     *
     * @param memory in bytes
     * @param driverVersion as the driver reports it: 13000 is 13.0
     */
    static native void device(int count, int capabilityMajor, int capabilityMinor, long memory, int driverVersion);

    /** The full text of the last fault, or null. */
    static native String lastFault();

    /**
     * Forgets contexts, objects, errors, counts, failures and settings. Handles from before are invalid; the driver stays
     * initialised.
     */
    static native void reset();
}
