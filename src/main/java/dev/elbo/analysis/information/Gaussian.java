package dev.elbo.analysis.information;

import dev.elbo.linalg.Cholesky;
import dev.elbo.linalg.LinearGaussian;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.util.Arrays;

/** A Gaussian with a whole covariance matrix, by its Cholesky factor; n³ work once, n² for a density. */
public final class Gaussian {
    /** The largest difference between mirrored elements of a covariance, as a share of its largest element. */
    private static final double ASYMMETRY = 1e-9;

    private final double[] mean;
    private final double[][] covariance;
    private final Cholesky factor;

    /**
     * Factorises the covariance.
     *
     * @param mean n, kept without a copy
     * @param covariance n × n, kept without a copy
     * @throws IllegalArgumentException if the covariance is not n × n, symmetric and positive definite
     */
    public Gaussian(double[] mean, double[][] covariance) {
        double largest = 0;
        requireSize(mean.length, covariance.length);
        for (double[] row : covariance) {
            requireSize(mean.length, row.length);
            for (double value : row) {
                largest = Math.max(largest, Math.abs(value));
            }
        }
        for (int i = 0; i < mean.length; i++) {
            for (int j = 0; j < i; j++) {
                if (!(Math.abs(covariance[i][j] - covariance[j][i]) <= ASYMMETRY * largest)) {
                    throw new IllegalArgumentException("the covariance of components " + i + " and " + j + " is "
                            + covariance[i][j] + " and " + covariance[j][i]);
                }
            }
        }
        this.mean = mean;
        this.covariance = covariance;
        this.factor = new Cholesky(covariance);
    }

    static void requireSize(int expected, int actual) {
        if (actual != expected || expected == 0) {
            throw new IllegalArgumentException(actual + " components where there are " + expected);
        }
    }

    /** {@return D} */
    public int size() {
        return mean.length;
    }

    /**
     * {@return log N(x; mean, covariance)}
     *
     * @param x D values
     */
    public double logDensity(double[] x) {
        return -0.5 * (size() * LinearGaussian.LOG_2_PI + factor.logDeterminant() + square(x));
    }

    /** (x − mean)ᵀ covariance⁻¹ (x − mean). */
    private double square(double[] x) {
        requireSize(size(), x.length);
        double[] error = new double[size()];
        Arrays.setAll(error, i -> x[i] - mean[i]);
        double[] solved = factor.solve(error);
        double sum = 0;
        for (int i = 0; i < error.length; i++) {
            sum += error[i] * solved[i];
        }
        return sum;
    }

    /** tr(this covariance⁻¹ · a). */
    private double trace(double[][] a) {
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            int column = i;
            sum += factor.solve(Arrays.stream(a).mapToDouble(row -> row[column]).toArray())[i];
        }
        return sum;
    }

    /** {@return differential entropy ½ (n (1 + log 2π) + log |covariance|)} */
    public double entropy() {
        return 0.5 * (size() * (1 + LinearGaussian.LOG_2_PI) + factor.logDeterminant());
    }

    /**
     * {@return −E log q(x) over this}
     *
     * @param q of the same size
     */
    public double crossEntropy(Gaussian q) {
        requireSize(size(), q.size());
        return 0.5
                * (size() * LinearGaussian.LOG_2_PI + q.factor.logDeterminant() + q.trace(covariance) + q.square(mean));
    }

    /**
     * {@return KL(this ‖ q); 0 up to rounding for equal parameters, never negative}
     *
     * @param q of the same size
     */
    public double kl(Gaussian q) {
        requireSize(size(), q.size());
        double determinants = q.factor.logDeterminant() - factor.logDeterminant();
        return Math.max(0, 0.5 * (q.trace(covariance) - size() + q.square(mean) + determinants));
    }

    /**
     * {@return draws, a row each: mean + L ε, where ε are the normals of {@link NoiseStream#SAMPLE} at step 0}
     *
     * @param count how many, N
     * @param seed of the draws
     */
    public double[][] sample(int count, long seed) {
        double[][] lower = factor.lower();
        double[][] draws = new double[count][size()];
        double[] noise = new double[size()];
        for (int row = 0; row < count; row++) {
            Noise.normals(seed, 0, NoiseStream.SAMPLE, 0, (long) row * size(), size(), noise, 0);
            for (int i = 0; i < size(); i++) {
                double value = mean[i];
                for (int k = 0; k <= i; k++) {
                    value += lower[i][k] * noise[k];
                }
                draws[row][i] = value;
            }
        }
        return draws;
    }
}
