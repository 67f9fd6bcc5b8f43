package dev.elbo.bench;

import java.lang.management.ManagementFactory;

/** The host resources that the calling thread has used so far. */
record HostCost(double cpuSeconds, long allocatedBytes) {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    static HostCost now() {
        return new HostCost(
                THREADS.getCurrentThreadCpuTime() * 1e-9,
                THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()));
    }

    HostCost since(HostCost earlier) {
        return new HostCost(cpuSeconds - earlier.cpuSeconds, allocatedBytes - earlier.allocatedBytes);
    }
}
