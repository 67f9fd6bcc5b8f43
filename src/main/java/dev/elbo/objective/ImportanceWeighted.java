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
        double scale = 1.0 / a.batch();
        Ops ops = vae.backend().ops();
        vae.encode(x, a);
        vae.sample(a, noise);
        vae.decode(a);
        vae.lossRows(x, a);
        ops.importanceWeights(a.reconstruction(), a.sampledKl(), a.logWeights(), a.weights(), a.bound());
        vae.lossGrad(x, a, a.weights(), scale, gradients);
        vae.decodeGrad(a, gradients);
        KlMode mode = doublyReparameterized ? KlMode.DOUBLY_REPARAMETERIZED : KlMode.SAMPLED;
        vae.sampleGrad(a, noise, new KlTerm(mode, schedule, a.weights(), scale), gradients);
        vae.encodeGrad(x, a, gradients, null);
        if (metrics != null) {
            ops.stepMetrics(a.reconstruction(), a.kl(), null, a.bound(), Batch.singleLogVar(a), schedule, metrics);
        }
    }

    /**
     * Returns −bound; with one sample {@code reconstruction + kl}, which has the same expectation and less variance.
     */
    @Override
    public double loss(double reconstruction, double kl, double bound, double beta) {
        return samples == 1 ? reconstruction + kl : -bound;
    }
}
