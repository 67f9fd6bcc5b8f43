package dev.elbo.cpu;

import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.noise.Noise;

/**
 * The noise of one operation, row by row.
 *
 * @param source what the operation was given
 * @param given the caller's values, or null to generate
 * @param clock the counters, or null with given values
 * @param batch examples
 * @param cols values of an example
 * @param words the generator's room, for each block
 */
record NoiseRows(NoiseSource source, Slice given, ClockView clock, int batch, int cols, int[][] words) {
    /** Elements between those of two blocks: threads that write to one line of the cache would wait for each other. */
    private static final int LINE = 16;

    /** With as many blocks as may run at the same time. */
    static NoiseRows of(NoiseSource source, int batch, int cols, int blocks) {
        return source.given() != null
                ? new NoiseRows(source, Slice.of(source.given()), null, batch, cols, null)
                : new NoiseRows(source, null, ClockView.of(source.clock()), batch, cols, new int[blocks][LINE]);
    }

    /** The normals of a sample of an example. */
    void normals(int block, int example, int sample, float[] out, int at) {
        if (given != null) {
            System.arraycopy(given.array(), given.row(sample * batch + example), out, at, cols);
        } else {
            Noise.normals(
                    source.seed(),
                    clock.get(Clock.STEP),
                    source.stream(),
                    clock.get(Clock.SAMPLE) + sample,
                    firstElement(example),
                    cols,
                    out,
                    at,
                    words[block]);
        }
    }

    /** The uniforms of an example. */
    void uniforms(int block, int example, float[] out) {
        if (given != null) {
            System.arraycopy(given.array(), given.row(example), out, 0, cols);
        } else {
            Noise.uniforms(
                    source.seed(),
                    clock.get(Clock.STEP),
                    source.stream(),
                    clock.get(Clock.SAMPLE),
                    firstElement(example),
                    cols,
                    out,
                    0,
                    words[block]);
        }
    }

    private long firstElement(int example) {
        long first = source.rowsOfData() ? clock.get(Clock.ROW) : 0;
        return (first + example) * cols;
    }
}
