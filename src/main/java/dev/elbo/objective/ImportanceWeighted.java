package dev.elbo.objective;

import dev.elbo.backend.KlMode;
import dev.elbo.net.Activations;
import dev.elbo.net.KlTerm;
import dev.elbo.net.Network;
import dev.elbo.net.Vae;
import java.util.List;
import java.util.Optional;

/**
 * The negative importance-weighted bound, mean over the batch of {@code −(logsumexp_k log w_k − log K)}; its gradient is
 * that of the log weights, each weighted by its normalized weight (Burda et al. 2016, eq. 8, 13 and 14). With one sample it
 * is, bit for bit, the gradient of {@link Elbo} with the sampled KL divergence.
 *
 * <p>β scales the KL divergence in the gradient only, and the weights stay those of β = 1: the gradient is that of the
 * bound at β = 1 and of no function elsewhere. The variance of gaussian-optimal stays the mean squared error, which is
 * the optimum of the ELBO and not of this bound; it is held in the gradient.
 *
 * @param samples K
 * @param doublyReparameterized whether the encoder's gradient is the doubly reparameterized one, of the same expectation
 *     and less variance (Tucker et al. 2019, eq. 8); the decoder's stays
 */
public record ImportanceWeighted(int samples, boolean doublyReparameterized) implements Objective {
    public ImportanceWeighted {
        Batch.requireSamples(samples);
    }

    @Override
    public String label() {
        return doublyReparameterized ? "dreg" : "iwae";
    }

    @Override
    public StoredForm stored() {
        return StoredForm.of("ImportanceWeighted", "samples", samples, "doublyReparameterized", doublyReparameterized);
    }

    @Override
    public List<Phase> phases(Network network) {
        Batch.requireLevel(this, network, true);
        return Phase.joined(List.of(
                new Phase(this::forward, Batch.variance(network)), new Phase(this::backward, Optional.empty())));
    }

    private void forward(Shard shard) {
        Batch.requireActivations(this, shard.activations());
        shard.vae().encode(shard.x(), shard.activations());
        shard.vae().sample(shard.activations(), shard.noise());
        shard.vae().decode(shard.activations());
    }

    private void backward(Shard shard) {
        Vae vae = shard.vae();
        Activations a = shard.activations();
        double scale = 1.0 / shard.batch();
        vae.lossRows(shard.x(), a);
        shard.ops().importanceWeights(a.reconstruction(), a.sampledKl(), a.logWeights(), a.weights(), a.bound());
        vae.lossGrad(shard.x(), a, a.weights(), scale, shard.gradients());
        vae.decodeGrad(a, shard.gradients());
        KlMode mode = doublyReparameterized ? KlMode.DOUBLY_REPARAMETERIZED : KlMode.SAMPLED;
        vae.sampleGrad(a, shard.noise(), new KlTerm(mode, shard.schedule(), a.weights(), scale), shard.gradients());
        vae.encodeGrad(shard.x(), a, shard.gradients(), null);
        Batch.metrics(shard, a.kl(), null, a.bound());
    }

    /**
     * Returns −bound; with one sample {@code reconstruction + kl}, which has the same expectation and less variance.
     */
    @Override
    public double loss(double reconstruction, double kl, double bound, double beta) {
        return samples == 1 ? reconstruction + kl : -bound;
    }
}
