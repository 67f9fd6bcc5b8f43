package dev.elbo.analysis;

import dev.elbo.linalg.Moments;

/**
 * The importance weights of one example as they are drawn, and L_k of every block of k of them, k on a ladder where each rung
 * divides the next. So L of a rung is a mean over disjoint blocks of the same draws, and never below that of the rung under it
 * (Burda et al. 2016, theorem 1, draw by draw) as far as whole blocks cover the same draws.
 */
final class ExampleWeights {
    /** Samples of a rung. */
    private static final int[] LADDER = {1, 5, 50, 500, 5000};

    private final WeightSums[] open = new WeightSums[LADDER.length];
    private final Moments[] bounds = new Moments[LADDER.length];
    /** The variance of a rung's first block by the delta method, for rungs that have no other block. */
    private final double[] firstVariance = new double[LADDER.length];

    private final WeightSums all = new WeightSums();
    private final Moments reconstruction = new Moments();
    private final Moments sampledKl = new Moments();

    ExampleWeights() {
        for (int i = 0; i < LADDER.length; i++) {
            open[i] = new WeightSums();
            bounds[i] = new Moments();
        }
    }

    /** Returns the number of rungs that {@code samples} samples reach. */
    static int rungs(int samples) {
        int rungs = 0;
        while (rungs < LADDER.length && LADDER[rungs] <= samples) {
            rungs++;
        }
        return rungs;
    }

    static int samples(int rung) {
        return LADDER[rung];
    }

    /**
     * Adds one draw from q.
     *
     * @param loss −log p(x|z)
     * @param divergence log q(z|x) − log p(z)
     * @return log w
     */
    double add(double loss, double divergence) {
        double logWeight = -loss - divergence;
        reconstruction.add(loss);
        sampledKl.add(divergence);
        open[0].add(logWeight);
        for (int i = 0; i < LADDER.length && open[i].count() == LADDER[i]; i++) {
            if (bounds[i].count() == 0) {
                firstVariance[i] = open[i].logMeanVariance();
            }
            bounds[i].add(open[i].logMean());
            (i + 1 < LADDER.length ? open[i + 1] : all).add(open[i]);
            open[i].clear();
        }
        return logWeight;
    }

    /** Returns the sums over all weights; nothing may be added afterwards. */
    WeightSums finish() {
        for (int i = LADDER.length - 1; i >= 0; i--) {
            all.add(open[i]);
            open[i].clear();
        }
        return all;
    }

    double reconstruction() {
        return reconstruction.mean();
    }

    double sampledKl() {
        return sampledKl.mean();
    }

    /** Returns L of a rung: the mean over its blocks. */
    double bound(int rung) {
        return bounds[rung].mean();
    }

    /** Returns the Monte Carlo variance of {@link #bound}. */
    double boundVariance(int rung) {
        return bounds[rung].count() > 1 ? bounds[rung].meanVariance() : firstVariance[rung];
    }

    /** Returns L_1, the mean of log w: the ELBO with the sampled KL divergence. */
    double elbo() {
        return bounds[0].mean();
    }

    /**
     * Returns the Monte Carlo variance of log p̂(x) − ELBO from the same draws: by the delta method that of the mean of w / w̄ − log w,
     * in which errors that both share cancel.
     */
    double gapVariance() {
        double n = all.count();
        double weights = n / all.effective() - 1;
        double logs = bounds[0].variance();
        double covariance = all.weightedLog() - elbo();
        return Math.max(0, (weights - 2 * covariance + logs) / (n - 1));
    }
}
