package dev.elbo.linalg;

import java.util.Arrays;

/** A = L Lᵀ of a small symmetric positive definite matrix. */
public final class Cholesky {
    private final double[][] lower;

    /**
     * Factorises a matrix.
     *
     * @param a n × n, of which the lower triangle is read
     * @throws IllegalArgumentException if A is not positive definite
     */
    public Cholesky(double[][] a) {
        int n = a.length;
        lower = new double[n][];
        for (int i = 0; i < n; i++) {
            lower[i] = new double[i + 1];
            for (int j = 0; j <= i; j++) {
                double sum = a[i][j];
                for (int k = 0; k < j; k++) {
                    sum -= lower[i][k] * lower[j][k];
                }
                if (i == j && !(sum > 0)) {
                    throw new IllegalArgumentException("matrix is not positive definite at row " + i);
                }
                lower[i][j] = i == j ? Math.sqrt(sum) : sum / lower[j][j];
            }
        }
    }

    /** {@return the rows of L, each up to the diagonal} */
    public double[][] lower() {
        return Arrays.stream(lower).map(double[]::clone).toArray(double[][]::new);
    }

    /**
     * {@return A⁻¹ b}
     *
     * @param b n values
     */
    public double[] solve(double[] b) {
        int n = lower.length;
        double[] x = b.clone();
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < i; k++) {
                x[i] -= lower[i][k] * x[k];
            }
            x[i] /= lower[i][i];
        }
        for (int i = n - 1; i >= 0; i--) {
            for (int k = i + 1; k < n; k++) {
                x[i] -= lower[k][i] * x[k];
            }
            x[i] /= lower[i][i];
        }
        return x;
    }

    /** {@return log |A|} */
    public double logDeterminant() {
        double sum = 0;
        for (int i = 0; i < lower.length; i++) {
            sum += 2 * Math.log(lower[i][i]);
        }
        return sum;
    }
}
