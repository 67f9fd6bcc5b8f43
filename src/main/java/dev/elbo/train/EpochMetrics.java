package dev.elbo.train;

/**
 * One epoch of a run, in nats per example.
 *
 * @param epoch from 1
 * @param step steps done so far
 * @param train means over the epoch's batches, each as it was when its step was taken
 * @param test of the model after the epoch
 * @param beta weight of the KL divergence in the last step's loss; NaN for a plain autoencoder
 * @param target what the constrained quantity was held to in the last step; NaN without a constraint
 * @param learningRate of the last step
 * @param seconds of training alone
 * @param examplesPerSecond of training alone
 * @param gap the posterior gap after the epoch, on some held-out examples; NaN where it was not measured
 * @param gapMonteCarloError what other draws would change of it; NaN where it was not measured
 */
public record EpochMetrics(
        int epoch,
        long step,
        Part train,
        Part test,
        double beta,
        double target,
        double learningRate,
        double seconds,
        double examplesPerSecond,
        double gap,
        double gapMonteCarloError) {
    /** Number of values, as {@link #toRow} gives them. */
    static final int COLUMNS = 17;

    /** All of it, in the order of the components. */
    double[] toRow() {
        return new double[] {
            epoch,
            step,
            train.elbo,
            train.loss,
            train.reconstruction,
            train.kl,
            test.elbo,
            test.loss,
            test.reconstruction,
            test.kl,
            beta,
            target,
            learningRate,
            seconds,
            examplesPerSecond,
            gap,
            gapMonteCarloError
        };
    }

    /** The inverse of {@link #toRow}, from {@code at} on. */
    static EpochMetrics ofRow(double[] rows, int at) {
        return new EpochMetrics(
                (int) rows[at],
                (long) rows[at + 1],
                new Part(rows[at + 2], rows[at + 3], rows[at + 4], rows[at + 5]),
                new Part(rows[at + 6], rows[at + 7], rows[at + 8], rows[at + 9]),
                rows[at + 10],
                rows[at + 11],
                rows[at + 12],
                rows[at + 13],
                rows[at + 14],
                rows[at + 15],
                rows[at + 16]);
    }

    /**
     * Means over examples, in nats.
     *
     * @param elbo at β = 1, whatever was optimised; NaN for a plain autoencoder
     * @param loss what was minimised
     * @param reconstruction −E[log p(x|z)], constants included
     * @param kl KL divergence of the posterior from the prior; NaN for a plain autoencoder
     */
    public record Part(double elbo, double loss, double reconstruction, double kl) {}
}
