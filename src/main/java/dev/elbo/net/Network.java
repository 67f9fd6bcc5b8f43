package dev.elbo.net;

import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.VaeSpec;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Layout;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The components of a specification, made by their {@link Kinds}: a stack of layers, the level with its prior, another stack
 * of layers, the likelihood. A network has no memory and belongs to no backend.
 *
 * @param spec the specification
 * @param encoder layers from the input on
 * @param level between encoder and code
 * @param prior p(z)
 * @param decoder layers from the code on, the last one giving the output
 * @param likelihood p(x|z)
 * @param parameters trained parameters, in the order of files
 */
public record Network(
        VaeSpec spec,
        List<Module> encoder,
        Level level,
        Prior prior,
        List<Module> decoder,
        OutputLikelihood likelihood,
        Parameters parameters) {
    /** The most values in one array, with room for padding. */
    private static final int MAX_PARAMETERS = 2_000_000_000;

    static final String HEADS = "heads";
    static final String Z = "z";
    private static final String OUTPUT = "output";

    /**
     * A layer with its name in files.
     *
     * @param name such as {@code encoder.0} or {@code output}
     * @param layer the layer
     */
    public record Module(String name, Layer layer) {}

    /**
     * {@return the network of a specification}
     *
     * @param spec what it is made of
     * @throws IllegalArgumentException if a kind does not exist, a setting makes no sense, the decoder does not give D values,
     *     or the weights do not fit in one array
     */
    public static Network of(VaeSpec spec) {
        List<Module> encoder = stack(spec, spec.encoder(), spec.inputs(), "encoder.", false);
        int seen = encoder.isEmpty() ? spec.inputs() : last(encoder).layer().outputs();
        Level level = Kinds.LEVELS.make(spec.level(), new Place(spec, seen, Activation.IDENTITY));
        Prior prior = Kinds.PRIORS.make(spec.prior(), new Place(spec, spec.latent(), Activation.IDENTITY));
        List<Module> decoder = stack(spec, spec.decoder(), spec.latent(), "decoder.", true);
        int outputs = last(decoder).layer().outputs();
        if (outputs != spec.inputs()) {
            throw new IllegalArgumentException(
                    "the decoder gives " + outputs + " values, not those of " + spec.inputs() + " inputs");
        }
        OutputLikelihood likelihood =
                Kinds.LIKELIHOODS.make(spec.likelihood(), new Place(spec, spec.inputs(), Activation.IDENTITY));
        Parameters parameters = new Parameters();
        encoder.forEach(module -> module.layer().parameters(parameters.in(module.name(), null)));
        parameters.heads(level.heads(), spec.latent(), seen);
        level.parameters(parameters);
        for (Module module : decoder) {
            boolean output = module.name().equals(OUTPUT);
            module.layer().parameters(parameters.in(module.name(), output ? likelihood::startOutput : null));
        }
        likelihood.parameters(parameters);
        prior.parameters(parameters);
        if (parameters.count() > MAX_PARAMETERS) {
            throw new IllegalArgumentException(
                    "the model " + spec.summary() + " has more than " + MAX_PARAMETERS + " weights");
        }
        return new Network(spec, encoder, level, prior, decoder, likelihood, parameters);
    }

    /** Makes layers with the model's activation; if the stack gives the output, its last one has no activation. */
    private static List<Module> stack(
            VaeSpec spec, List<Component> layers, int inputs, String prefix, boolean givesOutput) {
        List<Module> modules = new ArrayList<>();
        int columns = inputs;
        for (Component component : layers) {
            boolean output = givesOutput && modules.size() == layers.size() - 1;
            Activation activation = output ? Activation.IDENTITY : spec.activation();
            Layer layer = Kinds.LAYERS.make(component, new Place(spec, columns, activation));
            modules.add(new Module(output ? OUTPUT : prefix + modules.size(), layer));
            columns = layer.outputs();
        }
        return List.copyOf(modules);
    }

    private static Module last(List<Module> stack) {
        return stack.get(stack.size() - 1);
    }

    /** {@return whether codes are drawn; a plain autoencoder has no log σ², and its z is μ} */
    public boolean stochastic() {
        return level.stochastic();
    }

    /** {@return the number of trained values} */
    public long parameterCount() {
        return (long) parameters.count();
    }

    /** {@return the values that decoding one code takes: the code and what each layer gives} */
    public long valuesPerSample() {
        return spec.latent()
                + decoder.stream().mapToLong(module -> module.layer().outputs()).sum();
    }

    /**
     * {@return the shape of every tensor in the model's file, by name}: a variance that each batch fits is one of them, though
     * not trained.
     */
    public Map<String, int[]> shapes() {
        Map<String, int[]> shapes = parameters.shapes();
        if (likelihood.fitsVariance()) {
            shapes.put(Parameters.OUTPUT_LOG_VAR, new int[] {1});
        }
        return shapes;
    }

    /** Returns the weights of all heads, or their gradients, as one matrix. */
    Tensor headWeight(Arena arena) {
        String mean = level.heads().get(0) + ".weight";
        return arena.span(
                mean, level.heads().size() * spec.latent(), arena.tensor(mean).cols());
    }

    /** Returns the biases of all heads, or their gradients, as one row. */
    Tensor headBias(Arena arena) {
        return arena.span(level.heads().get(0) + ".bias", 1, level.heads().size() * spec.latent());
    }

    /** Returns the layout of what has a gradient, for B examples and K·B samples. */
    Layout values(int batch, int samples) {
        Layout layout = new Layout();
        int rows = batch * samples;
        // values and gradients lie at the same places of their arenas, and the output where x lies in its own: on the
        // CPU the
        // compiler vectorises a loop over several arrays only where one index serves all
        add(layout, last(decoder), rows);
        encoder.forEach(module -> add(layout, module, batch));
        layout.add(HEADS, batch, level.heads().size() * spec.latent());
        if (level.stochastic()) {
            layout.add(Z, rows, spec.latent());
        }
        decoder.subList(0, decoder.size() - 1).forEach(module -> add(layout, module, rows));
        return layout;
    }

    private static void add(Layout layout, Module module, int rows) {
        layout.add(module.name(), rows, module.layer().outputs());
        module.layer().values().forEach((name, columns) -> layout.add(Scope.full(module.name(), name), rows, columns));
    }
}
