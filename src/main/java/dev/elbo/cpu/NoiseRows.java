package dev.elbo.cpu;

import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.noise.Noise;
import dev.elbo.noise.PhiloxBlocks;

/**
 * The noise of one operation, row by row.
 *
 * @param source the source given to the operation
 * @param given the caller's values, or null to generate
 * @param clock the counters, or null with given values
 * @param batch examples
 * @param cols values of an example
 * @param philox the generator's memory, for each block of the operation
 */
record NoiseRows(NoiseSource source, Slice given, ClockView clock, int batch, int cols, PhiloxBlocks[] philox) {
    static NoiseRows of(NoiseSource source, int batch, int cols, Blocks blocks) {
        if (source.given() != null) {
            return new NoiseRows(source, Slice.of(source.given()), null, batch, cols, null);
        }
        PhiloxBlocks[] philox = new PhiloxBlocks[blocks.count()];
        for (int block = 0; block < philox.length; block++) {
            philox[block] = new PhiloxBlocks(blocks.size(block) * cols);
        }
        return new NoiseRows(source, null, ClockView.of(source.clock()), batch, cols, philox);
    }

    /** The normals of a sample of neighbouring examples, one after the other. */
    void normals(int block, int example, int count, int sample, float[] out, int at) {
        if (given != null) {
            for (int i = 0; i < count; i++) {
                System.arraycopy(given.array(), given.row(sample * batch + example + i), out, at + i * cols, cols);
            }
        } else {
            Noise.normals(
                    source.seed(),
                    clock.get(Clock.STEP),
                    source.stream(),
                    clock.get(Clock.SAMPLE) + sample,
                    firstElement(example),
                    count * cols,
                    out,
                    at,
                    philox[block]);
        }
    }

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
                    philox[block]);
        }
    }

    private long firstElement(int example) {
        long first = source.rowsOfData() ? clock.get(Clock.ROW) : source.firstRow();
        return (first + example) * cols;
    }
}
