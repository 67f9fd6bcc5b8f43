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
 * @param seconds of training alone
 * @param examplesPerSecond of training alone
 */
public record EpochMetrics(
        int epoch,
        long step,
        Part train,
        Part test,
        double beta,
        double target,
        double seconds,
        double examplesPerSecond) {
    /**
     * @param elbo at β = 1, whatever was optimised; NaN for a plain autoencoder
     * @param loss what was minimised
     * @param reconstruction −E[log p(x|z)], constants included
     * @param kl KL divergence of the posterior from the prior; NaN for a plain autoencoder
     */
    public record Part(double elbo, double loss, double reconstruction, double kl) {}
}
