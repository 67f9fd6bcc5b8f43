package dev.elbo.analysis;

import dev.elbo.backend.NoiseSource;
import dev.elbo.net.Activations;
import dev.elbo.net.Network;
import dev.elbo.net.Vae;
import dev.elbo.tensor.Tensor;

/** A measure of how badly a model explains an example, from z_1 … z_L drawn from q(z|x), in nats. */
public enum AnomalyScore {
    /** The negative ELBO, {@code −(1/L) Σ_l log p(x|z_l) + KL(q(z|x) ‖ p(z))}: bounds −log p(x) from above on average. */
    NEGATIVE_ELBO("elbo", "negative_elbo_nats"),
    /** The negative reconstruction probability, {@code −(1/L) Σ_l log p(x|z_l)} (An and Cho 2015, algorithm 4). */
    RECONSTRUCTION("reconstruction", "negative_reconstruction_probability_nats"),
    /**
     * The importance-sampled {@code −log p̂(x) = −log (1/L) Σ_l p(x|z_l) p(z_l) / q(z_l|x)} (Burda et al. 2016, eq. 8);
     * too high on average, and the less so the larger L.
     */
    NEGATIVE_LOG_LIKELIHOOD("likelihood", "negative_log_likelihood_nats");

    private final String label;
    private final String column;

    AnomalyScore(String label, String column) {
        this.label = label;
        this.column = column;
    }

    /** {@return its name on the command line} */
    public String label() {
        return label;
    }

    /** {@return its name, with its sign and unit, at the head of a column} */
    public String column() {
        return column;
    }

    /**
     * {@return whether a model has this score} All but {@link #RECONSTRUCTION} need a posterior, which a plain autoencoder
     * lacks.
     *
     * @param network of the model
     */
    public boolean fits(Network network) {
        return network.stochastic() || this == RECONSTRUCTION;
    }

    /**
     * Requires that a model has this score.
     *
     * @param network of the model
     * @throws IllegalArgumentException unless it {@link #fits} the model
     */
    public void requireFits(Network network) {
        if (!fits(network)) {
            throw new IllegalArgumentException("the score " + this + " needs a variational autoencoder");
        }
    }

    /**
     * Queues or records the operations behind the scores of a batch.
     *
     * @param vae the model
     * @param a of B examples with L samples each
     * @param x B × D
     * @param noise of the draws from q(z|x)
     */
    public void queue(Vae vae, Activations a, Tensor x, NoiseSource noise) {
        vae.encode(x, a);
        vae.sample(a, noise);
        vae.decode(a);
        vae.lossRows(x, a);
        if (this == NEGATIVE_LOG_LIKELIHOOD) {
            vae.backend().ops().importanceWeights(a.reconstruction(), a.sampledKl(), null, null, a.bound());
        }
    }

    /**
     * Waits for what {@link #queue} queued and reads the scores of the first examples of the batch.
     *
     * @param a the batch
     * @param rows number of examples
     * @param scores receives {@code rows} of them from {@code at} on
     * @param at index of the first
     */
    public void read(Activations a, int rows, double[] scores, int at) {
        if (this == NEGATIVE_LOG_LIKELIHOOD) {
            double[] bound = a.bound().toDoubles();
            for (int b = 0; b < rows; b++) {
                scores[at + b] = -bound[b];
            }
            return;
        }
        double[] reconstruction = a.reconstruction().toDoubles();
        double[] kl = this == NEGATIVE_ELBO ? a.kl().toDoubles() : new double[rows];
        for (int b = 0; b < rows; b++) {
            double sum = 0;
            for (int l = 0; l < a.samples(); l++) {
                sum += reconstruction[l * a.batch() + b];
            }
            scores[at + b] = sum / a.samples() + kl[b];
        }
    }

    @Override
    public String toString() {
        return label;
    }
}
