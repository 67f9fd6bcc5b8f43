package dev.elbo.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.linalg.LinearGaussian;
import dev.elbo.verify.Draw;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ProbabilisticPcaTest {
    private static final int N = 200;
    private static final int D = 5;

    /** Correlated rows around (1, 2, …). */
    private static double[] rows(int seed) {
        Draw draw = new Draw(seed);
        double[] mixing = draw.normal(D * D);
        double[] rows = new double[N * D];
        for (int row = 0; row < N; row++) {
            double[] noise = draw.normal(D);
            for (int i = 0; i < D; i++) {
                rows[row * D + i] = i + 1 + 0.5 * noise[i];
                for (int k = 0; k < 3; k++) {
                    rows[row * D + i] += mixing[i * D + k] * noise[k];
                }
            }
        }
        return rows;
    }

    private static double[] row(double[] rows, int row) {
        return Arrays.copyOfRange(rows, row * D, (row + 1) * D);
    }

    private static double meanLogDensity(LinearGaussian model, double[] rows) {
        double sum = 0;
        for (int row = 0; row < N; row++) {
            sum += model.logDensity(row(rows, row)) / N;
        }
        return sum;
    }

    @Test
    void axisAlignedRowsByHand() {
        double[] rows = {3, 0, 0, -3, 0, 0, 0, 2, 0, 0, -2, 0, 0, 0, 1, 0, 0, -1};
        ProbabilisticPca pca = ProbabilisticPca.fit(rows, 6, 3, 2);
        assertArrayEquals(new double[] {3, 4.0 / 3, 1.0 / 3}, pca.eigenvalues(), 1e-15);
        assertEquals(1.0 / 3, pca.variance(), 1e-15);
        assertEquals(2, pca.activeUnits());
        assertEquals(0.5 * Math.log(9), pca.kl(0), 1e-14);
        assertEquals(0.75, pca.activity(1), 1e-14);
        double[][] weight = pca.model().weight();
        assertEquals(Math.sqrt(8.0 / 3), Math.abs(weight[0][0]), 1e-14);
        assertEquals(1, Math.abs(weight[1][1]), 1e-14);
        ProbabilisticPca given = ProbabilisticPca.fit(rows, 6, 3, 3, 2);
        assertEquals(1, given.activeUnits());
        assertEquals(0, given.kl(1));
        assertEquals(0, given.activity(2));
        assertEquals(0, given.model().weight()[1][1]);
        assertEquals(0, ProbabilisticPca.fit(rows, 6, 3, 1, 10).activeUnits());
    }

    /** Through the eigenvalues, and through the covariance matrix WWᵀ + s²I. */
    @Test
    void twoWaysToTheDensity() {
        for (int seed = 0; seed < 10; seed++) {
            double[] rows = rows(seed);
            ProbabilisticPca pca = seed % 2 == 0
                    ? ProbabilisticPca.fit(rows, N, D, 1 + seed % 4)
                    : ProbabilisticPca.fit(rows, N, D, 1 + seed % 5, 0.7);
            LinearGaussian model = pca.model();
            for (int row = 0; row < 20; row++) {
                double[] x = row(rows, row);
                assertEquals(model.logDensity(x), pca.logDensity(x), 1e-12 * Math.abs(pca.logDensity(x)));
            }
            assertEquals(meanLogDensity(model, rows), pca.optimalElbo(), 1e-12 * Math.abs(pca.optimalElbo()));
        }
    }

    /** The posterior is diagonal, and as q it makes the ELBO log p(x); KL and activity are what the formulas say. */
    @Test
    void aDiagonalEncoderReachesTheOptimum() {
        double[] rows = rows(3);
        ProbabilisticPca pca = ProbabilisticPca.fit(rows, N, D, 4, 0.6);
        assertTrue(pca.activeUnits() > 0 && pca.activeUnits() < 4, "some of both: " + pca.activeUnits());
        LinearGaussian model = pca.model();
        double[][] covariance = model.posteriorCovariance();
        double[] variance = new double[4];
        for (int j = 0; j < 4; j++) {
            variance[j] = covariance[j][j];
            for (int k = 0; k < j; k++) {
                assertEquals(0, covariance[j][k], 1e-14);
            }
        }
        double elbo = 0;
        double[] kl = new double[4];
        double[] squares = new double[4];
        for (int row = 0; row < N; row++) {
            double[] x = row(rows, row);
            double[] mean = model.posteriorMean(x);
            elbo += model.elbo(x, mean, variance) / N;
            assertEquals(0, model.gap(x, mean, variance), 1e-13);
            for (int j = 0; j < 4; j++) {
                kl[j] += LinearGaussian.kl(new double[] {mean[j]}, new double[] {variance[j]}) / N;
                squares[j] += mean[j] * mean[j] / N;
            }
        }
        assertEquals(pca.optimalElbo(), elbo, 1e-12 * Math.abs(elbo));
        for (int j = 0; j < 4; j++) {
            assertEquals(pca.kl(j), kl[j], 1e-12);
            assertEquals(pca.activity(j), squares[j], 1e-12);
        }
    }

    /** Whatever is changed a little makes the rows less likely. */
    @Test
    void itIsTheMaximum() {
        double[] rows = rows(5);
        ProbabilisticPca pca = ProbabilisticPca.fit(rows, N, D, 2);
        double best = pca.optimalElbo();
        Draw draw = new Draw(1);
        for (int trial = 0; trial < 40; trial++) {
            double[][] weight = pca.model().weight();
            double[] mean = pca.model().mean();
            double[] change = draw.normal(3 * D + 1, 0, 0.02);
            for (int i = 0; i < D; i++) {
                weight[i][0] += change[i];
                weight[i][1] += change[D + i];
                mean[i] += change[2 * D + i];
            }
            LinearGaussian other = new LinearGaussian(weight, mean, pca.variance() * Math.exp(change[3 * D]));
            assertTrue(meanLogDensity(other, rows) < best, "trial " + trial);
        }
    }

    @Test
    void whatHasNoFitIsRefused() {
        double[] rows = rows(1);
        assertThrows(IllegalArgumentException.class, () -> ProbabilisticPca.fit(rows, N, D, D));
        assertThrows(IllegalArgumentException.class, () -> ProbabilisticPca.fit(rows, N, D, 0));
        assertThrows(IllegalArgumentException.class, () -> ProbabilisticPca.fit(rows, N, D + 1, 2));
        assertThrows(IllegalArgumentException.class, () -> ProbabilisticPca.fit(rows, N, D, 2, 0));
        double[] line = {1, 2, 2, 4, 3, 6};
        String message = assertThrows(IllegalArgumentException.class, () -> ProbabilisticPca.fit(line, 3, 2, 1))
                .getMessage();
        assertTrue(message.contains("take fewer latents, or give a variance"), message);
        assertEquals(1, ProbabilisticPca.fit(line, 3, 2, 1, 0.1).activeUnits());
        rows[7] = Double.NaN;
        assertThrows(IllegalArgumentException.class, () -> ProbabilisticPca.fit(rows, N, D, 2));
    }
}
