package dev.elbo.analysis.information;

import dev.elbo.linalg.LinearGaussian;
import java.util.Arrays;

/**
 * A Gaussian with independent components, as an encoder's q(z|x) is. Arrays are kept without copies.
 *
 * @param mean finite
 * @param variance above 0 and finite, as many
 */
public record DiagonalGaussian(double[] mean, double[] variance) {
    public DiagonalGaussian {
        if (mean.length == 0 || mean.length != variance.length) {
            throw new IllegalArgumentException(mean.length + " means and " + variance.length + " variances");
        }
        for (int i = 0; i < mean.length; i++) {
            if (!Double.isFinite(mean[i]) || !(variance[i] > 0) || Double.isInfinite(variance[i])) {
                throw new IllegalArgumentException(
                        "component " + i + " has the mean " + mean[i] + " and the variance " + variance[i]);
            }
        }
    }

    /**
     * {@return N(0, I)}
     *
     * @param size D
     */
    public static DiagonalGaussian standard(int size) {
        double[] ones = new double[size];
        Arrays.fill(ones, 1);
        return new DiagonalGaussian(new double[size], ones);
    }

    /** {@return D} */
    public int size() {
        return mean.length;
    }

    /** {@return the same with a whole covariance matrix} */
    public Gaussian full() {
        double[][] covariance = new double[size()][size()];
        for (int i = 0; i < size(); i++) {
            covariance[i][i] = variance[i];
        }
        return new Gaussian(mean, covariance);
    }

    /**
     * {@return log N(x; mean, variance)}
     *
     * @param x D values
     */
    public double logDensity(double[] x) {
        Gaussian.requireSize(size(), x.length);
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            double error = x[i] - mean[i];
            sum -= 0.5 * (LinearGaussian.LOG_2_PI + Math.log(variance[i]) + error * error / variance[i]);
        }
        return sum;
    }

    /** {@return differential entropy ½ Σ (1 + log 2πv); unlike that of discrete distributions it may be negative} */
    public double entropy() {
        double sum = 0;
        for (double v : variance) {
            sum += 0.5 * (1 + LinearGaussian.LOG_2_PI + Math.log(v));
        }
        return sum;
    }

    /**
     * {@return −E log q(x) over this}
     *
     * @param q of the same size
     */
    public double crossEntropy(DiagonalGaussian q) {
        Gaussian.requireSize(size(), q.size());
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            double error = mean[i] - q.mean[i];
            double v = q.variance[i];
            sum += 0.5 * (LinearGaussian.LOG_2_PI + Math.log(v) + (variance[i] + error * error) / v);
        }
        return sum;
    }

    /**
     * {@return KL(this ‖ q): never negative, exactly 0 for equal parameters}
     *
     * @param q of the same size
     */
    public double kl(DiagonalGaussian q) {
        Gaussian.requireSize(size(), q.size());
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            double error = mean[i] - q.mean[i];
            double spread = excess(variance[i], q.variance[i]);
            sum += 0.5 * (error * error / q.variance[i] + spread);
        }
        return sum;
    }

    /** a/b − 1 − log a/b: 0 at a = b, near which the textbook form keeps no digit, else above. */
    private static double excess(double a, double b) {
        double d = (a - b) / b;
        return Math.max(0, Math.abs(d) < 0.5 ? d - Math.log1p(d) : d - (Math.log(a) - Math.log(b)));
    }
}
