package dev.elbo.net;

import dev.elbo.backend.Backend;
import dev.elbo.error.ElboException;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Layout;
import dev.elbo.tensor.Tensor;

/**
 * The values that a model computes for one batch of B examples with K samples each and, for training, their gradients;
 * made by {@link Vae#allocate}. What is sampled has K·B rows, row k·B + b for sample k of example b. What this model or
 * workspace does not have is an {@link IllegalArgumentException}.
 */
public final class Activations implements AutoCloseable {
    private static final String OWN_LOG_VAR = "output.log_var";

    private final VaeSpec spec;
    private final int batch;
    private final int samples;
    private final boolean training;
    private final Arena arena;
    private final Arena gradients;
    private final Tensor outputLogVar;

    /** @param modelLogVar log σ² of the output as the model keeps it, or null where it keeps none */
    Activations(Backend backend, VaeSpec spec, int batch, int samples, boolean training, Tensor modelLogVar) {
        if (batch < 1 || samples < 1) {
            throw new IllegalArgumentException("a batch of " + batch + " with " + samples + " samples");
        }
        if (!spec.stochastic() && samples != 1) {
            throw new IllegalArgumentException("samples must be 1 for a plain autoencoder, not " + samples);
        }
        if ((long) batch * samples > Integer.MAX_VALUE) {
            throw ElboException.unavailable(
                    "a batch of " + batch + " with " + samples + " samples has more than 2^31 rows; use fewer");
        }
        this.spec = spec;
        this.batch = batch;
        this.samples = samples;
        this.training = training;
        this.arena = backend.allocate(layout());
        this.gradients = training ? allocateGradients(backend) : null;
        this.outputLogVar = fitsVariance() ? arena.tensor(OWN_LOG_VAR) : modelLogVar;
    }

    /** Returns whether log σ² of the output is fitted to every batch, in memory of its own. */
    boolean fitsVariance() {
        return training && spec.likelihood() == Likelihood.GAUSSIAN_OPTIMAL;
    }

    private Arena allocateGradients(Backend backend) {
        try {
            Layout layout = new Layout();
            addForward(layout);
            return backend.allocate(layout);
        } catch (Throwable thrown) {
            arena.close();
            throw thrown;
        }
    }

    private Layout layout() {
        Layout layout = new Layout();
        addForward(layout);
        layout.add("reconstruction", rows(), 1);
        if (spec.stochastic()) {
            layout.add("kl", batch, 1);
            layout.add("sampled_kl", rows(), 1);
            layout.add("log_weights", rows(), 1);
            layout.add("weights", rows(), 1);
            layout.add("bound", batch, 1);
            layout.add("kl_term", 1, 1);
        }
        if (fitsVariance()) {
            layout.add(OWN_LOG_VAR, 1, 1);
        }
        return layout;
    }

    /**
     * What has a gradient. Values and gradients lie at the same places of their arenas, and the output where x lies in
     * its own: on the CPU the compiler vectorises a loop over several arrays only where one index serves all.
     */
    private void addForward(Layout layout) {
        layout.add("output", rows(), spec.inputs());
        int depth = spec.hidden().size();
        for (int i = 0; i < depth; i++) {
            layout.add("encoder." + i, batch, spec.hidden().get(i));
        }
        layout.add("heads", batch, Parameters.heads(spec));
        if (spec.stochastic()) {
            layout.add("z", rows(), spec.latent());
        }
        for (int i = 0; i < depth; i++) {
            layout.add("decoder." + i, rows(), spec.hidden().get(depth - 1 - i));
        }
    }

    /** {@return the number of elements of its memory} */
    public long elements() {
        return arena.layout().size() + (training ? gradients.layout().size() : 0);
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
        return training;
    }

    private int rows() {
        return samples * batch;
    }

    /** {@return means of the posterior, B × J; columns of a wider matrix} */
    public Tensor mu() {
        return heads().cols(0, spec.latent());
    }

    /** {@return log σ² of the posterior as the encoder gave it, before any clamp, B × J; columns of a wider matrix} */
    public Tensor logVar() {
        return secondHalf(heads());
    }

    /** {@return the codes, K·B × J; of a plain autoencoder {@link #mu()} itself} */
    public Tensor z() {
        return spec.stochastic() ? arena.tensor("z") : heads();
    }

    /** {@return the decoder's linear output, K·B × D: means of a Gaussian, logits of a Bernoulli likelihood} */
    public Tensor output() {
        return arena.tensor("output");
    }

    /** {@return KL divergence of the posterior from the prior in closed form, B × 1} */
    public Tensor kl() {
        return arena.tensor("kl");
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
     * {@return log σ² of the output, 1 × 1 or 1 × D, or null where the likelihood has none: the weight of
     * gaussian-learned; of gaussian-optimal the batch's optimum with training, else the model's stored one}
     */
    public Tensor outputLogVar() {
        return outputLogVar;
    }

    /** {@return gradient with respect to {@link #mu()}, B × J} */
    public Tensor dMu() {
        return dHeads().cols(0, spec.latent());
    }

    /** {@return gradient with respect to {@link #logVar()}, B × J} */
    public Tensor dLogVar() {
        return secondHalf(dHeads());
    }

    /** {@return gradient with respect to {@link #z()}, K·B × J; of a plain autoencoder {@link #dMu()} itself} */
    public Tensor dZ() {
        return spec.stochastic() ? gradients().tensor("z") : dHeads();
    }

    /** {@return gradient with respect to {@link #output()}, K·B × D} */
    public Tensor dOutput() {
        return gradients().tensor("output");
    }

    private Tensor secondHalf(Tensor heads) {
        if (!spec.stochastic()) {
            throw new IllegalArgumentException("a plain autoencoder has no log σ²");
        }
        return heads.cols(spec.latent(), spec.latent());
    }

    private Arena gradients() {
        if (!training) {
            throw new IllegalArgumentException("a workspace without training has no gradients");
        }
        return gradients;
    }

    Tensor heads() {
        return arena.tensor("heads");
    }

    Tensor dHeads() {
        return gradients().tensor("heads");
    }

    Tensor encoder(int layer) {
        return arena.tensor("encoder." + layer);
    }

    Tensor dEncoder(int layer) {
        return gradients().tensor("encoder." + layer);
    }

    Tensor decoder(int layer) {
        return arena.tensor("decoder." + layer);
    }

    Tensor dDecoder(int layer) {
        return gradients().tensor("decoder." + layer);
    }

    @Override
    public void close() {
        arena.close();
        if (training) {
            gradients.close();
        }
    }
}
