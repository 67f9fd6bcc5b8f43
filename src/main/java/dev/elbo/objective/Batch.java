package dev.elbo.objective;

import dev.elbo.net.Activations;
import dev.elbo.net.Network;
import dev.elbo.tensor.Tensor;
import java.util.Optional;

/** Checks and pieces that all objectives share. */
final class Batch {
    private Batch() {}

    /** @throws IllegalArgumentException unless the model is made for the objective */
    static void requireLevel(Objective objective, Network network, boolean stochastic) {
        if (network.stochastic() != stochastic) {
            throw new IllegalArgumentException("objective " + objective.label() + " needs a "
                    + (stochastic ? "variational" : "plain") + " autoencoder");
        }
    }

    /** @throws IllegalArgumentException unless the activations are made for the objective */
    static void requireActivations(Objective objective, Activations a) {
        if (a.samples() != objective.samples() || !a.training()) {
            throw new IllegalArgumentException("objective " + objective.label()
                    + " needs activations for training with " + objective.samples() + " samples, not "
                    + (a.training() ? "for training" : "for evaluation") + " with " + a.samples());
        }
    }

    static int requireSamples(int samples) {
        if (samples < 1) {
            throw new IllegalArgumentException("samples must be at least 1, not " + samples);
        }
        return samples;
    }

    /** Returns the variance that is fitted to the batch, for a likelihood that has one. */
    static Optional<BatchMean> variance(Network network) {
        return network.likelihood().fitsVariance() ? Optional.of(new OptimalVariance()) : Optional.empty();
    }

    /** Queues the shard's row of metrics, if they are wanted. */
    static void metrics(Shard shard, Tensor kl, Tensor klTerm, Tensor bound) {
        if (shard.metrics() != null) {
            Activations a = shard.activations();
            Tensor logVar = a.outputLogVar();
            // the metrics have one variance at most
            Tensor single = logVar != null && logVar.cols() == 1 ? logVar : null;
            shard.ops().stepMetrics(a.reconstruction(), kl, klTerm, bound, single, shard.schedule(), shard.metrics());
        }
    }
}
