package dev.elbo.bench;

import dev.elbo.backend.Backend;

/**
 * Settings of a measurement.
 *
 * @param rule end of a measurement
 * @param warmUp seconds before anything is written down: the host's code is compiled, the device's clocks go up
 * @param bytes moved by operations at large sizes
 * @param flush bytes of a copy that leaves nothing else in any cache
 * @param product side of the square product that gives the rate
 */
public record BenchSettings(StoppingRule rule, double warmUp, long bytes, long flush, int product) {
    /** Twice the size of the largest cache of today's devices. */
    private static final long FLUSH = 256L << 20;

    private static final double WARM_UP = 0.1;
    private static final long LARGE = 2L << 30;
    /** Parts of the free memory: an operation at a large size takes up to one and a half times what it moves. */
    private static final int PARTS = 4;

    private static final long LARGE_ON_HOST = 256L << 20;
    private static final int PRODUCT = 4096;
    private static final int PRODUCT_ON_HOST = 1024;
    private static final long MIN_BYTES = 1 << 12;

    /** Settings of smoke tests, which run everything. */
    private static final BenchSettings REHEARSAL =
            new BenchSettings(new StoppingRule(0.005, 0, 3), 0, 1 << 16, 1 << 12, 64);

    private static final long QUICK_BYTES = 16L << 20;
    private static final StoppingRule QUICK = new StoppingRule(0.02, 0.08, 3);
    private static final double QUICK_WARM_UP = 0.03;

    public BenchSettings {
        if (bytes < MIN_BYTES || flush < Float.BYTES || product < 1) {
            throw new IllegalArgumentException("bytes must be at least " + MIN_BYTES + ", not " + bytes);
        }
    }

    /** Returns settings that measure rates to a few percent in well under a second, with little memory. */
    static BenchSettings quick(boolean usesDeviceClock) {
        if (SmokeTest.isOn()) {
            return REHEARSAL;
        }
        long bytes = usesDeviceClock ? FLUSH : QUICK_BYTES;
        return new BenchSettings(QUICK, QUICK_WARM_UP, bytes, bytes, usesDeviceClock ? PRODUCT : PRODUCT_ON_HOST);
    }

    /** Returns settings that move {@code bytes}; 0: at least 1 GiB of operands if the backend's memory allows. */
    public static BenchSettings of(Backend backend, long bytes, boolean usesDeviceClock) {
        if (SmokeTest.isOn() && bytes == 0) {
            return REHEARSAL;
        }
        long chosen = bytes != 0
                ? bytes
                : usesDeviceClock ? Math.max(MIN_BYTES, Math.min(LARGE, backend.freeMemory() / PARTS)) : LARGE_ON_HOST;
        return new BenchSettings(
                StoppingRule.DEFAULT, WARM_UP, chosen, FLUSH, usesDeviceClock ? PRODUCT : PRODUCT_ON_HOST);
    }
}
