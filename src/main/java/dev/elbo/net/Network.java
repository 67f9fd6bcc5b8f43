package dev.elbo.net;

import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.VaeSpec;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Layout;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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
        FeatureMap data = spec.picture().orElse(FeatureMap.vector(spec.inputs()));
        FeatureMap code = FeatureMap.vector(spec.latent());
        List<Module> encoder = stack(spec, spec.encoder(), data, "encoder.", false);
        FeatureMap seen = encoder.isEmpty() ? data : last(encoder).layer().shape();
        Level level = Kinds.LEVELS.make(spec.level(), Place.of(spec, seen, 0));
        Prior prior = Kinds.PRIORS.make(spec.prior(), Place.of(spec, code, 0));
        List<Module> decoder = stack(spec, spec.decoder(), code, "decoder.", true);
        int outputs = last(decoder).layer().outputs();
        if (outputs != spec.inputs()) {
            throw new IllegalArgumentException(
                    "the decoder gives " + outputs + " values, not those of " + spec.inputs() + " inputs");
        }
        if (spec.conditional() && !isConditional(decoder)) {
            throw new IllegalArgumentException("no layer of the decoder can be told the class of an example");
        }
        OutputLikelihood likelihood =
                Kinds.LIKELIHOODS.make(spec.likelihood(), Place.of(spec, FeatureMap.vector(spec.inputs()), 0));
        Parameters parameters = new Parameters();
        encoder.forEach(module -> module.layer().parameters(parameters.in(module.name(), null)));
        boolean told = spec.conditional() && !isConditional(encoder);
        parameters.heads(
                level.heads(),
                spec.latent(),
                seen,
                encoder.isEmpty(),
                told ? spec.classes().size() : 0);
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
            VaeSpec spec, List<Component> layers, FeatureMap inputs, String prefix, boolean givesOutput) {
        List<Module> modules = new ArrayList<>();
        FeatureMap shape = inputs;
        for (Component component : layers) {
            boolean output = givesOutput && modules.size() == layers.size() - 1;
            Activation activation = output ? Activation.IDENTITY : spec.activation();
            int classes = isConditional(modules) ? 0 : spec.classes().size();
            boolean first = modules.isEmpty() && !givesOutput;
            String name = output ? OUTPUT : prefix + modules.size();
            Layer layer = Kinds.LAYERS.make(component, new Place(spec, shape, activation, first, output, classes));
            modules.add(new Module(name, layer));
            shape = layer.shape();
        }
        return List.copyOf(modules);
    }

    private static boolean isConditional(List<Module> stack) {
        return stack.stream().anyMatch(module -> module.layer().conditional());
    }

    /** {@return whether the heads are told the class of an example, since no layer of the encoder is} */
    public boolean headsAreConditional() {
        return spec.conditional() && !isConditional(encoder);
    }

    /** Returns the weights of classes of a head, or their gradients; empty if the heads are not told the class. */
    Optional<Tensor> headClasses(Arena arena, String head) {
        return headsAreConditional() ? Optional.of(arena.tensor(head + "." + DenseTensors.CLASSES)) : Optional.empty();
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

    /** Returns the layout of the values of B examples and K·B samples, which have gradients. */
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
        add(layout, module, module.layer().values(rows));
    }

    private static void add(Layout layout, Module module, Map<String, int[]> shapes) {
        // by name: a map may have another order in each process, and places in memory are the same in all
        new TreeMap<>(shapes).forEach((name, shape) -> layout.add(Scope.full(module.name(), name), shape[0], shape[1]));
    }

    /** Returns the layout of the gradients of the values, and of what else the backward pass computes with. */
    Layout gradients(int batch, int samples) {
        Layout layout = values(batch, samples);
        encoder.forEach(module -> add(layout, module, module.layer().gradients(batch)));
        decoder.forEach(module -> add(layout, module, module.layer().gradients(batch * samples)));
        return layout;
    }
}
