package dev.elbo.model;

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
 * @param picture shape of the picture that an example makes, channels first; empty for a plain vector
 * @param classes names of the classes, label 0 first, which encoder and decoder are told; none for a model without classes
 */
public record VaeSpec(
        int inputs,
        List<Component> encoder,
        int latent,
        Component level,
        Component prior,
        List<Component> decoder,
        Component likelihood,
        Activation activation,
        Optional<FeatureMap> picture,
        List<String> classes) {
    /** The most classes, and the most characters of their names: what describes a model stays small beside its weights. */
    public static final int MAX_CLASSES = 1_000;

    private static final int MAX_CLASS_NAME = 200;

    /** More have no use here, and what a file describes in a few bytes must not take much memory. */
    private static final int MAX_LAYERS = 100;

    private static final Component GAUSSIAN_LEVEL = Component.of("gaussian");
    private static final Component PLAIN_LEVEL = Component.of("deterministic");
    private static final List<Component> LEVELS = List.of(GAUSSIAN_LEVEL, PLAIN_LEVEL);
    private static final Component STANDARD_NORMAL = Component.of("standard-normal");

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
        Objects.requireNonNull(picture, "picture");
        classes = List.copyOf(Objects.requireNonNull(classes, "classes"));
        if (picture.isPresent() && picture.get().size() != inputs) {
            throw new IllegalArgumentException(
                    "picture of " + picture.get() + " does not have " + inputs + " values, the inputs");
        }
        requireClasses(classes);
    }

    private static void requireClasses(List<String> classes) {
        if (classes.size() == 1 || classes.size() > MAX_CLASSES) {
            throw new IllegalArgumentException(
                    "classes are " + classes.size() + "; 2 to " + MAX_CLASSES + " are possible");
        }
        for (String name : classes) {
            if (name.isEmpty() || name.length() > MAX_CLASS_NAME) {
                throw new IllegalArgumentException("classes have names of 1 to " + MAX_CLASS_NAME + " characters, not "
                        + name.length() + " as that of label " + classes.indexOf(name));
            }
        }
        if (classes.stream().distinct().count() != classes.size()) {
            throw new IllegalArgumentException("classes have different names, but not all of " + classes);
        }
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
        return new VaeSpec(inputs, encoder, latent, level, prior, decoder, likelihood, activation, picture, classes);
    }

    /**
     * {@return a copy with the layers of another model, the picture that they take, and its inputs}
     *
     * @param other the model
     */
    public VaeSpec withLayersOf(VaeSpec other) {
        Objects.requireNonNull(other, "other");
        return new VaeSpec(
                other.inputs,
                other.encoder,
                latent,
                level,
                prior,
                other.decoder,
                likelihood,
                activation,
                other.picture,
                classes);
    }

    /**
     * {@return a copy with other classes}
     *
     * @param names of the classes, label 0 first; none for a model without classes
     */
    public VaeSpec withClasses(List<String> names) {
        Objects.requireNonNull(names, "names");
        return new VaeSpec(inputs, encoder, latent, level, prior, decoder, likelihood, activation, picture, names);
    }

    /** {@return whether encoder and decoder are told the class of an example} */
    public boolean conditional() {
        return !classes.isEmpty();
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
        /** Null: the default. */
        private List<Component> dense;

        private List<Convolution> convolutions = List.of();
        private Optional<FeatureMap> picture = Optional.empty();
        private List<String> classes = List.of();
        private int latent = 20;
        private Activation activation = Activation.RELU;
        private Component likelihood = Likelihood.GAUSSIAN_OPTIMAL;
        private Component level = GAUSSIAN_LEVEL;
        private Component prior = STANDARD_NORMAL;

        private Builder(int inputs) {
            this.inputs = inputs;
        }

        /** Sets dense layers of these widths, from the input on, and a decoder that mirrors them; none makes a linear model; by default 400, and 256 behind convolutions. */
        public Builder hidden(int... widths) {
            requireLayers("hidden", Objects.requireNonNull(widths, "widths").length, MAX_LAYERS);
            for (int width : widths) {
                requirePositive("hidden", width);
            }
            dense = Arrays.stream(widths).mapToObj(Component::dense).toList();
            return this;
        }

        /**
         * Sets convolutions before the dense layers, and transposed ones behind those of the decoder; by default none.
         *
         * @param shape of the picture that an example makes, channels first
         * @param layers from the input on
         * @return this
         */
        public Builder convolutions(FeatureMap shape, Convolution... layers) {
            requireLayers("conv", Objects.requireNonNull(layers, "layers").length, MAX_LAYERS);
            picture = Optional.of(Objects.requireNonNull(shape, "shape"));
            convolutions = List.of(layers);
            return this;
        }

        /** Sets the names of the classes, label 0 first, which encoder and decoder are told; by default none. */
        public Builder classes(List<String> names) {
            classes = Objects.requireNonNull(names, "names");
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
            boolean plain = convolutions.isEmpty();
            List<Component> layers = dense != null ? dense : List.of(Component.dense(plain ? 400 : 256));
            return new VaeSpec(
                    inputs,
                    Convolution.encoder(convolutions, layers),
                    latent,
                    level,
                    prior,
                    plain ? mirrored(layers, inputs) : Convolution.decoder(picture.orElseThrow(), convolutions, layers),
                    likelihood,
                    activation,
                    plain ? Optional.empty() : picture,
                    classes);
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
        return picture.isEmpty() && widths.size() == encoder.size() && decoder.equals(mirrored(encoder, inputs))
                ? Optional.of(widths)
                : Optional.empty();
    }

    /** {@return a short summary, as {@code 784-400-20, relu, bernoulli}} */
    public String summary() {
        String layers = hidden().map(widths -> stack(inputs, widths, latent))
                .or(this::convolutionalStack)
                .orElseGet(() -> stack(inputs, encoder, latent)
                        + stack("", decoder.subList(0, decoder.size() - 1), decoder.get(decoder.size() - 1)));
        String told = classes.isEmpty() ? "" : ", " + classes.size() + " classes";
        return layers + ", " + activation + ", " + likelihood.kind() + told;
    }

    /** Returns the layers of an encoder with convolutions that the decoder mirrors. */
    private Optional<String> convolutionalStack() {
        List<Convolution> convolutions = Convolution.leading(encoder);
        List<Component> dense = encoder.subList(convolutions.size(), encoder.size());
        boolean mirrored = picture.isPresent()
                && !convolutions.isEmpty()
                && decoder.equals(Convolution.decoder(picture.get(), convolutions, dense));
        List<Object> layers = new ArrayList<>(convolutions);
        dense.forEach(layer ->
                layers.add(layer.denseWidth().isPresent() ? layer.denseWidth().getAsInt() : layer));
        return mirrored ? Optional.of(stack(picture.get(), layers, latent)) : Optional.empty();
    }

    private static String stack(Object from, List<?> layers, Object to) {
        return from + "-" + layers.stream().map(layer -> layer + "-").collect(Collectors.joining()) + to;
    }

    /** {@return one JSON object with all components; dense layers in mirrored stacks by their widths alone} */
    public String toJson() {
        return SpecJson.of(this);
    }

    /**
     * {@return the inverse of {@link #toJson()}}
     *
     * @param json one object
     * @throws IllegalArgumentException where a field is missing, unknown or makes no sense, naming it; not for kinds and
     *     settings, which {@code dev.elbo.net} checks
     */
    public static VaeSpec fromJson(String json) {
        return SpecJson.read(json);
    }

    /** Returns whether level, prior and likelihood have no settings but that of a variance for each dimension. */
    boolean isPlain() {
        return LEVELS.contains(level)
                && prior.equals(STANDARD_NORMAL)
                && (isPerDimension() || likelihood.equals(Component.of(likelihood.kind())));
    }

    boolean isPerDimension() {
        return likelihood.equals(Likelihood.perDimension(Component.of(likelihood.kind())));
    }

    boolean isStochastic() {
        return level.equals(GAUSSIAN_LEVEL);
    }
}
