package dev.elbo.backend;

import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Tensor;

/**
 * The source of an operation's standard normals or uniforms. Generated noise is Philox4x32-10 under {@code seed},
 * counter (element / 4, step, stream, sample): element = row · cols + column, step and first sample from the clock. It
 * is never stored: a backward pass generates the same again.
 *
 * @param given the values to use instead, (samples · batch) × cols, or null to generate them
 * @param seed key of the generator
 * @param stream one of the run's independent streams
 * @param clock the counters, null with given noise
 * @param rowsOfData whether a row is numbered by its place in the data (clock's {@link Clock#ROW} + row), so that an
 *     example sees the same noise however the data are cut into batches, or by its place in the batch
 */
public record NoiseSource(Tensor given, long seed, NoiseStream stream, Clock clock, boolean rowsOfData) {
    /**
     * {@return noise made by the caller}
     *
     * @param values (samples · batch) × cols
     */
    public static NoiseSource given(Tensor values) {
        return new NoiseSource(values, 0, NoiseStream.LATENT, null, false);
    }

    /**
     * {@return fresh noise every step, numbered by the row in the batch}
     *
     * @param seed key of the generator
     * @param stream one of the run's independent streams
     * @param clock the counters
     */
    public static NoiseSource perStep(long seed, NoiseStream stream, Clock clock) {
        return new NoiseSource(null, seed, stream, clock, false);
    }

    /**
     * {@return noise that belongs to the row of the data}
     *
     * @param seed key of the generator
     * @param stream one of the run's independent streams
     * @param clock the counters
     */
    public static NoiseSource perExample(long seed, NoiseStream stream, Clock clock) {
        return new NoiseSource(null, seed, stream, clock, true);
    }
}
