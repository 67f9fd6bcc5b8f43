package dev.elbo.analysis.mixture;

import dev.elbo.error.ElboException;
import dev.elbo.io.Heap;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.util.Arrays;
import java.util.Comparator;

/**
 * A mixture of Gaussians, p(x) = Σ_c π_c N(x; μ_c, Σ_c), fitted by expectation maximisation (Dempster, Laird and Rubin 1977)
 * from a k-means++ start. Float64; the same rows and seed give the same bits on any number of threads.
 *
 * <p><b>Floor.</b> In units in which every column has variance 1, no component has a variance below {@value #FLOOR} in any
 * direction. Each step takes the best covariances that keep to it, so the likelihood rises all the same. A column counts as
 * having at least a millionth of the largest column's variance, and at least (1e-9 of its largest absolute value)², so that
 * constant columns do no harm.
 *
 * <p><b>Convergence.</b> A fit ends when a step raises the mean log-likelihood by less than {@value #TOLERANCE} nats a row,
 * or after {@value #MAX_STEPS} steps.
 *
 * <p><b>Fewer components.</b> Rows that are equal can start one component only, and a component that no row belongs to any
 * more is dropped: {@link #components} may be fewer than were asked for.
 */
public final class GaussianMixture {
    /** The least variance of a component, as a part of the column's. */
    public static final double FLOOR = 1e-6;
    /** Tolerance of convergence, in nats a row. */
    public static final double TOLERANCE = 1e-4;
    /** Steps of expectation maximisation at most. */
    public static final int MAX_STEPS = 500;

    /** Noise addresses of draws: words to choose components by, and normals. */
    private static final int CHOICE = 0;

    private static final int NORMALS = 1;

    private final Covariance covariance;
    private final double[] weights;
    final double[] logWeights;
    final MixtureComponent[] gaussians;
    private final double bic;

    /**
     * @param weights positive, of sum 1
     * @param bic of the rows that it was fitted to
     */
    GaussianMixture(Covariance covariance, double[] weights, MixtureComponent[] gaussians, double bic) {
        this.covariance = covariance;
        this.weights = weights;
        this.logWeights = Arrays.stream(weights).map(Math::log).toArray();
        this.gaussians = gaussians;
        this.bic = bic;
    }

    /**
     * {@return the mixture of the last step of a fit}
     *
     * @param rows n × d, row-major
     * @param n number of rows
     * @param d values of a row
     * @param components at most as many as this
     * @param covariance the form of the covariances
     * @param seed of the start
     * @param listener hears the likelihood of every step
     * @throws ElboException data, if a value is not finite
     * @throws IllegalArgumentException for counts that are not positive, or other than n · d values
     */
    public static GaussianMixture fit(
            double[] rows, int n, int d, int components, Covariance covariance, long seed, MixtureListener listener) {
        return new ExpectationMaximization(rows, n, d, covariance).fit(components, seed, listener);
    }

    /**
     * {@return the mixture with the least Bayesian information criterion, −2 log L + p log n for p free parameters
     * (Schwarz 1978), of one fit for each candidate number of components; of equals, the first}
     *
     * @param rows n × d, row-major
     * @param n number of rows
     * @param d values of a row
     * @param candidates numbers of components, at least one
     * @param covariance the form of the covariances
     * @param seed of the starts
     * @param listener hears the likelihood of every step of every fit
     * @throws ElboException data, if a value is not finite
     */
    public static GaussianMixture fitByBic(
            double[] rows, int n, int d, int[] candidates, Covariance covariance, long seed, MixtureListener listener) {
        ExpectationMaximization fits = new ExpectationMaximization(rows, n, d, covariance);
        return Arrays.stream(candidates)
                .mapToObj(components -> fits.fit(components, seed, listener))
                .min(Comparator.comparingDouble(GaussianMixture::bic))
                .orElseThrow(() -> new IllegalArgumentException("no candidate numbers of components"));
    }

    /** {@return number of components} */
    public int components() {
        return weights.length;
    }

    /** {@return d} */
    public int dimensions() {
        return gaussians[0].mean.length;
    }

    /** {@return the form of the covariances} */
    public Covariance covariance() {
        return covariance;
    }

    /** {@return the Bayesian information criterion on the rows that it was fitted to, in nats; less is better} */
    public double bic() {
        return bic;
    }

    /** {@return π, positive, of sum 1} */
    public double[] weights() {
        return weights.clone();
    }

    /** {@return μ, components × d} */
    public double[][] means() {
        return Arrays.stream(gaussians).map(g -> g.mean.clone()).toArray(double[][]::new);
    }

    /** {@return Σ, components × d × d} */
    public double[][][] covariances() {
        return Arrays.stream(gaussians).map(MixtureComponent::covariance).toArray(double[][][]::new);
    }

    /**
     * {@return log p(x), of one row}
     *
     * @param x d values
     */
    public double logDensity(double[] x) {
        return one(x).logDensity[0];
    }

    /**
     * {@return p(c given x) of every component c, of sum 1}
     *
     * @param x d values
     */
    public double[] responsibilities(double[] x) {
        return Arrays.stream(one(x).shares).mapToDouble(share -> share[0]).toArray();
    }

    private Expectation one(double[] x) {
        requireRow(x);
        Expectation one = new Expectation(this, 1);
        one.run(x, 0);
        return one;
    }

    private void requireRow(double[] x) {
        if (x.length != dimensions()) {
            throw new IllegalArgumentException("a row of " + x.length + " values, the mixture has " + dimensions());
        }
        for (double value : x) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("a row with the value " + value);
            }
        }
    }

    /**
     * {@return draws, count × d, row-major} Row i depends on the seed and i alone.
     *
     * @param count how many draws, N
     * @param seed of the draws
     */
    public double[] sample(int count, long seed) {
        int d = dimensions();
        if (count < 0) {
            throw new IllegalArgumentException(count + " draws");
        }
        if ((long) count * d > Heap.MAX_LENGTH) {
            throw ElboException.unavailable(count + " × " + d + " values are more than the " + Heap.MAX_LENGTH
                    + " of one array; take fewer rows");
        }
        double[] out = new double[count * d];
        double[] noise = new double[d];
        for (int i = 0; i < count; i++) {
            int c = choose(uniform(seed, CHOICE, i));
            Noise.normals(seed, 0, NoiseStream.MIXTURE, NORMALS, (long) i * d, d, noise, 0);
            gaussians[c].draw(noise, out, i * d);
        }
        return out;
    }

    private int choose(double uniform) {
        double sum = 0;
        for (int c = 0; c < weights.length - 1; c++) {
            sum += weights[c];
            if (uniform < sum) {
                return c;
            }
        }
        return weights.length - 1;
    }

    /** A uniform of 53 bits in [0, 1): elements 2i and 2i + 1 of the stream's {@code k}. */
    static double uniform(long seed, int k, long i) {
        int[] words = new int[2];
        Noise.words(seed, 0, NoiseStream.MIXTURE, k, 2 * i, 2, words, 0);
        return ((words[0] >>> 5) * 0x1p26 + (words[1] >>> 6)) * 0x1p-53;
    }
}
