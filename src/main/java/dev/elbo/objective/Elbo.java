package dev.elbo.objective;

import dev.elbo.backend.KlMode;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Ops;
import dev.elbo.backend.Schedule;
import dev.elbo.net.Activations;
import dev.elbo.net.KlTerm;
import dev.elbo.net.Vae;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Tensor;

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
    public void step(
            Vae vae,
            Activations a,
            Tensor x,
            NoiseSource noise,
            Schedule schedule,
            Arena gradients,
            Tensor metrics,
            KlControlState steering) {
        Batch.require(this, vae, a, true);
        double scale = 1.0 / ((double) samples * a.batch());
        vae.encode(x, a);
        vae.sample(a, noise);
        vae.decode(a);
        vae.lossGrad(x, a, null, scale, gradients);
        vae.decodeGrad(a, gradients);
        Ops ops = vae.backend().ops();
        Tensor divergence = kl == KlMode.SAMPLED ? a.sampledKl() : a.kl();
        control.updateWeight(ops, a, divergence, schedule, steering);
        vae.sampleGrad(a, noise, new KlTerm(kl, schedule, null, scale), gradients);
        Tensor klTerm = control.adjustGradients(ops, a, schedule);
        vae.encodeGrad(x, a, gradients, null);
        if (metrics != null) {
            ops.stepMetrics(a.reconstruction(), divergence, klTerm, null, Batch.singleLogVar(a), schedule, metrics);
        }
    }

    @Override
    public double loss(double reconstruction, double kl, double bound, double beta) {
        return reconstruction + beta * kl;
    }
}
