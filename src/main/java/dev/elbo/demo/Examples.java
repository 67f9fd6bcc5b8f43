package dev.elbo.demo;

import dev.elbo.data.Dataset;
import dev.elbo.linalg.SymmetricEigen;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.util.Arrays;

/** Synthetic rows; their values are float32 numbers, so that every backend sees the same. */
final class Examples {
    private static final double[][] CENTERS = {{-2, -1}, {2, -1}, {0, 2}};
    /** L of each component's covariance L Lᵀ. */
    private static final double[][][] FACTORS = {{{1, 0}, {0.6, 0.6}}, {{0.8, 0}, {-0.5, 1}}, {{1.4, 0}, {0, 0.6}}};

    private Examples() {}

    private static double[] normals(long seed, int k, int count) {
        double[] values = new double[count];
        Noise.normals(seed, 0, NoiseStream.SAMPLE, k, 0, count, values, 0);
        return values;
    }

    /** Draws normal rows whose covariance has these eigenvalues, up to sampling, in directions drawn from the seed. */
    static double[][] linear(long seed, int examples, double[] eigenvalues) {
        int d = eigenvalues.length;
        double[] entries = normals(seed, 0, d * d);
        double[][] symmetric = new double[d][d];
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < d; j++) {
                symmetric[i][j] = entries[i * d + j] + entries[j * d + i];
            }
        }
        double[][] directions = new SymmetricEigen(symmetric).vectors();
        double[] noise = normals(seed, 1, examples * d);
        double[][] rows = new double[examples][d];
        for (int row = 0; row < examples; row++) {
            for (int i = 0; i < d; i++) {
                double value = 0;
                for (int k = 0; k < d; k++) {
                    value += directions[i][k] * Math.sqrt(eigenvalues[k]) * noise[row * d + k];
                }
                rows[row][i] = (float) value;
            }
        }
        return rows;
    }

    /** Draws rows of two values in three overlapping clusters of equal size. */
    static double[][] clusters(long seed, int examples) {
        double[] noise = normals(seed, 2, 2 * examples);
        double[][] rows = new double[examples][2];
        for (int row = 0; row < examples; row++) {
            int c = row % CENTERS.length;
            for (int i = 0; i < 2; i++) {
                double[] factor = FACTORS[c][i];
                rows[row][i] = (float) (CENTERS[c][i] + factor[0] * noise[2 * row] + factor[1] * noise[2 * row + 1]);
            }
        }
        return rows;
    }

    static double[] flat(double[][] rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    static Dataset dataset(String name, double[][] rows) {
        double[] flat = flat(rows);
        float[] floats = new float[flat.length];
        for (int i = 0; i < flat.length; i++) {
            floats[i] = (float) flat[i];
        }
        return Dataset.of(name, floats, rows[0].length);
    }
}
