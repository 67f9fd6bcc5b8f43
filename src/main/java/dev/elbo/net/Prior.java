package dev.elbo.net;

import dev.elbo.backend.NoiseSource;
import dev.elbo.tensor.Tensor;

/** The prior p(z): draws from it, and the divergence of a diagonal Gaussian posterior, which goes with the draw of z. */
public interface Prior {
    /**
     * Adds its parameters, in the order of files, after those of the likelihood; by default none.
     *
     * @param to takes them
     */
    default void parameters(Parameters to) {}

    /**
     * Queues z ~ p(z).
     *
     * @param scope operations and parameters
     * @param noise standard normals, R × J
     * @param z written, R × J
     */
    void draw(Scope scope, NoiseSource noise, Tensor z);

    /**
     * Queues μ, log σ² → z and both KL divergences.
     *
     * @param scope operations and parameters
     * @param a values of the batch, read and written
     * @param noise ε, K·B × J
     */
    void sample(Scope scope, Activations a, NoiseSource noise);

    /**
     * Queues dZ → dMu, dLogVar, the gradient of the KL term added.
     *
     * @param scope operations, parameters and their gradients
     * @param a values of the batch and their gradients, read and written
     * @param noise as in {@link #sample}
     * @param kl in the loss
     */
    void sampleGrad(Scope scope, Activations a, NoiseSource noise, KlTerm kl);
}
