package dev.elbo.analysis.mixture;

import java.util.Arrays;

/** N(mean, L Lᵀ) in d dimensions; where {@code lower} is a vector, L is diag(lower). */
final class Gaussian {
    private static final double LOG_2_PI = Math.log(2 * Math.PI);

    private final double[] mean;
    /** Row i of L is at i (i + 1) / 2; or L's diagonal. */
    private final double[] lower;

    private final boolean full;
    private final double logNorm;

    /** @param lower L's lower triangle, row by row, or its diagonal; the diagonal is positive */
    Gaussian(double[] mean, double[] lower, Covariance covariance) {
        this.mean = mean;
        this.lower = lower;
        this.full = covariance == Covariance.FULL;
        double norm = -0.5 * mean.length * LOG_2_PI;
        for (int i = 0; i < mean.length; i++) {
            norm -= Math.log(lower[diagonal(i)]);
        }
        this.logNorm = norm;
    }

    /** L of one dense matrix as {@link #Gaussian} takes it. */
    static double[] pack(double[][] matrix) {
        int d = matrix.length;
        double[] packed = new double[d * (d + 1) / 2];
        for (int i = 0, at = 0; i < d; i++, at += i) {
            System.arraycopy(matrix[i], 0, packed, at, i + 1);
        }
        return packed;
    }

    private int diagonal(int i) {
        return full ? i * (i + 1) / 2 + i : i;
    }

    double[] mean() {
        return mean;
    }

    double[] lower() {
        return lower;
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
        for (int i = 0, row = 0; i < mean.length; i++) {
            double[] values = scratch[i];
            shift(values, columns[i], mean[i]);
            if (full) {
                for (int k = 0; k < i; k++) {
                    subtract(values, lower[row + k], scratch[k]);
                }
                row += i;
            }
            scale(values, 1 / lower[full ? row++ : i], out);
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
    void draw(double[] noise, int from, double[] out, int at) {
        for (int i = 0, row = 0; i < mean.length; i++) {
            double value = mean[i];
            if (full) {
                for (int k = 0; k <= i; k++) {
                    value += lower[row + k] * noise[from + k];
                }
                row += i + 1;
            } else {
                value += lower[i] * noise[from + i];
            }
            out[at + i] = value;
        }
    }

    /** The distribution of center + scale ⊙ x. */
    Gaussian affine(double[] center, double[] scale) {
        int d = mean.length;
        double[] moved = new double[d];
        double[] stretched = lower.clone();
        for (int i = 0, row = 0; i < d; i++, row += i) {
            moved[i] = center[i] + scale[i] * mean[i];
            if (full) {
                for (int k = 0; k <= i; k++) {
                    stretched[row + k] *= scale[i];
                }
            } else {
                stretched[i] *= scale[i];
            }
        }
        return new Gaussian(moved, stretched, full ? Covariance.FULL : Covariance.DIAGONAL);
    }

    /** L Lᵀ, d × d. */
    double[][] covariance() {
        int d = mean.length;
        double[][] covariance = new double[d][d];
        for (int i = 0; i < d; i++) {
            if (!full) {
                covariance[i][i] = lower[i] * lower[i];
                continue;
            }
            for (int j = 0; j <= i; j++) {
                double sum = 0;
                for (int k = 0; k <= j; k++) {
                    sum += lower[i * (i + 1) / 2 + k] * lower[j * (j + 1) / 2 + k];
                }
                covariance[i][j] = sum;
                covariance[j][i] = sum;
            }
        }
        return covariance;
    }
}
