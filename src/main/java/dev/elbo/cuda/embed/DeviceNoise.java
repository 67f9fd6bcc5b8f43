package dev.elbo.cuda.embed;

import dev.elbo.noise.NoiseStream;
import jcuda.driver.CUdeviceptr;

/**
 * A source of standard normals. Generated ones are Philox4x32-10 (Salmon et al. 2011) under the seed, counter (element
 * / 4, step, stream, sample), element = row · J + column, step and first sample from the clock: never stored, so the
 * backward pass generates the same again while the clock stands, and the same bits as on every backend.
 */
public final class DeviceNoise {
    /** Counters of a clock. */
    static final int CLOCK = 4;

    final CUdeviceptr given;
    /** 0: dense. */
    final long stride;

    final long seed;
    final NoiseStream stream;
    final CUdeviceptr clock;
    final boolean rowsOfData;

    private DeviceNoise(
            CUdeviceptr given, long stride, long seed, NoiseStream stream, CUdeviceptr clock, boolean rowsOfData) {
        this.given = given;
        this.stride = stride;
        this.seed = seed;
        this.stream = stream;
        this.clock = clock;
        this.rowsOfData = rowsOfData;
    }

    /**
     * {@return noise made by the caller: K·B × J, dense}
     *
     * @param values ε, read
     */
    public static DeviceNoise given(CUdeviceptr values) {
        return new DeviceNoise(
                Arguments.requireNonNull("noise", "values", values), 0, 0, NoiseStream.LATENT, null, false);
    }

    /**
     * {@return noise made by the caller: K·B × J}
     *
     * @param values ε, read
     * @param stride elements from one row to the next
     */
    public static DeviceNoise given(CUdeviceptr values, long stride) {
        if (stride < 1) {
            throw new IllegalArgumentException("noise: stride must be at least 1, not " + stride);
        }
        return new DeviceNoise(
                Arguments.requireNonNull("noise", "values", values), stride, 0, NoiseStream.LATENT, null, false);
    }

    /**
     * {@return noise of the step that the clock shows, as training draws it}
     *
     * @param seed key of the generator
     * @param clock {@code int[4]}, read
     */
    public static DeviceNoise generated(long seed, CUdeviceptr clock) {
        return generated(seed, NoiseStream.LATENT, clock, false);
    }

    /**
     * {@return noise of one of the independent streams of a seed}
     *
     * @param seed key of the generator
     * @param stream one of the independent streams
     * @param clock {@code int[4]}, read
     * @param rowsOfData whether a row is numbered by its place in the data, the clock's row + b, so that an example
     *     sees the same noise however the data are cut into batches, or by its place in the batch
     */
    public static DeviceNoise generated(long seed, NoiseStream stream, CUdeviceptr clock, boolean rowsOfData) {
        return new DeviceNoise(
                null,
                0,
                seed,
                Arguments.requireNonNull("noise", "stream", stream),
                Arguments.requireNonNull("noise", "clock", clock),
                rowsOfData);
    }
}
