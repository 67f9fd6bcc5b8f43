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
 */
record NoiseRows(NoiseSource source, Slice given, ClockView clock, int batch, int cols) {
    static NoiseRows of(NoiseSource source, int batch, int cols) {
        return source.given() != null
                ? new NoiseRows(source, Slice.of(source.given()), null, batch, cols)
                : new NoiseRows(source, null, ClockView.of(source.clock()), batch, cols);
    }

    /** The normals of a sample of an example. */
    void normals(int example, int sample, float[] out, int at) {
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
                    at);
        }
    }

    /** The uniforms of an example. */
    void uniforms(int example, float[] out) {
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
                    0);
        }
    }

    private long firstElement(int example) {
        long first = source.rowsOfData() ? clock.get(Clock.ROW) : 0;
        return (first + example) * cols;
    }
}
