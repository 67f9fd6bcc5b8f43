package dev.elbo.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import org.junit.jupiter.api.Test;

/** Closed forms of the distance between Gaussians, from samples. */
class FrechetTest {
    private static final int ROWS = 20_000;

    /** Normals with this mean and these deviations, mixed by a rotation if asked. */
    private static float[] rows(int seed, double mean, double[] sigma, boolean turned) {
        int cols = sigma.length;
        float[] rows = new float[ROWS * cols];
        Noise.normals(seed, 0, NoiseStream.SAMPLE, 0, 0, rows.length, rows, 0);
        for (int i = 0; i < rows.length; i += cols) {
            for (int j = 0; j < cols; j++) {
                rows[i + j] = (float) (mean + sigma[j] * rows[i + j]);
            }
            if (turned) {
                float a = rows[i];
                float b = rows[i + 1];
                rows[i] = 0.6f * a - 0.8f * b;
                rows[i + 1] = 0.8f * a + 0.6f * b;
            }
        }
        return rows;
    }

    @Test
    void equalRowsAreAtNoDistance() {
        float[] rows = rows(1, 3, new double[] {1, 2, 0.5}, true);
        assertEquals(0, Frechet.distance(rows, rows, 3), 1e-9);
        float[] again = rows(2, 3, new double[] {1, 2, 0.5}, true);
        assertTrue(Frechet.distance(rows, again, 3) < 0.01);
    }

    @Test
    void axesAddUp() {
        double[] first = {1, 2, 0};
        double[] second = {3, 2, 0.5};
        // Σ (Δμ² + (σ₁ − σ₂)²)
        double expected = 3 * 4 + 4 + 0 + 0.25;
        double distance = Frechet.distance(rows(1, 0, first, false), rows(2, 2, second, false), 3);
        assertEquals(expected, distance, 0.03 * expected);
    }

    @Test
    void aRotationOfBothChangesNothingAndOfOneDoes() {
        double[] sigma = {1, 3};
        double both = Frechet.distance(rows(1, 0, sigma, true), rows(2, 0, new double[] {2, 1}, true), 2);
        assertEquals(1 + 4, both, 0.1);
        // covariances diag(1, 9) and its turn by acos 0.6: eigenvalues of their product from trace and determinant
        double one = Frechet.distance(rows(1, 0, sigma, false), rows(2, 0, sigma, true), 2);
        double trace = 1 * (0.36 + 9 * 0.64) + 9 * (0.64 + 9 * 0.36);
        assertEquals(20 - 2 * Math.sqrt(trace + 2 * 9), one, 0.1);
    }
}
