package dev.elbo.analysis.mixture;

import dev.elbo.linalg.LinearGaussian;
import java.util.Arrays;

/** A component of a mixture, N(mean, L Lᵀ) in d dimensions, made for densities of many rows at once. */
final class MixtureComponent {
    final double[] mean;
    final double[][] lower;
    private final double logNorm;

    /** @param lower L's rows, laid out as {@link Covariance#triangle} says; the diagonal is positive */
    MixtureComponent(double[] mean, double[][] lower) {
        this.mean = mean;
        this.lower = lower;
        double norm = -0.5 * mean.length * LinearGaussian.LOG_2_PI;
        for (double[] row : lower) {
            norm -= Math.log(row[row.length - 1]);
        }
        this.logNorm = norm;
    }

    /**
     * log N(x) of several rows at once, side by side: one after the other, each operation would wait for the one before.
     *
     * @param columns d × rows
     * @param scratch d × rows, for L⁻¹ (x − mean)
     * @param out receives them
     */
    void logDensity(double[][] columns, double[][] scratch, double[] out) {
        Arrays.fill(out, 0);
        for (int i = 0; i < mean.length; i++) {
            double[] values = scratch[i];
            double[] row = lower[i];
            shift(values, columns[i], mean[i]);
            for (int k = 0; k < row.length - 1; k++) {
                subtract(values, row[k], scratch[k]);
            }
            scale(values, 1 / row[row.length - 1], out);
        }
        for (int b = 0; b < out.length; b++) {
            out[b] = logNorm - 0.5 * out[b];
        }
    }

    private static void shift(double[] values, double[] column, double mean) {
        for (int b = 0; b < values.length; b++) {
            values[b] = column[b] - mean;
        }
    }

    private static void subtract(double[] values, double factor, double[] others) {
        for (int b = 0; b < values.length; b++) {
            values[b] -= factor * others[b];
        }
    }

    private static void scale(double[] values, double factor, double[] squares) {
        for (int b = 0; b < values.length; b++) {
            values[b] *= factor;
            squares[b] += values[b] * values[b];
        }
    }

    /** mean + L noise, to {@code out} at {@code at}. */
    void draw(double[] noise, double[] out, int at) {
        for (int i = 0; i < mean.length; i++) {
            double value = mean[i];
            int first = i + 1 - lower[i].length;
            for (int k = first; k <= i; k++) {
                value += lower[i][k - first] * noise[k];
            }
            out[at + i] = value;
        }
    }

    /** The distribution of center + scale ⊙ x. */
    MixtureComponent affine(double[] center, double[] scale) {
        double[] moved = new double[mean.length];
        double[][] stretched = new double[mean.length][];
        Arrays.setAll(moved, i -> center[i] + scale[i] * mean[i]);
        Arrays.setAll(
                stretched,
                i -> Arrays.stream(lower[i]).map(value -> value * scale[i]).toArray());
        return new MixtureComponent(moved, stretched);
    }

    /** L Lᵀ, d × d. */
    double[][] covariance() {
        int d = mean.length;
        double[][] covariance = new double[d][d];
        for (int i = 0; i < d; i++) {
            int first = i + 1 - lower[i].length;
            for (int j = first; j <= i; j++) {
                for (int k = first; k <= j; k++) {
                    covariance[i][j] += lower[i][k - first] * lower[j][k - first];
                }
                covariance[j][i] = covariance[i][j];
            }
        }
        return covariance;
    }
}
