package dev.elbo.verify;

import dev.elbo.backend.Backend;
import dev.elbo.backend.NoiseSource;
import dev.elbo.error.Interruption;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Tensor;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/** A comparison of very many normals with the host's bits: steps, rows and samples that no small case reaches. */
public final class NormalSweep {
    private static final int COLS = 1024;
    private static final int MAX_ROWS = 4096;
    /** The rows that one thread of the host generates at a time. */
    private static final int ROWS_AT_A_TIME = 64;

    private static final int SAMPLES = 50;
    private static final int STEPS_APART = 9973;

    /**
     * The outcome of a comparison.
     *
     * @param compared number of normals
     * @param different number of those with other bits
     * @param first place and both values of the first difference; null if there is none
     */
    public record Result(long compared, long different, String first) {}

    private NormalSweep() {}

    /**
     * Compares normals of a backend with the host's.
     *
     * @param backend the backend under test
     * @param count number of normals, at least; whole rows of 1,024 are compared
     * @param progress receives the number of normals done
     * @return its outcome
     */
    public static Result run(Backend backend, long count, LongConsumer progress) {
        int rows = (int) Math.min(MAX_ROWS, (count - 1) / COLS + 1);
        float[] found = new float[rows * COLS];
        float[] expected = new float[found.length];
        long compared = 0;
        long different = 0;
        String first = null;
        try (Scratch scratch = new Scratch(backend)) {
            Tensor out = scratch.zeros(rows, COLS);
            for (int chunk = 0; compared < count; chunk++) {
                Interruption.throwIfInterrupted("the verification");
                int step = chunk * STEPS_APART;
                int row = chunk * MAX_ROWS;
                int sample = chunk % SAMPLES;
                NoiseSource noise =
                        NoiseSource.perExample(CaseNoise.SEED, NoiseStream.LATENT, scratch.clock(step, row, 0, sample));
                backend.ops().normal(noise, out);
                host(step, row, sample, expected);
                out.buffer().read(out.offset(), found, 0, found.length);
                for (int i = 0; i < found.length; i++) {
                    if (Float.floatToRawIntBits(found[i]) != Float.floatToRawIntBits(expected[i])) {
                        different++;
                        first = first != null ? first : place(step, row, sample, i, found[i], expected[i]);
                    }
                }
                compared += found.length;
                progress.accept(compared);
            }
        }
        return new Result(compared, different, first);
    }

    private static void host(int step, int row, int sample, float[] out) {
        int piece = ROWS_AT_A_TIME * COLS;
        IntStream.range(0, (out.length - 1) / piece + 1).parallel().forEach(i -> {
            int from = i * piece;
            long first = (long) row * COLS + from;
            int count = Math.min(piece, out.length - from);
            Noise.normals(CaseNoise.SEED, step, NoiseStream.LATENT, sample, first, count, out, from);
        });
    }

    private static String place(int step, int row, int sample, int element, float found, float expected) {
        return "step " + step + ", row " + (row + element / COLS) + ", column " + element % COLS + ", sample " + sample
                + ": " + found + ", not " + expected;
    }
}
