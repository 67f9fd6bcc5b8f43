package dev.elbo.objective;

import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Schedule;
import dev.elbo.net.Activations;
import dev.elbo.net.Vae;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Tensor;

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
    public void step(
            Vae vae,
            Activations a,
            Tensor x,
            NoiseSource noise,
            Schedule schedule,
            Arena gradients,
            Tensor metrics,
            KlControlState steering) {
        Batch.require(this, vae, a, false);
        vae.encode(x, a);
        vae.decode(a);
        vae.lossGrad(x, a, null, 1.0 / a.batch(), gradients);
        vae.decodeGrad(a, gradients);
        vae.encodeGrad(x, a, gradients, null);
        if (metrics != null) {
            vae.backend()
                    .ops()
                    .stepMetrics(a.reconstruction(), null, null, null, Batch.singleLogVar(a), schedule, metrics);
        }
    }

    @Override
    public double loss(double reconstruction, double kl, double bound, double beta) {
        return reconstruction;
    }
}
