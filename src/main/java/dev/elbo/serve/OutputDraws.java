package dev.elbo.serve;

import dev.elbo.analysis.OutputDistribution;

/**
 * Draws from p(x|z) where {@link VaeService} gives its means, see {@link OutputDistribution}: 0 or 1 of a Bernoulli
 * likelihood, mean + σ ε of a Gaussian one, in the unit of the examples and not clipped. They belong to the service and end
 * with it; calls take and throw what those of the service do, from any number of threads.
 *
 * <p>Row i of a call has the noise of the seed and of row i, whatever else is asked: the noise of {@code elbo sample --draw}
 * and {@code elbo reconstruct --draw} with that {@code --seed}.
 */
public final class OutputDraws {
    private final Decoder decoder;
    private final OutputDistribution distribution;
    private final long seed;

    OutputDraws(Decoder decoder, OutputDistribution distribution, long seed) {
        this.decoder = decoder;
        this.distribution = distribution;
        this.seed = seed;
    }

    private void draw(float[] means) {
        distribution.draw(means, 0, seed);
    }

    /**
     * A draw from each p(x|z).
     *
     * @param z codes, N × J
     * @return examples, N × D
     */
    public float[] decode(float[] z) {
        return decoder.decode(z, this::draw);
    }

    /**
     * {@link #decode(float[])}, an array a row.
     *
     * @param z N codes of J values
     * @return N examples of D values
     */
    public float[][] decode(float[][] z) {
        return decoder.decode(z, this::draw);
    }

    /**
     * A draw from each p(x|z) at the mean of q(z|x).
     *
     * @param x examples, N × D
     * @return examples, N × D
     */
    public float[] reconstruct(float[] x) {
        return decoder.reconstruct(x, this::draw);
    }

    /**
     * {@link #reconstruct(float[])} of float64, as {@link VaeService#reconstruct(double[])}.
     *
     * @param x examples, N × D
     * @return examples, N × D, with digits that float32 may not hold
     */
    public double[] reconstruct(double[] x) {
        return decoder.reconstruct(x, this::draw);
    }

    /**
     * {@link #reconstruct(float[])}, an array a row.
     *
     * @param x N examples of D values
     * @return N examples of D values
     */
    public float[][] reconstruct(float[][] x) {
        return decoder.reconstruct(x, this::draw);
    }

    /**
     * Examples from p(x) itself: a draw from p(x|z) at each of the codes of {@link VaeService#sample} with the same seed.
     *
     * @param count N, at least 1
     * @return examples, N × D
     */
    public float[] sample(int count) {
        return decoder.sample(count, seed, this::draw);
    }
}
