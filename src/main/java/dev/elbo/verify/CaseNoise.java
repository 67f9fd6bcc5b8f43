package dev.elbo.verify;

import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.ElementType;

/** The source of noise of a case, with a clock whose counters are all different and not small. */
enum CaseNoise {
    GIVEN,
    PER_STEP,
    PER_EXAMPLE,
    SHARD;

    /** Both words of the key differ from zero and from each other. */
    static final long SEED = 0x1234_5678_9ABC_DEF1L;

    static final int STEP = 7;
    static final int ROW = 11;
    static final int SLOT = 2;
    static final int SAMPLE = 5;
    /** Place of a shard's first row in the batch: not the clock's row, and no multiple of four. */
    static final int FIRST_ROW = 19;

    /** Adds the clock, and the values {@code noise} where they are given. */
    void declare(OpCase.Builder c, int rows, int cols) {
        if (this == GIVEN) {
            c.normals("noise", rows, cols);
        }
        clock(c);
    }

    static void clock(OpCase.Builder c) {
        c.input("clock", ElementType.INT32, 1, Clock.SIZE, STEP, ROW, SLOT, SAMPLE);
    }

    NoiseSource source(NoiseStream stream, Arguments a) {
        return switch (this) {
            case GIVEN -> NoiseSource.given(a.get("noise"));
            case PER_STEP -> NoiseSource.perStep(SEED, stream, a.clock());
            case PER_EXAMPLE -> NoiseSource.perExample(SEED, stream, a.clock());
            case SHARD -> NoiseSource.perStep(SEED, stream, a.clock()).fromRow(FIRST_ROW);
        };
    }

    /** The normals of a latent layer in {@code rows} rows, for bounds: row k·B + b holds sample k of example b. */
    Grid normals(Values values, int rows) {
        if (this == GIVEN) {
            return values.in("noise");
        }
        int batch = values.in("mu").rows();
        int cols = values.in("mu").cols();
        int samples = rows / batch;
        double[] normals = new double[rows * cols];
        long first = (long) cols * (this == PER_EXAMPLE ? ROW : this == SHARD ? FIRST_ROW : 0);
        for (int k = 0; k < samples; k++) {
            Noise.normals(SEED, STEP, NoiseStream.LATENT, SAMPLE + k, first, batch * cols, normals, k * batch * cols);
        }
        return new Grid(rows, cols, normals);
    }

    @Override
    public String toString() {
        return switch (this) {
            case GIVEN -> "given noise";
            case PER_STEP -> "noise per step";
            case PER_EXAMPLE -> "noise per example";
            case SHARD -> "noise of a shard";
        };
    }
}
