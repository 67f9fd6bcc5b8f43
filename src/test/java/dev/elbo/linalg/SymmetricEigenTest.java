package dev.elbo.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SymmetricEigenTest {
    @Test
    void aKnownMatrix() {
        SymmetricEigen eigen = new SymmetricEigen(new double[][] {{2, 1}, {1, 2}});
        assertArrayEquals(new double[] {1, 3}, sorted(eigen), 1e-15);
        // the eigenvalue 1 belongs to (1, −1) / √2
        double[][] raised = eigen.map(value -> Math.max(value, 2));
        assertArrayEquals(new double[] {2.5, 0.5}, raised[0], 1e-15);
        assertArrayEquals(new double[] {0.5, 2.5}, raised[1], 1e-15);
    }

    @Test
    void nothingIsLostWhereNothingIsRaised() {
        Random random = new Random(1);
        for (int n : new int[] {1, 2, 5, 20, 60}) {
            double[][] a = new double[n][n];
            double trace = 0;
            for (int i = 0; i < n; i++) {
                for (int j = 0; j <= i; j++) {
                    a[i][j] = random.nextGaussian();
                    a[j][i] = a[i][j];
                }
                trace += a[i][i];
            }
            SymmetricEigen eigen = new SymmetricEigen(a);
            double[][] vectors = eigen.vectors();
            for (int k = 0; k < n; k++) {
                for (int i = 0; i < n; i++) {
                    double image = 0;
                    double product = 0;
                    for (int j = 0; j < n; j++) {
                        image += a[i][j] * vectors[j][k];
                        product += vectors[j][i] * vectors[j][k];
                    }
                    assertEquals(eigen.values()[k] * vectors[i][k], image, 1e-13 * n, "A v = λ v");
                    assertEquals(i == k ? 1 : 0, product, 1e-13 * n, "orthonormal");
                }
            }
            double[][] same = eigen.map(value -> value);
            for (int i = 0; i < n; i++) {
                assertArrayEquals(a[i], same[i], 1e-13 * n);
            }
            assertEquals(trace, Arrays.stream(eigen.values()).sum(), 1e-13 * n);
            double least = Math.max(0.5, sorted(eigen)[0]);
            assertEquals(least, sorted(new SymmetricEigen(eigen.map(value -> Math.max(value, 0.5))))[0], 1e-13 * n);
        }
    }

    @Test
    void zerosAndRepeatedValuesAreFine() {
        assertArrayEquals(new double[3], sorted(new SymmetricEigen(new double[3][3])));
        double[][] ones = new double[4][4];
        for (double[] row : ones) {
            Arrays.fill(row, 1e-200);
        }
        assertArrayEquals(new double[] {0, 0, 0, 4e-200}, sorted(new SymmetricEigen(ones)), 1e-214);
    }

    private static double[] sorted(SymmetricEigen eigen) {
        double[] values = eigen.values();
        Arrays.sort(values);
        return values;
    }
}
