package dev.elbo.model;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * The specification of a variational autoencoder (Kingma and Welling 2013): a stack of layers from an example to the
 * level, which holds the posterior of the code, and a stack from the code to the output, whose meaning is the
 * likelihood. {@code dev.elbo.net} builds the network and refuses kinds and settings that do not exist.
 *
 * @param inputs values of one example, D
 * @param encoder layers from the input on; none is a linear model
 * @param latent values of one code, J
 * @param level how a code is drawn from what the encoder gives
 * @param prior p(z)
 * @param decoder layers from the code on; the last one gives the output, D values without activation
 * @param likelihood meaning of the output
 * @param activation function behind every layer but the last
 */
public record VaeSpec(
        int inputs,
        List<Component> encoder,
        int latent,
        Component level,
        Component prior,
        List<Component> decoder,
        Component likelihood,
        Activation activation) {
    /** More have no use here, and what a file describes in a few bytes must not take much memory. */
    private static final int MAX_LAYERS = 100;

    private static final Component GAUSSIAN_LEVEL = Component.of("gaussian");
    private static final Component PLAIN_LEVEL = Component.of("deterministic");
    private static final List<Component> LEVELS = List.of(GAUSSIAN_LEVEL, PLAIN_LEVEL);
    private static final Component STANDARD_NORMAL = Component.of("standard-normal");
    private static final String PER_DIMENSION = "variance_per_dimension";

    /**
     * Validates what holds for layers of any kind.
     *
     * @throws IllegalArgumentException with the component's name first, if a value is out of range
     */
    public VaeSpec {
        requirePositive("inputs", inputs);
        requirePositive("latent", latent);
        encoder = List.copyOf(Objects.requireNonNull(encoder, "encoder"));
        decoder = List.copyOf(Objects.requireNonNull(decoder, "decoder"));
        requireLayers("encoder", encoder.size(), MAX_LAYERS);
        requireLayers("decoder", decoder.size(), MAX_LAYERS + 1);
        if (decoder.isEmpty()) {
            throw new IllegalArgumentException("decoder has no layers; its last one gives the output");
        }
        Objects.requireNonNull(level, "level");
        Objects.requireNonNull(prior, "prior");
        Objects.requireNonNull(likelihood, "likelihood");
        Objects.requireNonNull(activation, "activation");
    }

    /**
     * {@return a specification of dense layers whose decoder mirrors the encoder}
     *
     * @param inputs values of one example, D
     * @param hidden widths of the encoder's layers, from the input on
     * @param latent values of one code, J
     * @param activation behind every hidden layer
     * @param likelihood meaning of the output
     * @param stochastic false for a plain autoencoder: no log σ², z = μ
     * @throws IllegalArgumentException with the option's name first, if a value is out of range
     */
    public static VaeSpec mlp(
            int inputs,
            List<Integer> hidden,
            int latent,
            Activation activation,
            Component likelihood,
            boolean stochastic) {
        Objects.requireNonNull(hidden, "hidden");
        return builder(inputs)
                .hidden(hidden.stream().mapToInt(width -> width).toArray())
                .latent(latent)
                .level(stochastic ? GAUSSIAN_LEVEL : PLAIN_LEVEL)
                .activation(activation)
                .likelihood(likelihood)
                .build();
    }

    /**
     * {@return a copy with other layers}
     *
     * @param encoder from the input on
     * @param decoder from the code on, the last one giving D values
     */
    public VaeSpec withLayers(List<Component> encoder, List<Component> decoder) {
        return new VaeSpec(inputs, encoder, latent, level, prior, decoder, likelihood, activation);
    }

    private static List<Component> mirrored(List<Component> encoder, int inputs) {
        List<Component> decoder = new ArrayList<>();
        encoder.forEach(layer -> decoder.add(0, layer));
        decoder.add(Component.dense(inputs));
        return decoder;
    }

    /**
     * {@return a builder with the defaults of {@code elbo train}: one hidden layer of 400, 20 latents, relu,
     * gaussian-optimal}
     *
     * @param inputs values of one example, D
     */
    public static Builder builder(int inputs) {
        return new Builder(inputs);
    }

    /** Sets the parts of a specification; all but the inputs have defaults. */
    public static final class Builder {
        private final int inputs;
        private List<Component> encoder;
        private int latent = 20;
        private Activation activation = Activation.RELU;
        private Component likelihood = Likelihood.GAUSSIAN_OPTIMAL;
        private Component level = GAUSSIAN_LEVEL;
        private Component prior = STANDARD_NORMAL;

        private Builder(int inputs) {
            this.inputs = inputs;
            hidden(400);
        }

        /** Sets dense layers of these widths, from the input on, and a decoder that mirrors them; none makes a linear model; by default 400. */
        public Builder hidden(int... widths) {
            requireLayers("hidden", Objects.requireNonNull(widths, "widths").length, MAX_LAYERS);
            for (int width : widths) {
                requirePositive("hidden", width);
            }
            encoder = Arrays.stream(widths).mapToObj(Component::dense).toList();
            return this;
        }

        /** Sets the values of a code, J; by default 20. */
        public Builder latent(int values) {
            latent = values;
            return this;
        }

        /** Sets the function behind every hidden layer; by default relu. */
        public Builder activation(Activation function) {
            activation = Objects.requireNonNull(function, "activation");
            return this;
        }

        /** Sets p(x|z), one of {@link Likelihood} or of another kind; by default gaussian-optimal. */
        public Builder likelihood(Component density) {
            likelihood = Objects.requireNonNull(density, "likelihood");
            return this;
        }

        /** Sets the level between encoder and code; by default a Gaussian posterior. */
        public Builder level(Component code) {
            level = Objects.requireNonNull(code, "level");
            return this;
        }

        /** Sets p(z); by default N(0, I). */
        public Builder prior(Component density) {
            prior = Objects.requireNonNull(density, "prior");
            return this;
        }

        /** Sets a plain autoencoder: no log σ², z = μ. */
        public Builder deterministic() {
            return level(PLAIN_LEVEL);
        }

        /**
         * {@return the description}
         *
         * @throws IllegalArgumentException with the option's name first, if a value is out of range
         */
        public VaeSpec build() {
            return new VaeSpec(
                    inputs, encoder, latent, level, prior, mirrored(encoder, inputs), likelihood, activation);
        }
    }

    private static void requirePositive(String option, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(option + " must be at least 1, not " + value);
        }
    }

    private static void requireLayers(String option, int layers, int most) {
        if (layers > most) {
            throw new IllegalArgumentException(option + " has " + layers + " layers, at most " + most + " are made");
        }
    }

    /** {@return the widths of the encoder's layers, if all are dense and the decoder mirrors them} */
    public Optional<List<Integer>> hidden() {
        List<Integer> widths = encoder.stream()
                .map(Component::denseWidth)
                .flatMapToInt(OptionalInt::stream)
                .boxed()
                .toList();
        return widths.size() == encoder.size() && decoder.equals(mirrored(encoder, inputs))
                ? Optional.of(widths)
                : Optional.empty();
    }

    /** {@return a short summary, as {@code 784-400-20, relu, bernoulli}} */
    public String summary() {
        String layers = hidden().map(widths -> stack(inputs, widths, latent))
                .orElseGet(() -> stack(inputs, encoder, latent)
                        + stack("", decoder.subList(0, decoder.size() - 1), decoder.get(decoder.size() - 1)));
        return layers + ", " + activation + ", " + likelihood.kind();
    }

    private static String stack(Object from, List<?> layers, Object to) {
        return from + "-" + layers.stream().map(layer -> layer + "-").collect(Collectors.joining()) + to;
    }

    /** {@return one JSON object with all components; dense layers in mirrored stacks by their widths alone} */
    public String toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("inputs", inputs);
        boolean perDimension = likelihood.equals(Component.of(likelihood.kind()).with(PER_DIMENSION, true));
        Optional<List<Integer>> hidden = hidden();
        if (hidden.isPresent()
                && LEVELS.contains(level)
                && prior.equals(STANDARD_NORMAL)
                && (perDimension || likelihood.equals(Component.of(likelihood.kind())))) {
            json.add("hidden", new Gson().toJsonTree(hidden.get()));
            json.addProperty("latent", latent);
            json.addProperty("activation", activation.label());
            json.addProperty("likelihood", likelihood.kind());
            json.addProperty(PER_DIMENSION, perDimension);
            json.addProperty("stochastic", level.equals(GAUSSIAN_LEVEL));
            return json.toString();
        }
        json.add("encoder", array(encoder));
        json.addProperty("latent", latent);
        json.add("level", level.toJson());
        json.add("prior", prior.toJson());
        json.add("decoder", array(decoder));
        json.add("likelihood", likelihood.toJson());
        json.addProperty("activation", activation.label());
        return json.toString();
    }

    private static JsonArray array(List<Component> layers) {
        JsonArray array = new JsonArray();
        layers.forEach(layer -> array.add(layer.toJson()));
        return array;
    }

    /**
     * {@return the inverse of {@link #toJson()}}
     *
     * @param json one object
     * @throws IllegalArgumentException where a field is missing, unknown or makes no sense, naming it; not for kinds and
     *     settings, which {@code dev.elbo.net} checks
     */
    public static VaeSpec fromJson(String json) {
        JsonFields fields = new JsonFields(Objects.requireNonNull(json, "json"));
        VaeSpec spec = fields.has("encoder") ? fromComponents(fields) : fromWidths(fields);
        fields.end();
        return spec;
    }

    private static VaeSpec fromComponents(JsonFields fields) {
        return new VaeSpec(
                fields.integer("inputs"),
                fields.components("encoder"),
                fields.integer("latent"),
                fields.component("level"),
                fields.component("prior"),
                fields.components("decoder"),
                fields.component("likelihood"),
                Activation.of(fields.string("activation")));
    }

    private static VaeSpec fromWidths(JsonFields fields) {
        Component likelihood = Component.of(fields.string("likelihood"));
        return mlp(
                fields.integer("inputs"),
                fields.integers("hidden"),
                fields.integer("latent"),
                Activation.of(fields.string("activation")),
                fields.bool(PER_DIMENSION) ? likelihood.with(PER_DIMENSION, true) : likelihood,
                fields.bool("stochastic"));
    }
}
