package dev.elbo.objective;

import dev.elbo.net.Activations;
import dev.elbo.net.Vae;
import dev.elbo.tensor.Tensor;

/** Checks and pieces that all objectives share. */
final class Batch {
    private Batch() {}

    /** @throws IllegalArgumentException unless model and activations are made for the objective */
    static void require(Objective objective, Vae vae, Activations a, boolean stochastic) {
        if (vae.network().stochastic() != stochastic) {
            throw new IllegalArgumentException("objective " + objective.label() + " needs a "
                    + (stochastic ? "variational" : "plain") + " autoencoder");
        }
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

    /** Returns the output's variance as the metrics take it: a single one, or null. */
    static Tensor singleLogVar(Activations a) {
        Tensor logVar = a.outputLogVar();
        return logVar != null && logVar.cols() == 1 ? logVar : null;
    }
}
