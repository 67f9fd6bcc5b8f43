package dev.elbo.analysis.mixture;

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
     * log N(x).
     *
     * @param rows x is at {@code at}
     * @param scratch of d values, for L⁻¹ (x − mean)
     */
    double logDensity(double[] rows, int at, double[] scratch) {
        double square = 0;
        for (int i = 0, row = 0; i < mean.length; i++) {
            double value = rows[at + i] - mean[i];
            if (full) {
                for (int k = 0; k < i; k++) {
                    value -= lower[row + k] * scratch[k];
                }
                row += i;
            }
            value /= lower[full ? row++ : i];
            scratch[i] = value;
            square += value * value;
        }
        return logNorm - 0.5 * square;
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
