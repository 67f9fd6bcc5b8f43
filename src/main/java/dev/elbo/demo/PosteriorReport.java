package dev.elbo.demo;

import dev.elbo.analysis.PosteriorTerms;
import java.util.List;

/**
 * The terms of log p(x) = ELBO(q) + KL(q ‖ p(z|x)) in three models, in nats.
 *
 * @param seed of data, weights and noise
 */
public record PosteriorReport(long seed, Pca pca, Em em, Amortized amortized) {
    /**
     * Probabilistic PCA, where everything is known in closed form.
     *
     * @param eigenvalues of the data's covariance, the largest first
     * @param variance s² of the likelihood
     * @param choices of q for one example under the optimal model
     * @param bounds importance-weighted ones for the last but one of them
     * @param betas optima of β-VAEs
     * @param optimum largest ELBO of any linear VAE, which is the largest mean log p(x); mean over the examples
     * @param epochs of a linear VAE in training, means over the examples
     * @param kl of the trained VAE's units from the prior, the largest first
     * @param optimalKl the same in closed form
     */
    public record Pca(
            int examples,
            int latents,
            double variance,
            double[] eigenvalues,
            List<Choice> choices,
            List<Bound> bounds,
            List<Beta> betas,
            double optimum,
            List<Epoch> epochs,
            double[] kl,
            double[] optimalKl) {}

    /** The terms of one q for one example. */
    public record Choice(String q, PosteriorTerms terms) {}

    /**
     * The bound L_K of one example.
     *
     * @param samples K
     * @param mean over all groups of K draws
     * @param standardError of that mean
     */
    public record Bound(int samples, double mean, double standardError) {}

    /**
     * The optimum for a weight of the KL divergence.
     *
     * @param kl from the prior, mean over the examples
     */
    public record Beta(double beta, int activeUnits, double kl) {}

    /** Means over the examples after some epochs; 0 is before training. */
    public record Epoch(int epoch, PosteriorTerms terms) {}

    /**
     * Expectation maximisation, whose q is the posterior itself after every E-step.
     *
     * @param steps E, M, E, M, …, E
     */
    public record Em(int examples, int components, List<EmStep> steps) {}

    /** Means over the examples after an E-step or an M-step. */
    public record EmStep(int iteration, Half half, PosteriorTerms terms) {}

    /** A half of an iteration. */
    public enum Half {
        /** q becomes the posterior. */
        E,
        /** The model becomes the best one for this q. */
        M
    }

    /**
     * A VAE with one latent unit on the mixture's examples, whose q comes from an encoder.
     *
     * @param epochs means over the examples
     * @param worstGap of a single example, at the end
     */
    public record Amortized(int examples, int hidden, List<Epoch> epochs, double worstGap) {}
}
