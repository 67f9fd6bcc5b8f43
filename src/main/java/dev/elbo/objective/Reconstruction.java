package dev.elbo.objective;

import dev.elbo.net.Activations;
import dev.elbo.net.Network;
import java.util.List;
import java.util.Optional;

/** −log p(x|z) alone, mean over the batch, at z = μ: a plain autoencoder. There is no noise and no KL divergence. */
public record Reconstruction() implements Objective {
    @Override
    public int samples() {
        return 1;
    }

    @Override
    public String label() {
        return "ae";
    }

    @Override
    public StoredForm stored() {
        return StoredForm.of("Reconstruction");
    }

    @Override
    public List<Phase> phases(Network network) {
        Batch.requireLevel(this, network, false);
        return Phase.joined(List.of(
                new Phase(this::forward, Batch.variance(network)), new Phase(this::backward, Optional.empty())));
    }

    private void forward(Shard shard) {
        Batch.requireActivations(this, shard.activations());
        shard.vae().encode(shard.x(), shard.activations());
        shard.vae().decode(shard.activations());
    }

    private void backward(Shard shard) {
        Activations a = shard.activations();
        shard.vae().lossGrad(shard.x(), a, null, 1.0 / shard.batch(), shard.gradients());
        shard.vae().decodeGrad(a, shard.gradients());
        shard.vae().encodeGrad(shard.x(), a, shard.gradients(), null);
        Batch.metrics(shard, null, null, null);
    }

    @Override
    public double loss(double reconstruction, double kl, double bound, double beta) {
        return reconstruction;
    }
}
