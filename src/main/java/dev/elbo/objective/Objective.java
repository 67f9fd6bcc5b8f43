package dev.elbo.objective;

import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Schedule;
import dev.elbo.net.Activations;
import dev.elbo.net.Vae;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Tensor;

/** A training objective, to be minimised. */
public interface Objective {
    /** {@return latent samples of each example, K} */
    int samples();

    /** {@return its name on the command line and in files} */
    String label();

    /** {@return the form in which files store it; runs are compared by it} */
    StoredForm stored();

    /**
     * Queues the forward and backward pass of one batch. All gradients are written, none is added to; weights and clock
     * are left alone. It may be called inside {@link dev.elbo.backend.Backend#record}.
     *
     * @param vae the model
     * @param a made for training, with this objective's samples
     * @param x B × D
     * @param noise ε, the same for forward and backward; a plain autoencoder needs none
     * @param schedule β
     * @param gradients of the model's layout
     * @param metrics table for {@link dev.elbo.backend.Ops#stepMetrics}, or null
     * @param steering memory of {@link #control}, or null if it needs none
     * @throws IllegalArgumentException if model or activations are not made for this objective
     */
    void step(
            Vae vae,
            Activations a,
            Tensor x,
            NoiseSource noise,
            Schedule schedule,
            Arena gradients,
            Tensor metrics,
            KlControlState steering);

    /** {@return the control of the KL term} */
    default KlControl control() {
        return KlControl.NONE;
    }

    /**
     * {@return the loss of a data set, from means over its examples}
     *
     * @param reconstruction −log p(x|z)
     * @param kl unweighted
     * @param bound importance-weighted, over {@link #samples()}
     * @param beta weight of the KL divergence
     */
    double loss(double reconstruction, double kl, double bound, double beta);
}
