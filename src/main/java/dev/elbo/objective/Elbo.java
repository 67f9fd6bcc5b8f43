package dev.elbo.objective;

import dev.elbo.backend.KlMode;
import dev.elbo.net.Activations;
import dev.elbo.net.KlTerm;
import dev.elbo.net.Network;
import dev.elbo.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * The negative evidence lower bound, mean over the batch of {@code (1/L) Σ_l −log p(x|z_l) + β KL} (Kingma and Welling
 * 2013, eq. 10; β: Higgins et al. 2017, eq. 4). A sampled KL divergence is the mean over the same L samples.
 *
 * @param samples L
 * @param kl form of the KL divergence
 * @param control control of the KL divergence besides its weight
 */
public record Elbo(int samples, KlMode kl, KlControl control) implements Objective {
    public Elbo {
        Batch.requireSamples(samples);
        if (kl == KlMode.DOUBLY_REPARAMETERIZED) {
            throw new IllegalArgumentException("KlMode.DOUBLY_REPARAMETERIZED is for importance-weighted bounds only");
        }
        if (control instanceof KlControl.FreeBits && kl != KlMode.ANALYTIC) {
            throw new IllegalArgumentException("KlControl.FreeBits needs the analytic KL divergence");
        }
    }

    /**
     * Creates an objective with the schedule's weight alone.
     *
     * @param samples of each example, L
     * @param kl in closed form or at the samples
     */
    public Elbo(int samples, KlMode kl) {
        this(samples, kl, KlControl.NONE);
    }

    @Override
    public String label() {
        return "vae";
    }

    @Override
    public StoredForm stored() {
        String held = control.stored().text();
        return StoredForm.of("Elbo", "samples", samples, "kl", kl.label(), "control", held);
    }

    @Override
    public List<Phase> phases(Network network) {
        Batch.requireLevel(this, network, true);
        return Phase.joined(List.of(
                new Phase(this::forward, Batch.variance(network)),
                new Phase(this::decoderGradients, control.weight(this::divergence)),
                new Phase(this::codeGradients, control.floor()),
                new Phase(this::encoderGradients, Optional.empty())));
    }

    private void forward(Shard shard) {
        Batch.requireActivations(this, shard.activations());
        shard.vae().encode(shard.x(), shard.activations());
        shard.vae().sample(shard.activations(), shard.noise());
        shard.vae().decode(shard.activations());
    }

    private void decoderGradients(Shard shard) {
        shard.vae().lossGrad(shard.x(), shard.activations(), null, scale(shard), shard.gradients());
        shard.vae().decodeGrad(shard.activations(), shard.gradients());
    }

    private void codeGradients(Shard shard) {
        KlTerm term = new KlTerm(kl, shard.schedule(), null, scale(shard));
        shard.vae().sampleGrad(shard.activations(), shard.noise(), term, shard.gradients());
    }

    private void encoderGradients(Shard shard) {
        Activations a = shard.activations();
        shard.vae().encodeGrad(shard.x(), a, shard.gradients(), null);
        Batch.metrics(shard, divergence(a), control.klTerm(a), null);
    }

    private Tensor divergence(Activations a) {
        return kl == KlMode.SAMPLED ? a.sampledKl() : a.kl();
    }

    private double scale(Shard shard) {
        return 1.0 / ((double) samples * shard.batch());
    }

    @Override
    public double loss(double reconstruction, double kl, double bound, double beta) {
        return reconstruction + beta * kl;
    }
}
