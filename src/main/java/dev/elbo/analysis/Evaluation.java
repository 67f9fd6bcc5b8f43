package dev.elbo.analysis;

/**
 * The evaluation of a model on a data set: means over its examples, in nats per example.
 *
 * @param elbo the evidence lower bound at β = 1, {@code −reconstruction − kl}; NaN for a plain autoencoder, which has none
 * @param reconstruction −E[log p(x|z)], constants included
 * @param kl KL divergence of the posterior from the prior in closed form; NaN for a plain autoencoder
 * @param bound the importance-weighted bound L_K over the same samples (Burda et al. 2016, eq. 8); NaN without
 */
public record Evaluation(double elbo, double reconstruction, double kl, double bound) {
    /**
     * {@return the evaluation with log densities lowered by a constant: those of values in another unit} The KL
     * divergence is the same in every unit.
     *
     * @param nats to subtract from each log density
     */
    public Evaluation lower(double nats) {
        return new Evaluation(elbo - nats, reconstruction + nats, kl, bound - nats);
    }
}
