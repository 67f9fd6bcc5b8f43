package dev.elbo.net;

import dev.elbo.backend.Backend;
import dev.elbo.backend.LogVariance;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Ops;
import dev.elbo.model.Activation;
import dev.elbo.model.Columns;
import dev.elbo.model.VaeSpec;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.List;

/**
 * A variational autoencoder (Kingma and Welling 2013, appendix C) as forward and backward pieces over {@link Ops}: encode,
 * sample, decode, loss, and the gradient of each. Pieces only queue operations, so they may be called inside {@link
 * Backend#record}. x is B × D. The parameters stay the caller's.
 */
public final class Vae implements AutoCloseable {
    private final Backend backend;
    private final Network network;
    private final Arena parameters;
    private final Tensor storedLogVar;
    /** Null for examples that are not rows of a table. */
    private final Tensor columns;

    /**
     * Creates a model on parameters in a backend's memory.
     *
     * @param backend that it computes on; not closed with it
     * @param spec what it is made of
     * @param parameters in the backend's memory, of the model's {@link Parameters#layout}
     * @throws IllegalArgumentException if they have another layout
     */
    public Vae(Backend backend, VaeSpec spec, Arena parameters) {
        this.network = Network.of(spec);
        if (!parameters.layout().slots().equals(network.parameters().layout().slots())) {
            throw new IllegalArgumentException(
                    "parameters " + parameters.layout().slots() + " are not those of " + spec);
        }
        this.backend = backend;
        this.parameters = parameters;
        this.storedLogVar = backend.allocate(ElementType.REAL, 1, 1);
        this.columns = network.likelihood().columns().map(this::upload).orElse(null);
    }

    private Tensor upload(Columns all) {
        try {
            Tensor table = backend.allocate(ElementType.INT32, all.all().size(), Columns.FIELDS);
            table.write(all.table());
            return table;
        } catch (Throwable thrown) {
            storedLogVar.buffer().close();
            throw thrown;
        }
    }

    /** {@return the backend of the parameters} */
    public Backend backend() {
        return backend;
    }

    /** {@return the specification} */
    public VaeSpec spec() {
        return network.spec();
    }

    /** {@return its components} */
    public Network network() {
        return network;
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
            throw new IllegalArgumentException("log σ² of the output must be finite, not " + logVar);
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
        return new Activations(backend, network, batch, samples, training, logVar(), columns);
    }

    private Tensor logVar() {
        if (network.likelihood().fitsVariance()) {
            return storedLogVar;
        }
        boolean trained = parameters.names().contains(Parameters.OUTPUT_LOG_VAR);
        return trained ? parameters.tensor(Parameters.OUTPUT_LOG_VAR) : null;
    }

    /**
     * {@return the values of a parameter of the likelihood; empty if it has none of that name} Log σ² is that which {@link
     * #lossRows} evaluates with, not yet within the bounds of {@link LogVariance}.
     *
     * @param name in files, such as {@link Parameters#OUTPUT_LOG_VAR}
     */
    public double[] outputParameter(String name) {
        Tensor values = name.equals(Parameters.OUTPUT_LOG_VAR)
                ? logVar()
                : parameters.names().contains(name) ? parameters.tensor(name) : null;
        return values == null ? new double[0] : values.toDoubles();
    }

    /**
     * Queues x → μ, log σ².
     *
     * @param x examples, B × D
     * @param a memory of the batch, read and written
     */
    public void encode(Tensor x, Activations a) {
        Tensor h = forward(network.encoder(), inputs(x, a, true), a);
        Tensor heads = a.values().tensor(Network.HEADS);
        backend.ops()
                .dense(h, network.headWeight(parameters), network.headBias(parameters), Activation.IDENTITY, heads);
        for (int i = 0; i < network.level().heads().size(); i++) {
            tellClass(network.level().heads().get(i), a, a.head(i));
        }
    }

    /** What the encoder is given: x, or of a table its values without gaps, which are made of x if they are not there yet. */
    private Tensor inputs(Tensor x, Activations a, boolean make) {
        if (columns == null) {
            return x;
        }
        if (make) {
            backend.ops().columnInputs(x, columns, a.inputs());
        }
        return a.inputs();
    }

    private void tellClass(String head, Activations a, Tensor y) {
        network.headClasses(parameters, head)
                .ifPresent(table -> backend.ops().classBias(a.labels(), table, Activation.IDENTITY, y));
    }

    /** @param gradients of the parameters; null in a forward pass */
    private Scope scope(Activations a, String module, Arena gradients) {
        Arena dValues = gradients == null ? null : a.gradients();
        return new Scope(backend.ops(), module, parameters, gradients, a.values(), dValues);
    }

    private Tensor forward(List<Network.Module> stack, Tensor x, Activations a) {
        Tensor h = x;
        for (Network.Module module : stack) {
            Tensor y = a.values().tensor(module.name());
            module.layer().forward(scope(a, module.name(), null), h, y);
            h = y;
        }
        return h;
    }

    private void backward(List<Network.Module> stack, Tensor x, Tensor dX, Activations a, Arena gradients) {
        for (int i = stack.size() - 1; i >= 0; i--) {
            String name = stack.get(i).name();
            Tensor h = last(stack.subList(0, i), x, a.values());
            Tensor dH = last(stack.subList(0, i), dX, a.gradients());
            Tensor y = a.values().tensor(name);
            stack.get(i)
                    .layer()
                    .backward(scope(a, name, gradients), h, y, a.gradients().tensor(name), dH);
        }
    }

    /** What a stack gives, or its gradient; what it is given, if it has no layers. */
    private static Tensor last(List<Network.Module> stack, Tensor given, Arena values) {
        return stack.isEmpty()
                ? given
                : values.tensor(stack.get(stack.size() - 1).name());
    }

    /**
     * Queues x → μ alone, half the work of the heads.
     *
     * @param x examples, B × D
     * @param a memory of the batch, read and written, but for {@link Activations#mu()}
     * @param mu written, B × J
     */
    public void encodeMean(Tensor x, Activations a, Tensor mu) {
        String mean = network.level().heads().get(0);
        Tensor h = forward(network.encoder(), inputs(x, a, true), a);
        Tensor weight = parameters.tensor(mean + ".weight");
        backend.ops().dense(h, weight, parameters.tensor(mean + ".bias"), Activation.IDENTITY, mu);
        tellClass(mean, a, mu);
    }

    /**
     * Queues μ, log σ² → z and both KL divergences ({@link Ops#reparameterize}); nothing for a plain autoencoder, whose
     * z is μ.
     *
     * @param a memory of the batch, read and written
     * @param noise ε, K·B × J
     */
    public void sample(Activations a, NoiseSource noise) {
        network.level().sample(scope(a, "", null), network.prior(), a, noise);
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
        forward(network.decoder(), z, a);
    }

    /**
     * Queues z ~ p(z).
     *
     * @param noise standard normals, R × J
     * @param z written, R × J
     */
    public void samplePrior(NoiseSource noise, Tensor z) {
        network.prior().draw(new Scope(backend.ops(), "", parameters, null, null, null), noise, z);
    }

    /**
     * Queues output → the mean of p(x|z), which then lies in {@link #meanAt}; nothing if the output is the mean.
     *
     * @param a memory of the batch, read
     * @param room written unless the output is the mean, K·B × D
     */
    public void mean(Activations a, Tensor room) {
        if (!outputIsMean()) {
            network.likelihood().mean(scope(a, "", null), a, room);
        }
    }

    /**
     * {@return the tensor in which {@link #mean} leaves the means: {@code room}, or the output where it is the mean}
     *
     * @param a memory of the batch
     * @param room as there
     */
    public Tensor meanAt(Activations a, Tensor room) {
        return outputIsMean() ? a.output() : room;
    }

    private boolean outputIsMean() {
        return network.likelihood().outputIsMean();
    }

    /**
     * Queues the variance that fits a batch best, for a likelihood that takes it ({@link Ops#optimalLogVar}); nothing for others.
     *
     * @param x examples, B × D
     * @param a memory of the batch, made for training, read and written
     */
    public void fitVariance(Tensor x, Activations a) {
        if (network.likelihood().fitsVariance()) {
            backend.ops().optimalLogVar(a.output(), x, a.outputLogVar());
        }
    }

    /**
     * Queues output → reconstruction, −log p(x|z) of every row. The variance of gaussian-optimal is that of the last {@link
     * #fitVariance}, or without training the model's stored one.
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
     * gaussian-optimal is that of the last {@link #fitVariance}, and held: where it is the optimum of the loss, the gradient through it is zero (envelope
     * theorem).
     *
     * @param x examples, B × D
     * @param a memory of the batch, read and written
     * @param rowWeight K·B × 1; or null: 1
     * @param scale of what the gradients are of
     * @param gradients written, of the parameters' layout
     */
    public void lossGrad(Tensor x, Activations a, Tensor rowWeight, double scale, Arena gradients) {
        loss(x, a, rowWeight, scale, a.dOutput(), gradients);
    }

    private void loss(Tensor x, Activations a, Tensor rowWeight, double scale, Tensor dOutput, Arena gradients) {
        network.likelihood().loss(scope(a, "", gradients), a, x, rowWeight, scale, dOutput);
    }

    /**
     * Queues dOutput → dZ and the decoder's gradients, after {@link #decode(Activations)}.
     *
     * @param a memory of the batch, read and written
     * @param gradients written, of the parameters' layout: decoder and output
     */
    public void decodeGrad(Activations a, Arena gradients) {
        backward(network.decoder(), a.z(), a.dZ(), a, gradients);
    }

    /**
     * Queues dZ → dMu, dLogVar, with the gradient of the KL term added ({@link Ops#reparameterizeGrad}). Nothing to do for
     * a plain autoencoder, whose dZ is dMu.
     *
     * @param a memory of the batch, read and written
     * @param noise the same as in {@link #sample}
     * @param kl the term
     * @param gradients written, of the parameters' layout: those of level and prior, if these have parameters
     */
    public void sampleGrad(Activations a, NoiseSource noise, KlTerm kl, Arena gradients) {
        network.level().sampleGrad(scope(a, "", gradients), network.prior(), a, noise, kl);
    }

    /**
     * Queues dMu, dLogVar → the encoder's gradients. It leaves dMu and dLogVar as they are, and may be called again.
     *
     * @param x examples, B × D
     * @param a memory of the batch, read and written
     * @param gradients written, of the parameters' layout
     * @param dX gradient with respect to what the encoder is given, x itself unless it is a row of a table, B × D, or null
     */
    public void encodeGrad(Tensor x, Activations a, Arena gradients, Tensor dX) {
        List<Network.Module> encoder = network.encoder();
        Tensor seen = inputs(x, a, false);
        Tensor h = last(encoder, seen, a.values());
        Tensor dH = last(encoder, dX, a.gradients());
        backend.ops()
                .denseGrad(
                        h,
                        network.headWeight(parameters),
                        a.values().tensor(Network.HEADS),
                        a.gradients().tensor(Network.HEADS),
                        Activation.IDENTITY,
                        network.headWeight(gradients),
                        network.headBias(gradients),
                        dH);
        for (int i = 0; i < network.level().heads().size(); i++) {
            Tensor dY = a.headGradient(i);
            network.headClasses(gradients, network.level().heads().get(i))
                    .ifPresent(dTable -> backend.ops().classBiasGrad(a.labels(), dY, dTable));
        }
        backward(encoder, seen, dX, a, gradients);
    }

    /** Frees the model's own memory, not the parameters and activations. */
    @Override
    public void close() {
        storedLogVar.buffer().close();
        if (columns != null) {
            columns.buffer().close();
        }
    }
}
