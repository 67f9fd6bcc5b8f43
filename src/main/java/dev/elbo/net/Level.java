package dev.elbo.net;

import dev.elbo.backend.NoiseSource;
import java.util.List;

/**
 * The level between encoder and code: linear heads over what the encoder gives, J columns each and computed together, and
 * the draw of z from them.
 */
public interface Level {
    /** {@return the names of the heads in files, the mean first, log σ² next if there is one} */
    List<String> heads();

    /**
     * Adds its parameters besides those of the heads, in the order of files, after these; by default none.
     *
     * @param to takes them
     */
    default void parameters(Parameters to) {}

    /** {@return whether z has memory of its own; otherwise it is the mean} */
    boolean stochastic();

    /**
     * Queues the heads → z and its divergence from the prior; by default nothing: z is the mean.
     *
     * @param scope operations and parameters
     * @param prior p(z)
     * @param a values of the batch, read and written
     * @param noise ε, K·B × J
     */
    default void sample(Scope scope, Prior prior, Activations a, NoiseSource noise) {}

    /**
     * Queues dZ → the gradients of the heads, those of the KL term added; by default nothing: dZ is the mean's.
     *
     * @param scope operations, parameters and their gradients
     * @param prior p(z)
     * @param a values of the batch and their gradients, read and written
     * @param noise as in {@link #sample}
     * @param kl in the loss
     */
    default void sampleGrad(Scope scope, Prior prior, Activations a, NoiseSource noise, KlTerm kl) {}

    /**
     * Adds the operators from the encoder's output to the posterior to an inference graph.
     *
     * @param graph under construction
     * @param h name of the encoder's output
     */
    void exportHeads(OperatorGraph graph, String h);

    /**
     * Adds the operators from the posterior to a code.
     *
     * @param graph with the operators of {@link #exportHeads}
     * @return the name of the code
     */
    String exportSample(OperatorGraph graph);

    /**
     * Declares the posterior as outputs.
     *
     * @param graph with the operators of {@link #exportHeads}
     */
    void exportPosterior(OperatorGraph graph);
}
