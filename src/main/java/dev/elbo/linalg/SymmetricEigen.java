package dev.elbo.linalg;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * A = V diag(λ) Vᵀ of a small symmetric matrix, by cyclic Jacobi rotations: accurate to rounding, n³ work a sweep (Golub and
 * Van Loan, "Matrix Computations", section 8.5).
 */
public final class SymmetricEigen {
    /** The most sweeps. Convergence is quadratic: matrices of hundreds of rows need about ten. */
    private static final int MAX_SWEEPS = 60;

    private final double[] values;
    private final double[][] vectors;

    /**
     * Decomposes a matrix.
     *
     * @param a n × n, symmetric and finite
     */
    public SymmetricEigen(double[][] a) {
        int n = a.length;
        double[][] s = new double[n][];
        vectors = new double[n][n];
        double norm = 0;
        for (int i = 0; i < n; i++) {
            s[i] = a[i].clone();
            vectors[i][i] = 1;
            for (double value : a[i]) {
                norm = Math.max(norm, Math.abs(value));
            }
        }
        boolean rotated = true;
        for (int sweep = 0; rotated && sweep < MAX_SWEEPS; sweep++) {
            rotated = false;
            for (int p = 0; p < n; p++) {
                for (int q = p + 1; q < n; q++) {
                    if (Math.abs(s[p][q]) > Math.ulp(norm)) {
                        rotate(s, p, q);
                        rotated = true;
                    }
                }
            }
        }
        values = new double[n];
        Arrays.setAll(values, i -> s[i][i]);
    }

    /** Makes the element at (p, q) zero, by the smaller of the two angles that do. */
    private void rotate(double[][] s, int p, int q) {
        double theta = (s[q][q] - s[p][p]) / (2 * s[p][q]);
        double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.hypot(theta, 1));
        double c = 1 / Math.hypot(t, 1);
        double sine = t * c;
        for (double[] row : s) {
            turn(row, p, q, c, sine);
        }
        for (int k = 0; k < s.length; k++) {
            double sp = s[p][k];
            double sq = s[q][k];
            s[p][k] = c * sp - sine * sq;
            s[q][k] = sine * sp + c * sq;
        }
        for (double[] row : vectors) {
            turn(row, p, q, c, sine);
        }
    }

    private static void turn(double[] row, int p, int q, double c, double sine) {
        double rp = row[p];
        double rq = row[q];
        row[p] = c * rp - sine * rq;
        row[q] = sine * rp + c * rq;
    }

    /** {@return V, whose column k has length 1 and belongs to the k-th of {@link #values}} */
    public double[][] vectors() {
        return Arrays.stream(vectors).map(double[]::clone).toArray(double[][]::new);
    }

    /** {@return λ, in no order} */
    public double[] values() {
        return values.clone();
    }

    /**
     * {@return the matrix of the same eigenvectors with {@code f(λ)} for every eigenvalue λ}
     *
     * @param f function of an eigenvalue
     */
    public double[][] map(DoubleUnaryOperator f) {
        int n = values.length;
        double[][] a = new double[n][n];
        for (int k = 0; k < n; k++) {
            double value = f.applyAsDouble(values[k]);
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    a[i][j] += value * vectors[i][k] * vectors[j][k];
                }
            }
        }
        return a;
    }
}
