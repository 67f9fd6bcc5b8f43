package dev.elbo.serve;

import dev.elbo.analysis.OutputDistribution;

/**
 * Draws from p(x|z), in place of the means of {@link VaeService}, see {@link OutputDistribution}: 0 or 1 of a Bernoulli
 * likelihood, mean + σ ε of a Gaussian one, in the unit of the examples and not clipped. They belong to the service and
 * end with it; calls take and throw what those of the service do, from any number of threads.
 *
 * <p>Row i of a call has the noise of the seed and of row i, whatever else is asked: the noise of {@code elbo sample --draw}
 * and {@code elbo reconstruct --draw} with that {@code --seed}.
 */
public final class OutputDraws {
    private final Codec codec;
    private final OutputDistribution distribution;
    private final long seed;

    OutputDraws(Codec codec, OutputDistribution distribution, long seed) {
        this.codec = codec;
        this.distribution = distribution;
        this.seed = seed;
    }

    private void draw(float[] means) {
        distribution.draw(means, 0, seed);
    }

    /**
     * Draws from each p(x|z).
     *
     * @param z codes, N × J
     * @return examples, N × D
     */
    public float[] decode(float[] z) {
        return codec.decode(z, this::draw);
    }

    /**
     * Does {@link #decode(float[])} with an array for each row.
     *
     * @param z N codes of J values
     * @return N examples of D values
     */
    public float[][] decode(float[][] z) {
        return codec.decode(z, this::draw);
    }

    /**
     * Draws from each p(x|z) at the mean of q(z|x).
     *
     * @param x examples, N × D
     * @return examples, N × D
     */
    public float[] reconstruct(float[] x) {
        return codec.reconstruct(x, this::draw);
    }

    /**
     * Does {@link #reconstruct(float[])} for float64, as {@link VaeService#reconstruct(double[])} does.
     *
     * @param x examples, N × D
     * @return examples, N × D, with digits that float32 may not hold
     */
    public double[] reconstruct(double[] x) {
        return codec.reconstruct(x, this::draw);
    }

    /**
     * Does {@link #reconstruct(float[])} with an array for each row.
     *
     * @param x N examples of D values
     * @return N examples of D values
     */
    public float[][] reconstruct(float[][] x) {
        return codec.reconstruct(x, this::draw);
    }

    /**
     * Draws examples from p(x): one from p(x|z) at each of the codes of {@link VaeService#sample} with the same seed.
     *
     * @param count N, at least 1
     * @return examples, N × D
     */
    public float[] sample(int count) {
        return codec.sample(count, seed, this::draw);
    }
}
