package dev.elbo.analysis;

import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.noise.PhiloxBlocks;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Sampling importance resampling (Rubin 1987) of one example: every draw takes one of the samples with the probability of its
 * weight, then x from p(x|z) of that sample. A draw takes the sample whose log w + Gumbel noise is the largest (Gumbel's maximum),
 * so that samples may come in any pieces. The noise is −log(−log u), u of the stream {@link NoiseStream#RESAMPLE}, element = row·K +
 * sample, k = the draw.
 */
final class Resampling {
    private final OutputDistribution outputs;
    private final int samples;
    private final long seed;
    private final double[] largest;
    private final float[][] means;

    /**
     * @param outputs draws from p(x|z)
     * @param features D
     * @param samples K
     */
    Resampling(OutputDistribution outputs, int features, int samples, int draws, long seed) {
        this.outputs = outputs;
        this.samples = samples;
        this.seed = seed;
        this.largest = new double[draws];
        this.means = new float[draws][features];
    }

    /** Begins an example without samples. */
    void begin() {
        Arrays.fill(largest, Double.NEGATIVE_INFINITY);
    }

    /**
     * Adds samples.
     *
     * @param row of the example
     * @param first number of the first one
     * @param logWeights of as many as there are
     * @param sampleMeans of p(x|z) of at least as many, one behind the other
     */
    void add(int row, int first, double[] logWeights, double[] sampleMeans) {
        IntStream.range(0, means.length).parallel().forEach(draw -> {
            int best = choose(row, first, logWeights, draw);
            for (int d = 0; best >= 0 && d < means[draw].length; d++) {
                means[draw][d] = (float) sampleMeans[best * means[draw].length + d];
            }
        });
    }

    /** Returns the sample that a draw takes instead of its last one; −1 if none. */
    private int choose(int row, int first, double[] logWeights, int draw) {
        int count = logWeights.length;
        float[] uniforms = new float[count];
        long element = (long) row * samples + first;
        Noise.uniforms(seed, 0, NoiseStream.RESAMPLE, draw, element, count, uniforms, 0, new PhiloxBlocks(count));
        int best = -1;
        for (int k = 0; k < count; k++) {
            double noisy = logWeights[k] - StrictMath.log(-StrictMath.log(uniforms[k]));
            if (noisy > largest[draw]) {
                largest[draw] = noisy;
                best = k;
            }
        }
        return best;
    }

    /**
     * Returns the draws of all places, in the unit of the model; NaN where a value is observed.
     *
     * @param row of the example
     * @param example its values, NaN where they are missing
     */
    float[][] draws(int row, float[] example) {
        IntStream.range(0, means.length).parallel().forEach(draw -> {
            for (int d = 0; d < example.length; d++) {
                means[draw][d] = Float.isNaN(example[d]) ? means[draw][d] : Float.NaN;
            }
            outputs.draw(means[draw], row, draw, seed);
        });
        return means;
    }
}
