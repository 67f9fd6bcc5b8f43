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
 * @param firstRow place of the first row in the batch, of which the operation has a shard; 0 unless rows are numbered by it
 */
public record NoiseSource(Tensor given, long seed, NoiseStream stream, Clock clock, boolean rowsOfData, int firstRow) {
    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if the first row is negative, or above 0 where its place in the batch does not count
     */
    public NoiseSource {
        if (firstRow < 0 || firstRow > 0 && (given != null || rowsOfData)) {
            throw new IllegalArgumentException(
                    "firstRow is " + firstRow
                            + "; it must be at least 0, and 0 with given noise and where rows are numbered by their place in the data");
        }
    }

    /**
     * {@return noise made by the caller}
     *
     * @param values (samples · batch) × cols
     */
    public static NoiseSource given(Tensor values) {
        return new NoiseSource(values, 0, NoiseStream.LATENT, null, false, 0);
    }

    /**
     * {@return fresh noise every step, numbered by the row in the batch}
     *
     * @param seed key of the generator
     * @param stream one of the run's independent streams
     * @param clock the counters
     */
    public static NoiseSource perStep(long seed, NoiseStream stream, Clock clock) {
        return new NoiseSource(null, seed, stream, clock, false, 0);
    }

    /**
     * {@return noise that belongs to the row of the data}
     *
     * @param seed key of the generator
     * @param stream one of the run's independent streams
     * @param clock the counters
     */
    public static NoiseSource perExample(long seed, NoiseStream stream, Clock clock) {
        return new NoiseSource(null, seed, stream, clock, true, 0);
    }

    /**
     * {@return the same source for a shard of a batch, whose rows have the noise that they have in the batch}
     *
     * @param row place of the shard's first row in the batch; the source numbers rows by their place in the batch
     */
    public NoiseSource fromRow(int row) {
        return new NoiseSource(given, seed, stream, clock, rowsOfData, row);
    }
}
