package dev.elbo.analysis.mixture;

import dev.elbo.error.ElboException;
import dev.elbo.error.Interruption;
import dev.elbo.linalg.Cholesky;
import dev.elbo.linalg.SymmetricEigen;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Fits mixtures to rows that were shifted and scaled to mean 0 and variance 1, where the floor is the same in all directions.
 * Rows are taken in a fixed number of blocks, whose sums are added in their order: threads do not change a bit.
 */
final class ExpectationMaximization {
    private static final int BLOCKS = 16;
    private static final int MIN_BLOCK = 256;
    /** Rows of an {@link Expectation}: few enough for the nearest cache. */
    private static final int AT_ONCE = 64;
    /** A component with fewer rows than this in all is worth less than rounding to the likelihood. */
    private static final double EMPTY = 1e-10;

    private final double[] rows;
    private final int n;
    private final int d;
    private final Covariance covariance;
    private final double[] center;
    private final double[] scale;
    private final int block;

    /** @throws ElboException data, if a value is not finite */
    ExpectationMaximization(double[] rows, int n, int d, Covariance covariance) {
        if (n < 1 || d < 1 || rows.length != (long) n * d) {
            throw new IllegalArgumentException(rows.length + " values are not " + n + " rows of " + d);
        }
        for (int i = 0; i < rows.length; i++) {
            if (!Double.isFinite(rows[i])) {
                throw ElboException.data("row " + i / d + ", column " + i % d
                        + " (from 0) of what a mixture is fitted to is " + rows[i] + "; remove such rows");
            }
        }
        this.n = n;
        this.d = d;
        this.covariance = covariance;
        this.center = new double[d];
        this.scale = scale(rows, n, d, center);
        this.rows = new double[n * d];
        for (int i = 0; i < this.rows.length; i++) {
            this.rows[i] = (rows[i] - center[i % d]) / scale[i % d];
        }
        this.block = Math.max(MIN_BLOCK, (n + BLOCKS - 1) / BLOCKS);
    }

    /** The columns' standard deviations, as {@link GaussianMixture} says; fills in their means. */
    private static double[] scale(double[] rows, int n, int d, double[] center) {
        double[] largest = new double[d];
        double[] scale = new double[d];
        for (int i = 0; i < rows.length; i++) {
            center[i % d] += rows[i] / n;
            largest[i % d] = Math.max(largest[i % d], Math.abs(rows[i]));
        }
        for (int i = 0; i < rows.length; i++) {
            scale[i % d] = Math.hypot(scale[i % d], (rows[i] - center[i % d]) / Math.sqrt(n));
        }
        double widest = Arrays.stream(scale).max().orElseThrow();
        for (int j = 0; j < d; j++) {
            scale[j] = Math.max(scale[j], Math.max(1e-3 * widest, 1e-9 * largest[j]));
            if (scale[j] == 0) {
                scale[j] = 1;
            }
        }
        return scale;
    }

    GaussianMixture fit(int components, long seed, MixtureListener listener) {
        if (components < 1) {
            throw new IllegalArgumentException(components + " components");
        }
        double logScale = Arrays.stream(scale).map(Math::log).sum();
        GaussianMixture mixture = start(new Start(rows, n, d).clusters(components, seed));
        double before = Double.NEGATIVE_INFINITY;
        for (int step = 0; ; step++) {
            Interruption.throwIfInterrupted("the fit of a mixture");
            Statistics statistics = expectation(mixture);
            double mean = statistics.logLikelihood / n - logScale;
            if (!Double.isFinite(mean)) {
                throw ElboException.numeric("the log-likelihood of a mixture of " + mixture.components()
                        + " components is " + mean + " at step " + step + "; look for extreme values in the rows");
            }
            listener.onStep(mixture.components(), step, mean);
            listener.onMixture(step, unscaled(mixture, Double.NaN));
            if (mean - before < GaussianMixture.TOLERANCE || step == GaussianMixture.MAX_STEPS) {
                return finished(mixture, mean);
            }
            before = mean;
            mixture = maximization(statistics);
        }
    }

    private GaussianMixture finished(GaussianMixture mixture, double meanLogLikelihood) {
        int k = mixture.components();
        long parameters = k - 1 + k * (d + covariance.parameters(d));
        double bic = -2 * meanLogLikelihood * n + parameters * Math.log(n);
        return unscaled(mixture, bic);
    }

    private GaussianMixture unscaled(GaussianMixture mixture, double bic) {
        MixtureComponent[] gaussians = Arrays.stream(mixture.gaussians)
                .map(gaussian -> gaussian.affine(center, scale))
                .toArray(MixtureComponent[]::new);
        return new GaussianMixture(covariance, mixture.weights(), gaussians, bic);
    }

    /** Means and weights of the clusters; all have the covariance within clusters, so that small ones don't start as spikes. */
    private GaussianMixture start(int[] clusters) {
        Statistics statistics = new Statistics(Arrays.stream(clusters).max().orElseThrow() + 1, d, covariance);
        for (int i = 0; i < n; i++) {
            statistics.add(clusters[i], 1, rows, i * d);
        }
        double[][] within = covariance.triangle(d);
        MixtureComponent[] gaussians = new MixtureComponent[statistics.counts.length];
        for (int c = 0; c < gaussians.length; c++) {
            Statistics.add(within, statistics.covariance(c, n));
        }
        double[][] lower = lower(within);
        Arrays.setAll(gaussians, c -> new MixtureComponent(statistics.mean(c), lower));
        return mixture(statistics.counts, gaussians);
    }

    private GaussianMixture mixture(double[] counts, MixtureComponent[] gaussians) {
        double sum = Arrays.stream(counts).sum();
        double[] weights = Arrays.stream(counts).map(count -> count / sum).toArray();
        return new GaussianMixture(covariance, weights, gaussians, Double.NaN);
    }

    private Statistics expectation(GaussianMixture mixture) {
        Statistics[] parts = IntStream.range(0, (n + block - 1) / block)
                .parallel()
                .mapToObj(part -> part(mixture, part * block, Math.min(n, (part + 1) * block)))
                .toArray(Statistics[]::new);
        for (int i = 1; i < parts.length; i++) {
            parts[0].add(parts[i]);
        }
        return parts[0];
    }

    private Statistics part(GaussianMixture mixture, int from, int to) {
        Statistics statistics = new Statistics(mixture.components(), d, covariance);
        Expectation whole = new Expectation(mixture, Math.min(AT_ONCE, to - from));
        for (int first = from; first < to; first += AT_ONCE) {
            int count = Math.min(AT_ONCE, to - first);
            Expectation expectation = count == Math.min(AT_ONCE, to - from) ? whole : new Expectation(mixture, count);
            expectation.run(rows, first);
            for (int b = 0; b < count; b++) {
                statistics.logLikelihood += expectation.logDensity[b];
                for (int c = 0; c < mixture.components(); c++) {
                    statistics.add(c, expectation.shares[c][b], rows, (first + b) * d);
                }
            }
        }
        return statistics;
    }

    private GaussianMixture maximization(Statistics statistics) {
        int[] kept = IntStream.range(0, statistics.counts.length)
                .filter(c -> statistics.counts[c] > EMPTY)
                .toArray();
        double[] counts =
                Arrays.stream(kept).mapToDouble(c -> statistics.counts[c]).toArray();
        MixtureComponent[] gaussians = Arrays.stream(kept)
                .mapToObj(c ->
                        new MixtureComponent(statistics.mean(c), lower(statistics.covariance(c, statistics.counts[c]))))
                .toArray(MixtureComponent[]::new);
        return mixture(counts, gaussians);
    }

    /**
     * L of the covariance that is the most likely for an empirical one among those with no eigenvalue below the floor: the
     * empirical one, its smaller eigenvalues raised to the floor.
     *
     * @param empirical laid out as {@link Covariance#triangle} says
     */
    private double[][] lower(double[][] empirical) {
        if (covariance == Covariance.DIAGONAL) {
            return Arrays.stream(empirical)
                    .map(row -> new double[] {Math.sqrt(Math.max(row[0], GaussianMixture.FLOOR))})
                    .toArray(double[][]::new);
        }
        double[][] matrix = new double[d][d];
        double[][] above = new double[d][d];
        for (int i = 0; i < d; i++) {
            for (int k = 0; k <= i; k++) {
                matrix[i][k] = empirical[i][k];
                matrix[k][i] = matrix[i][k];
                above[i][k] = matrix[i][k] - (i == k ? GaussianMixture.FLOOR : 0);
            }
        }
        if (!positiveDefinite(above)) {
            matrix = new SymmetricEigen(matrix).map(value -> Math.max(value, GaussianMixture.FLOOR));
        }
        return new Cholesky(matrix).lower();
    }

    private static boolean positiveDefinite(double[][] matrix) {
        try {
            new Cholesky(matrix);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
