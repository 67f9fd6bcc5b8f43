package dev.elbo.net;

import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Ops;
import dev.elbo.tensor.Tensor;

/** The prior p(z): draws from it, and the divergence of a diagonal Gaussian posterior, which goes with the draw of z. */
public interface Prior {
    /**
     * Queues z ~ p(z).
     *
     * @param ops operations
     * @param noise standard normals, R × J
     * @param z written, R × J
     */
    void draw(Ops ops, NoiseSource noise, Tensor z);

    /**
     * Queues μ, log σ² → z and both KL divergences.
     *
     * @param ops operations
     * @param a values of the batch, read and written
     * @param noise ε, K·B × J
     */
    void sample(Ops ops, Activations a, NoiseSource noise);

    /**
     * Queues dZ → dMu, dLogVar, the gradient of the KL term added.
     *
     * @param ops operations
     * @param a values of the batch and their gradients, read and written
     * @param noise as in {@link #sample}
     * @param kl in the loss
     */
    void sampleGrad(Ops ops, Activations a, NoiseSource noise, KlTerm kl);
}
