package dev.elbo.net;

import dev.elbo.backend.Backend;
import dev.elbo.error.ElboException;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Layout;
import dev.elbo.tensor.Tensor;

/**
 * The values that a model computes for one batch of B examples with K samples each and, for training, their gradients;
 * made by {@link Vae#allocate}. What is sampled has K·B rows, row k·B + b for sample k of example b. What this model or
 * workspace does not have is an {@link IllegalArgumentException}.
 */
public final class Activations implements AutoCloseable {
    private static final String INPUTS = "inputs";

    private final Closer closer = new Closer();
    private final Network network;
    private final int batch;
    private final int samples;
    private final Arena arena;
    private final Arena gradients;
    private final Tensor means;
    private final boolean fitsVariance;
    private final Tensor outputLogVar;
    private final Tensor columns;

    /**
     * Allocates the values.
     *
     * @param modelLogVar log σ² of the output as the model keeps it, or null where it keeps none
     * @param columns of the table whose rows are examples, the model's; or null
     */
    Activations(
            Backend backend,
            Network network,
            int batch,
            int samples,
            boolean training,
            Tensor modelLogVar,
            Tensor columns) {
        if (batch < 1 || samples < 1) {
            throw new IllegalArgumentException(
                    "batch and samples must be at least 1, not " + batch + " and " + samples);
        }
        if (!network.stochastic() && samples != 1) {
            throw new IllegalArgumentException("samples must be 1 for a plain autoencoder, not " + samples);
        }
        if ((long) batch * samples > Integer.MAX_VALUE) {
            throw ElboException.unavailable(
                    "a batch of " + batch + " with " + samples + " samples has more than 2^31 rows; use fewer");
        }
        this.network = network;
        this.columns = columns;
        this.batch = batch;
        this.samples = samples;
        this.fitsVariance = training && network.likelihood().fitsVariance();
        try {
            this.arena = closer.register(backend.allocate(layout()));
            this.gradients = training ? closer.register(backend.allocate(network.gradients(batch, samples))) : null;
            int units = network.spec().latent();
            this.means = training ? closer.register(backend.allocate(ElementType.FLOAT64, 1, units)) : null;
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
        this.outputLogVar = fitsVariance ? arena.tensor(Parameters.OUTPUT_LOG_VAR) : modelLogVar;
    }

    private Layout layout() {
        Layout layout = network.values(batch, samples);
        layout.add("reconstruction", rows(), 1);
        if (network.spec().conditional()) {
            layout.add(Scope.LABELS, batch, 1);
        }
        if (network.likelihood().columns().isPresent()) {
            layout.add(INPUTS, batch, network.spec().inputs());
        }
        if (network.stochastic()) {
            layout.add("kl", batch, 1);
            layout.add("sampled_kl", rows(), 1);
            layout.add("log_weights", rows(), 1);
            layout.add("weights", rows(), 1);
            layout.add("bound", batch, 1);
            layout.add("kl_term", 1, 1);
        }
        if (fitsVariance) {
            layout.add(Parameters.OUTPUT_LOG_VAR, 1, 1);
        }
        return layout;
    }

    /** {@return the number of elements of its memory} */
    public long elements() {
        return arena.layout().size() + (training() ? gradients.layout().size() : 0);
    }

    /** {@return B} */
    public int batch() {
        return batch;
    }

    /** {@return K} */
    public int samples() {
        return samples;
    }

    /** {@return whether there are gradients, and whether gaussian-optimal takes the batch's own variance} */
    public boolean training() {
        return gradients != null;
    }

    private int rows() {
        return samples * batch;
    }

    /** {@return means of the posterior, B × J; columns of a wider matrix} */
    public Tensor mu() {
        return heads(arena, 0);
    }

    /** {@return log σ² of the posterior as the encoder gave it, before any clamp, B × J; columns of a wider matrix} */
    public Tensor logVar() {
        return heads(arena, 1);
    }

    /** {@return the codes, K·B × J; of a plain autoencoder {@link #mu()} itself} */
    public Tensor z() {
        return z(arena);
    }

    /** {@return the decoder's linear output, K·B × D: means of a Gaussian, logits of a Bernoulli likelihood} */
    public Tensor output() {
        return arena.tensor("output");
    }

    /** {@return the label of each example, B × 1, a whole number from 0 on; null for a model without classes} */
    public Tensor labels() {
        return network.spec().conditional() ? arena.tensor(Scope.LABELS) : null;
    }

    /** Returns what the encoder of a model of columns is given, B × D. */
    Tensor inputs() {
        return arena.tensor(INPUTS);
    }

    /** Returns the columns of a model of columns as operations read them. */
    Tensor columns() {
        return columns;
    }

    /** {@return KL divergence of the posterior from the prior in closed form, B × 1} */
    public Tensor kl() {
        return arena.tensor("kl");
    }

    /** {@return memory for means over the batch while a step computes them, 1 × J, FLOAT64; null without training} */
    public Tensor means() {
        return means;
    }

    /** {@return the KL term of the loss if free bits limit it, 1 × 1} */
    public Tensor klTerm() {
        return arena.tensor("kl_term");
    }

    /** {@return log q(z|x) − log p(z), K·B × 1} */
    public Tensor sampledKl() {
        return arena.tensor("sampled_kl");
    }

    /** {@return −log p(x|z), K·B × 1} */
    public Tensor reconstruction() {
        return arena.tensor("reconstruction");
    }

    /** {@return log p(x|z) + log p(z) − log q(z|x), K·B × 1} */
    public Tensor logWeights() {
        return arena.tensor("log_weights");
    }

    /** {@return normalized importance weights, K·B × 1} */
    public Tensor weights() {
        return arena.tensor("weights");
    }

    /** {@return importance-weighted bound, B × 1} */
    public Tensor bound() {
        return arena.tensor("bound");
    }

    /**
     * {@return log σ² of the output, 1 × 1, 1 × D or a value for each gaussian column, or null where the likelihood has none:
     * the weight of gaussian-learned and of columns; of gaussian-optimal the batch's optimum with training, else the model's
     * stored one}
     */
    public Tensor outputLogVar() {
        return outputLogVar;
    }

    /** {@return gradient with respect to {@link #mu()}, B × J} */
    public Tensor dMu() {
        return heads(gradients(), 0);
    }

    /** {@return gradient with respect to {@link #logVar()}, B × J} */
    public Tensor dLogVar() {
        return heads(gradients(), 1);
    }

    /** {@return gradient with respect to {@link #z()}, K·B × J; of a plain autoencoder {@link #dMu()} itself} */
    public Tensor dZ() {
        return z(gradients());
    }

    /** {@return gradient with respect to {@link #output()}, K·B × D} */
    public Tensor dOutput() {
        return gradients().tensor("output");
    }

    Tensor head(int number) {
        return heads(arena, number);
    }

    Tensor headGradient(int number) {
        return heads(gradients(), number);
    }

    private Tensor heads(Arena values, int head) {
        if (head >= network.level().heads().size()) {
            throw new IllegalArgumentException("a plain autoencoder has no log σ²");
        }
        int latent = network.spec().latent();
        return values.tensor(Network.HEADS).cols(head * latent, latent);
    }

    private Tensor z(Arena values) {
        return network.stochastic() ? values.tensor(Network.Z) : heads(values, 0);
    }

    /** The values by name: what has a gradient, then what has none. */
    Arena values() {
        return arena;
    }

    /** The gradients of the values. */
    Arena gradients() {
        if (!training()) {
            throw new IllegalArgumentException("activations that are not for training have no gradients");
        }
        return gradients;
    }

    @Override
    public void close() {
        closer.close();
    }
}
