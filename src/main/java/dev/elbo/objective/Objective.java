package dev.elbo.objective;

import dev.elbo.net.Network;
import java.util.List;

/** A training objective, to be minimised. */
public interface Objective {
    /** {@return latent samples of each example, K} */
    int samples();

    /** {@return its name on the command line and in files} */
    String label();

    /** {@return the form in which files store it; runs are compared by it} */
    StoredForm stored();

    /**
     * {@return the forward and backward pass of a batch, phase by phase; the last has no mean} All gradients are written, none is
     * added to; weights and clock are left alone. Phases may be queued inside {@link dev.elbo.backend.Backend#record}.
     *
     * @param network the model's
     * @throws IllegalArgumentException if the model is not made for this objective
     */
    List<Phase> phases(Network network);

    /**
     * Queues all phases of a batch that is one shard.
     *
     * @param whole the batch
     * @throws IllegalArgumentException if model or activations are not made for this objective
     */
    default void step(Shard whole) {
        for (Phase phase : phases(whole.vae().network())) {
            phase.work().accept(whole);
            phase.mean().ifPresent(mean -> mean.applyWhole(whole));
        }
    }

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
