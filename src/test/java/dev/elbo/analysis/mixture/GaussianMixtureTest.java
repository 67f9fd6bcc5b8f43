package dev.elbo.analysis.mixture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import dev.elbo.linalg.Cholesky;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Expectation maximisation against mixtures that are known, and on rows that have no density. */
class GaussianMixtureTest {
    private static final double[] WEIGHTS = {0.5, 0.3, 0.2};
    private static final double[][] MEANS = {{0, 0, 100}, {5, -1, 100}, {-3, 4, 103}};
    private static final double[][][] COVARIANCES = {
        {{1, 0.6, 0}, {0.6, 1, 0.2}, {0, 0.2, 0.5}},
        {{0.3, -0.1, 0}, {-0.1, 0.8, 0}, {0, 0, 0.2}},
        {{0.5, 0, 0.3}, {0, 0.4, 0}, {0.3, 0, 0.6}}
    };

    private static GaussianMixture truth(Covariance covariance) {
        MixtureComponent[] gaussians = new MixtureComponent[3];
        Arrays.setAll(gaussians, c -> {
            double[][] deviations = new double[3][];
            Arrays.setAll(deviations, i -> new double[] {Math.sqrt(COVARIANCES[c][i][i])});
            return new MixtureComponent(
                    MEANS[c], covariance == Covariance.FULL ? new Cholesky(COVARIANCES[c]).lower() : deviations);
        });
        return new GaussianMixture(covariance, WEIGHTS, gaussians, Double.NaN);
    }

    /** Hears that the likelihood never falls by more than rounding, 1e-16 times the largest condition, 1e6, and the dimensions. */
    private static final class Monotone implements MixtureListener {
        private final List<Double> values = new ArrayList<>();

        @Override
        public void onStep(int components, int step, double value) {
            if (step > 0) {
                double before = values.get(values.size() - 1);
                assertTrue(
                        value >= before - 1e-9 * Math.max(1, Math.abs(before)),
                        "step " + step + ": " + before + " to " + value);
            }
            values.add(value);
        }
    }

    private static double[] normals(int seed, int count) {
        double[] values = new double[count];
        Noise.normals(seed, 0, NoiseStream.SAMPLE, 0, 0, count, values, 0);
        return values;
    }

    @ParameterizedTest
    @EnumSource
    void aKnownMixtureIsRecovered(Covariance covariance) {
        int n = 20_000;
        GaussianMixture truth = truth(covariance);
        double[] rows = truth.sample(n, 7);
        GaussianMixture found = GaussianMixture.fit(rows, n, 3, 3, covariance, 0, new Monotone());
        assertEquals(3, found.components());
        double[][][] expected = truth.covariances();
        for (int c = 0; c < 3; c++) {
            int match = nearest(found.means(), MEANS[c]);
            // the standard error of a mean of variance 1 over n π rows is 1 / √(n π), at most 0.016; of a variance √2
            // times that
            double error = 4 / Math.sqrt(n * WEIGHTS[c]);
            assertEquals(WEIGHTS[c], found.weights()[match], 4 * 0.5 / Math.sqrt(n));
            for (int i = 0; i < 3; i++) {
                assertEquals(MEANS[c][i], found.means()[match][i], error);
                for (int j = 0; j < 3; j++) {
                    assertEquals(expected[c][i][j], found.covariances()[match][i][j], 1.5 * error);
                }
            }
        }
    }

    private static int nearest(double[][] means, double[] mean) {
        int nearest = 0;
        for (int c = 1; c < means.length; c++) {
            if (distance(means[c], mean) < distance(means[nearest], mean)) {
                nearest = c;
            }
        }
        return nearest;
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return sum;
    }

    /** One component is the mean and the covariance of the rows, whatever the units. */
    @ParameterizedTest
    @CsvSource({"1,0", "1e-8,0", "1e9,0", "1,1e7"})
    void oneComponentIsMeanAndCovariance(double unit, double offset) {
        int n = 500;
        double[] z = normals(3, 2 * n);
        double[] rows = new double[2 * n];
        double[] sums = new double[5];
        for (int i = 0; i < n; i++) {
            double a = z[2 * i];
            double b = 0.8 * a + 0.3 * z[2 * i + 1];
            rows[2 * i] = offset + unit * a;
            rows[2 * i + 1] = 3 * unit * b;
            double[] terms = {a, 3 * b, a * a, 3 * a * b, 9 * b * b};
            for (int k = 0; k < 5; k++) {
                sums[k] += terms[k] / n;
            }
        }
        GaussianMixture found = GaussianMixture.fit(rows, n, 2, 1, Covariance.FULL, 0, new Monotone());
        double[][] covariance = found.covariances()[0];
        double tolerance = 1e-7 * unit * unit;
        assertEquals(offset + unit * sums[0], found.means()[0][0], 1e-8 * unit);
        assertEquals(unit * sums[1], found.means()[0][1], 1e-9 * unit);
        assertEquals(unit * unit * (sums[2] - sums[0] * sums[0]), covariance[0][0], tolerance);
        assertEquals(unit * unit * (sums[3] - sums[0] * sums[1]), covariance[1][0], tolerance);
        assertEquals(unit * unit * (sums[4] - sums[1] * sums[1]), covariance[1][1], tolerance);
        assertArrayEquals(new double[] {1}, found.weights());
    }

    @Test
    void densityAndResponsibilitiesAreThoseOfTheFormula() {
        GaussianMixture mixture = truth(Covariance.FULL);
        double[] x = {1, 0.5, 101};
        double[] joint = new double[3];
        for (int c = 0; c < 3; c++) {
            Cholesky cholesky = new Cholesky(COVARIANCES[c]);
            double[] error = {x[0] - MEANS[c][0], x[1] - MEANS[c][1], x[2] - MEANS[c][2]};
            double[] solved = cholesky.solve(error);
            double square = 0;
            for (int i = 0; i < 3; i++) {
                square += error[i] * solved[i];
            }
            joint[c] = WEIGHTS[c] * Math.exp(-0.5 * (3 * Math.log(2 * Math.PI) + cholesky.logDeterminant() + square));
        }
        double sum = Arrays.stream(joint).sum();
        assertEquals(Math.log(sum), mixture.logDensity(x), 1e-12);
        double[] responsibilities = mixture.responsibilities(x);
        for (int c = 0; c < 3; c++) {
            assertEquals(joint[c] / sum, responsibilities[c], 1e-12);
        }
        double[] far = {1e6, 0, 0};
        assertTrue(Double.isFinite(mixture.logDensity(far)));
        assertEquals(1, Arrays.stream(mixture.responsibilities(far)).sum(), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> mixture.logDensity(new double[2]));
        assertThrows(IllegalArgumentException.class, () -> mixture.responsibilities(new double[] {0, Double.NaN, 0}));
    }

    @ParameterizedTest
    @EnumSource
    void bicPicksTheTrueNumber(Covariance covariance) {
        int n = 3000;
        double[] rows = truth(covariance).sample(n, 11);
        GaussianMixture found =
                GaussianMixture.fitByBic(rows, n, 3, new int[] {1, 2, 3, 4, 6}, covariance, 1, new Monotone());
        assertEquals(3, found.components());
        double mean = 0;
        for (int i = 0; i < n; i++) {
            mean += found.logDensity(Arrays.copyOfRange(rows, 3 * i, 3 * i + 3)) / n;
        }
        int parameters = covariance == Covariance.FULL ? 2 + 9 + 18 : 2 + 9 + 9;
        assertEquals(-2 * n * mean + parameters * Math.log(n), found.bic(), 1e-6);
        assertThrows(
                IllegalArgumentException.class,
                () -> GaussianMixture.fitByBic(rows, n, 3, new int[0], covariance, 1, MixtureListener.NONE));
    }

    @Test
    void theLikelihoodRisesWhereTheFloorHolds() {
        // a plane in three dimensions, points on a line, and one far point: floors in directions that are no axes
        int n = 600;
        double[] z = normals(9, 2 * n);
        double[] rows = new double[3 * n];
        for (int i = 0; i < n; i++) {
            double a = z[2 * i];
            double b = i % 3 == 0 ? a : z[2 * i + 1];
            rows[3 * i] = a + b;
            rows[3 * i + 1] = a - b;
            rows[3 * i + 2] = i == 5 ? 50 : 2 * a;
        }
        for (Covariance covariance : Covariance.values()) {
            for (int seed = 0; seed < 5; seed++) {
                Monotone listener = new Monotone();
                GaussianMixture found = GaussianMixture.fit(rows, n, 3, 7, covariance, seed, listener);
                assertTrue(listener.values.size() > 3);
                double[] mean = found.means()[0];
                assertTrue(Double.isFinite(found.logDensity(mean)));
            }
        }
    }

    /** Rows of a plane: the covariance is theirs, and the floor in the direction that they lack. */
    @Test
    void theFloorIsWhereThereIsNoVarianceAndNowhereElse() {
        int n = 500;
        double[] z = normals(9, 2 * n);
        double[] rows = new double[3 * n];
        for (int i = 0; i < n; i++) {
            rows[3 * i] = z[2 * i] + z[2 * i + 1];
            rows[3 * i + 1] = z[2 * i] - 0.5 * z[2 * i + 1];
            rows[3 * i + 2] = rows[3 * i] + rows[3 * i + 1];
        }
        double[] mean = new double[3];
        double[][] covariance = new double[3][3];
        for (int i = 0; i < 3 * n; i++) {
            mean[i % 3] += rows[i] / n;
        }
        for (int i = 0; i < n; i++) {
            for (int a = 0; a < 3; a++) {
                for (int b = 0; b < 3; b++) {
                    covariance[a][b] += (rows[3 * i + a] - mean[a]) * (rows[3 * i + b] - mean[b]) / n;
                }
            }
        }
        double[] s = new double[3];
        Arrays.setAll(s, a -> Math.sqrt(covariance[a][a]));
        // in units of the deviations, what the rows lack is s, the third with the other sign
        double norm = s[0] * s[0] + s[1] * s[1] + s[2] * s[2];
        double[] lacking = {s[0], s[1], -s[2]};
        double[][] found = GaussianMixture.fit(rows, n, 3, 1, Covariance.FULL, 0, new Monotone())
                .covariances()[0];
        for (int a = 0; a < 3; a++) {
            for (int b = 0; b < 3; b++) {
                double expected = covariance[a][b] / (s[a] * s[b]) + 1e-6 * lacking[a] * lacking[b] / norm;
                assertEquals(expected, found[a][b] / (s[a] * s[b]), 1e-12);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void rowsWithoutADensityAreFitted(Covariance covariance) {
        // fewer rows than components; rows that are equal; a constant column; all of it zero
        assertEquals(3, fit(new double[] {1, 2, 3, 4, 5, 7}, 2, 8, covariance).components());
        double[] twice = {0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0};
        GaussianMixture pairs = fit(twice, 2, 5, covariance);
        assertEquals(2, pairs.components());
        assertEquals(4 / 7.0, Arrays.stream(pairs.weights()).max().orElseThrow(), 1e-12);
        double[] constant = normals(4, 400);
        for (int i = 0; i < 400; i += 2) {
            constant[i] = 0.1;
        }
        GaussianMixture column = fit(constant, 2, 3, covariance);
        for (double[] mean : column.means()) {
            assertEquals(0.1, mean[0], 1e-9);
        }
        assertTrue(Double.isFinite(column.logDensity(new double[] {0.1, 0})));
        for (double value : new double[] {0, 0.1, -1e300, 1e-300}) {
            double[] same = new double[30];
            Arrays.fill(same, value);
            GaussianMixture point = fit(same, 3, 4, covariance);
            assertEquals(1, point.components());
            assertEquals(value, point.means()[0][1], 1e-9 * Math.abs(value));
        }
        assertEquals(1, fit(new double[] {3, 4}, 2, 2, covariance).components());
    }

    private static GaussianMixture fit(double[] rows, int d, int components, Covariance covariance) {
        return GaussianMixture.fit(rows, rows.length / d, d, components, covariance, 0, new Monotone());
    }

    @Test
    void wrongRowsAreRefused() {
        ElboException error =
                assertThrows(ElboException.class, () -> fit(new double[] {1, 2, 3, Double.NaN}, 2, 1, Covariance.FULL));
        assertTrue(error.getMessage().startsWith("row 1, column 1"), error.getMessage());
        assertThrows(IllegalArgumentException.class, () -> fit(new double[4], 2, 0, Covariance.FULL));
        assertThrows(
                IllegalArgumentException.class,
                () -> GaussianMixture.fit(new double[5], 2, 2, 1, Covariance.FULL, 0, MixtureListener.NONE));
    }

    @Test
    void drawsHaveTheMomentsAndBelongToTheirRows() {
        GaussianMixture mixture = truth(Covariance.FULL);
        int n = 40_000;
        double[] rows = mixture.sample(n, 5);
        double[] mean = new double[3];
        double[] expected = new double[3];
        for (int j = 0; j < 3; j++) {
            for (int i = 0; i < n; i++) {
                mean[j] += rows[3 * i + j] / n;
            }
            for (int c = 0; c < 3; c++) {
                expected[j] += WEIGHTS[c] * MEANS[c][j];
            }
        }
        assertArrayEquals(expected, mean, 4 * 3.2 / Math.sqrt(n));
        assertArrayEquals(Arrays.copyOf(rows, 30), mixture.sample(10, 5));
        assertNotEquals(rows[0], mixture.sample(1, 6)[0]);
        assertThrows(ElboException.class, () -> mixture.sample(Integer.MAX_VALUE, 0));
    }

    @Test
    void theSameSeedGivesTheSameBitsOnAnyNumberOfThreads() throws Exception {
        double[] rows = truth(Covariance.FULL).sample(5000, 2);
        List<double[][][]> found = new ArrayList<>();
        for (int threads : new int[] {1, 2, 5}) {
            ForkJoinPool pool = new ForkJoinPool(threads);
            try {
                found.add(pool.submit(
                                () -> GaussianMixture.fit(rows, 5000, 3, 4, Covariance.FULL, 3, MixtureListener.NONE)
                                        .covariances())
                        .get());
            } finally {
                pool.shutdown();
            }
        }
        assertTrue(Arrays.deepEquals(found.get(0), found.get(1)));
        assertTrue(Arrays.deepEquals(found.get(0), found.get(2)));
    }
}
