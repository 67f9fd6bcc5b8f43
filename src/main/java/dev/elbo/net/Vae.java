package dev.elbo.net;

import dev.elbo.backend.Backend;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.LogVariance;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Ops;
import dev.elbo.backend.Schedule;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;

/**
 * A variational autoencoder (Kingma and Welling 2013, appendix C) as forward and backward pieces over {@link Ops}: encode,
 * sample, decode, loss, and the gradient of each. Pieces only queue operations, so they may be called inside {@link
 * Backend#record}. x is B × D. The parameters stay the caller's.
 */
public final class Vae implements AutoCloseable {
    private final Backend backend;
    private final VaeSpec spec;
    private final Arena parameters;
    private final Tensor storedLogVar;

    /**
     * Creates a model on parameters in a backend's memory.
     *
     * @param backend that it computes on; not closed with it
     * @param spec what it is made of
     * @param parameters in the backend's memory, of the model's {@link Parameters#layout}
     * @throws IllegalArgumentException if they have another layout
     */
    public Vae(Backend backend, VaeSpec spec, Arena parameters) {
        requireLayout("parameters", parameters, spec);
        this.backend = backend;
        this.spec = spec;
        this.parameters = parameters;
        this.storedLogVar = backend.allocate(ElementType.REAL, 1, 1);
    }

    private static void requireLayout(String argument, Arena arena, VaeSpec spec) {
        if (!arena.layout().slots().equals(Parameters.layout(spec).slots())) {
            throw new IllegalArgumentException(argument + " " + arena.layout().slots() + " are not those of " + spec);
        }
    }

    /** {@return the backend of the parameters} */
    public Backend backend() {
        return backend;
    }

    /** {@return the specification} */
    public VaeSpec spec() {
        return spec;
    }

    /** {@return the parameters, with {@link Parameters#layout}; the caller owns them} */
    public Arena parameters() {
        return parameters;
    }

    /** {@return log σ² of the output that gaussian-optimal is evaluated with; 0, unit variance, until it is stored} */
    public double storedLogVar() {
        return storedLogVar.toDoubles()[0];
    }

    /**
     * Sets {@link #storedLogVar()}; recorded programs see it too.
     *
     * @param logVar natural logarithm of the variance, finite
     */
    public void storeLogVar(double logVar) {
        if (!Double.isFinite(logVar)) {
            throw new IllegalArgumentException("log σ² of the output is " + logVar);
        }
        storedLogVar.write(new double[] {logVar});
    }

    /**
     * {@return memory for one batch, to be closed by the caller}
     *
     * @param batch B
     * @param samples of each example, K; 1 for a plain autoencoder
     * @param training whether gradients are computed; gaussian-optimal then uses the variance that fits the batch best,
     *     otherwise the stored one
     */
    public Activations allocate(int batch, int samples, boolean training) {
        return new Activations(backend, spec, batch, samples, training, logVar());
    }

    private Tensor logVar() {
        return switch (spec.likelihood()) {
            case GAUSSIAN, BERNOULLI -> null;
            case GAUSSIAN_LEARNED -> parameters.tensor(Parameters.OUTPUT_LOG_VAR);
            case GAUSSIAN_OPTIMAL -> storedLogVar;
        };
    }

    /**
     * {@return log σ² of p(x|z) as {@link #lossRows} evaluates it: one value, or one for each of D inputs; empty where the
     * likelihood has no variance of its own: unit variance, Bernoulli} Not yet within the bounds of {@link LogVariance}.
     */
    public double[] outputLogVar() {
        Tensor logVar = logVar();
        return logVar == null ? new double[0] : logVar.toDoubles();
    }

    /**
     * Queues x → μ, log σ².
     *
     * @param x examples, B × D
     * @param a memory of the batch, read and written
     */
    public void encode(Tensor x, Activations a) {
        Tensor weight = Parameters.headWeight(parameters, spec);
        Tensor bias = Parameters.headBias(parameters, spec);
        backend.ops().dense(encodeHidden(x, a), weight, bias, Activation.IDENTITY, a.heads());
    }

    /**
     * Queues x → μ alone, half the work of the heads.
     *
     * @param x examples, B × D
     * @param a memory of the batch, read and written, but for {@link Activations#mu()}
     * @param mu written, B × J
     */
    public void encodeMean(Tensor x, Activations a, Tensor mu) {
        dense("mu", encodeHidden(x, a), Activation.IDENTITY, mu);
    }

    private Tensor encodeHidden(Tensor x, Activations a) {
        Tensor h = x;
        for (int i = 0; i < spec.hidden().size(); i++) {
            dense("encoder." + i, h, spec.activation(), a.encoder(i));
            h = a.encoder(i);
        }
        return h;
    }

    /**
     * Queues μ, log σ² → z and both KL divergences ({@link Ops#reparameterize}); nothing for a plain autoencoder, whose
     * z is μ.
     *
     * @param a memory of the batch, read and written
     * @param noise ε, K·B × J
     */
    public void sample(Activations a, NoiseSource noise) {
        if (spec.stochastic()) {
            backend.ops().reparameterize(a.mu(), a.logVar(), noise, a.z(), a.kl(), a.sampledKl());
        }
    }

    /**
     * Queues z → output.
     *
     * @param a memory of the batch, read and written
     */
    public void decode(Activations a) {
        decode(a.z(), a);
    }

    /**
     * Queues any codes → output.
     *
     * @param z K·B × J
     * @param a memory of the batch, read and written
     */
    public void decode(Tensor z, Activations a) {
        int depth = spec.hidden().size();
        for (int i = 0; i < depth; i++) {
            dense("decoder." + i, i == 0 ? z : a.decoder(i - 1), spec.activation(), a.decoder(i));
        }
        dense("output", depth == 0 ? z : a.decoder(depth - 1), Activation.IDENTITY, a.output());
    }

    private void dense(String name, Tensor x, Activation activation, Tensor y) {
        backend.ops().dense(x, parameters.tensor(name + ".weight"), parameters.tensor(name + ".bias"), activation, y);
    }

    /**
     * Queues output → the mean of p(x|z), which then lies in {@link #meanAt}; nothing if the output is the mean.
     *
     * @param a memory of the batch, read
     * @param room written unless the output is the mean, K·B × D
     */
    public void mean(Activations a, Tensor room) {
        if (spec.likelihood() == Likelihood.BERNOULLI) {
            backend.ops().activate(a.output(), Activation.SIGMOID, room);
        }
    }

    /**
     * {@return the tensor in which {@link #mean} leaves the means: {@code room}, or a Gaussian's output}
     *
     * @param a memory of the batch
     * @param room as there
     */
    public Tensor meanAt(Activations a, Tensor room) {
        return spec.likelihood() == Likelihood.BERNOULLI ? room : a.output();
    }

    /**
     * Queues output → reconstruction, −log p(x|z) of every row.
     *
     * @param x examples, B × D
     * @param a memory of the batch, read and written
     */
    public void lossRows(Tensor x, Activations a) {
        loss(x, a, null, 1, null, null);
    }

    /**
     * Queues the gradient dOutput of {@code scale · Σ_r rowWeight_r reconstruction_r}, without weights also what {@link
     * #lossRows} gives, in the same pass; of gaussian-learned also the gradient of its log σ². The variance of
     * gaussian-optimal is held: where it is the optimum of the loss, the gradient through it is zero (envelope
     * theorem).
     *
     * @param x examples, B × D
     * @param a memory of the batch, read and written
     * @param rowWeight K·B × 1, made of what {@link #lossRows} gave for the same output, whose variance it then keeps; or
     *     null: 1
     * @param scale of what the gradients are of
     * @param gradients written, of the parameters' layout
     */
    public void lossGrad(Tensor x, Activations a, Tensor rowWeight, double scale, Arena gradients) {
        boolean learned = spec.likelihood() == Likelihood.GAUSSIAN_LEARNED;
        Tensor dLogVar = learned ? gradients.tensor(Parameters.OUTPUT_LOG_VAR) : null;
        loss(x, a, rowWeight, scale, a.dOutput(), dLogVar);
    }

    private void loss(Tensor x, Activations a, Tensor rowWeight, double scale, Tensor dOutput, Tensor dLogVar) {
        Ops ops = backend.ops();
        if (rowWeight == null && a.fitsVariance()) {
            ops.optimalLogVar(a.output(), x, a.outputLogVar());
        }
        Tensor loss = rowWeight == null ? a.reconstruction() : null;
        if (spec.likelihood() == Likelihood.BERNOULLI) {
            ops.bernoulliLoss(a.output(), x, rowWeight, scale, loss, dOutput);
        } else {
            ops.gaussianLoss(a.output(), x, a.outputLogVar(), rowWeight, scale, loss, dOutput, dLogVar);
        }
    }

    /**
     * Queues dOutput → dZ and the decoder's gradients, after {@link #decode(Activations)}.
     *
     * @param a memory of the batch, read and written
     * @param gradients written, of the parameters' layout: decoder and output
     */
    public void decodeGrad(Activations a, Arena gradients) {
        int depth = spec.hidden().size();
        Tensor x = depth == 0 ? a.z() : a.decoder(depth - 1);
        Tensor dX = depth == 0 ? a.dZ() : a.dDecoder(depth - 1);
        denseGrad("output", x, a.output(), a.dOutput(), Activation.IDENTITY, gradients, dX);
        for (int i = depth - 1; i >= 0; i--) {
            x = i == 0 ? a.z() : a.decoder(i - 1);
            dX = i == 0 ? a.dZ() : a.dDecoder(i - 1);
            denseGrad("decoder." + i, x, a.decoder(i), a.dDecoder(i), spec.activation(), gradients, dX);
        }
    }

    /**
     * Queues dZ → dMu, dLogVar, with the gradient of {@code scale · Σ_r rowWeight_r β KL_r} added ({@link
     * Ops#reparameterizeGrad}). Nothing to do for a plain autoencoder, whose dZ is dMu.
     *
     * @param a memory of the batch, read and written
     * @param noise the same as in {@link #sample}
     * @param mode whether the KL divergence is in closed form or at the samples
     * @param schedule holds β
     * @param rowWeight K·B × 1, or null: 1
     * @param scale of what the gradients are of
     */
    public void sampleGrad(
            Activations a, NoiseSource noise, KlMode mode, Schedule schedule, Tensor rowWeight, double scale) {
        if (spec.stochastic()) {
            backend.ops()
                    .reparameterizeGrad(
                            a.mu(), a.logVar(), noise, a.dZ(), mode, schedule, rowWeight, scale, a.dMu(), a.dLogVar());
        }
    }

    /**
     * Queues dMu, dLogVar → the encoder's gradients. It leaves dMu and dLogVar as they are, and may be called again.
     *
     * @param x examples, B × D
     * @param a memory of the batch, read and written
     * @param gradients written, of the parameters' layout
     * @param dX gradient with respect to x through the encoder, B × D, or null
     */
    public void encodeGrad(Tensor x, Activations a, Arena gradients, Tensor dX) {
        int depth = spec.hidden().size();
        Tensor h = depth == 0 ? x : a.encoder(depth - 1);
        Tensor dH = depth == 0 ? dX : a.dEncoder(depth - 1);
        Tensor weight = Parameters.headWeight(parameters, spec);
        Tensor dWeight = Parameters.headWeight(gradients, spec);
        Tensor dBias = Parameters.headBias(gradients, spec);
        backend.ops().denseGrad(h, weight, a.heads(), a.dHeads(), Activation.IDENTITY, dWeight, dBias, dH);
        for (int i = depth - 1; i >= 0; i--) {
            h = i == 0 ? x : a.encoder(i - 1);
            dH = i == 0 ? dX : a.dEncoder(i - 1);
            denseGrad("encoder." + i, h, a.encoder(i), a.dEncoder(i), spec.activation(), gradients, dH);
        }
    }

    private void denseGrad(
            String name, Tensor x, Tensor y, Tensor dY, Activation activation, Arena gradients, Tensor dX) {
        Tensor weight = parameters.tensor(name + ".weight");
        Tensor dWeight = gradients.tensor(name + ".weight");
        Tensor dBias = gradients.tensor(name + ".bias");
        backend.ops().denseGrad(x, weight, y, dY, activation, dWeight, dBias, dX);
    }

    /** Frees the model's own memory, not the parameters and activations. */
    @Override
    public void close() {
        storedLogVar.buffer().close();
    }
}
