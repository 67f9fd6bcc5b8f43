package dev.elbo.model;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The specification of a variational autoencoder. The encoder has dense layers of the widths {@code hidden} and two
 * linear heads, μ and log σ² (Kingma and Welling 2013, appendix C); the decoder mirrors it and ends in a linear output.
 *
 * @param inputs values of one example, D
 * @param hidden widths of the encoder's hidden layers, from the input on; none is a linear model
 * @param latent values of one code, J
 * @param activation behind every hidden layer
 * @param likelihood what the output means
 * @param variancePerDimension one variance for each input instead of one for all; gaussian-learned only
 * @param stochastic false for a plain autoencoder: no log σ², z = μ
 */
public record VaeSpec(
        int inputs,
        List<Integer> hidden,
        int latent,
        Activation activation,
        Likelihood likelihood,
        boolean variancePerDimension,
        boolean stochastic) {
    /** What fits in one array, with room for padding. */
    private static final int MAX_PARAMETERS = 2_000_000_000;
    /** More have no use here, and what a file describes in a few bytes must not take much memory. */
    private static final int MAX_LAYERS = 100;

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException with the option's name first, if a value is out of range
     */
    public VaeSpec {
        requirePositive("inputs", inputs);
        if (hidden == null || activation == null || likelihood == null) {
            throw new IllegalArgumentException(
                    (hidden == null ? "hidden" : activation == null ? "activation" : "likelihood") + " is missing");
        }
        hidden = List.copyOf(hidden);
        if (hidden.size() > MAX_LAYERS) {
            throw new IllegalArgumentException(
                    "hidden has " + hidden.size() + " layers, at most " + MAX_LAYERS + " are made");
        }
        for (int width : hidden) {
            requirePositive("hidden", width);
        }
        requirePositive("latent", latent);
        if (variancePerDimension && likelihood != Likelihood.GAUSSIAN_LEARNED) {
            throw new IllegalArgumentException("variance per dimension needs the likelihood "
                    + Likelihood.GAUSSIAN_LEARNED + ", not " + likelihood);
        }
        if (denseParameters(inputs, hidden, latent) > MAX_PARAMETERS) {
            throw new IllegalArgumentException("hidden " + hidden + ", with " + inputs + " inputs and latent " + latent
                    + ", makes more than " + MAX_PARAMETERS + " weights");
        }
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
        private List<Integer> hidden = List.of(400);
        private int latent = 20;
        private Activation activation = Activation.RELU;
        private Likelihood likelihood = Likelihood.GAUSSIAN_OPTIMAL;
        private boolean variancePerDimension;
        private boolean stochastic = true;

        private Builder(int inputs) {
            this.inputs = inputs;
        }

        /** Sets the widths of the encoder's hidden layers, from the input on; none makes a linear model; by default 400. */
        public Builder hidden(int... widths) {
            hidden = Arrays.stream(Objects.requireNonNull(widths, "hidden"))
                    .boxed()
                    .toList();
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

        /** Sets p(x|z); by default gaussian-optimal. */
        public Builder likelihood(Likelihood density) {
            likelihood = Objects.requireNonNull(density, "likelihood");
            return this;
        }

        /** Sets the likelihood gaussian-learned, with one variance for each input instead of one for all. */
        public Builder variancePerDimension() {
            likelihood = Likelihood.GAUSSIAN_LEARNED;
            variancePerDimension = true;
            return this;
        }

        /** Sets a plain autoencoder: no log σ², z = μ. */
        public Builder deterministic() {
            stochastic = false;
            return this;
        }

        /**
         * {@return the description}
         *
         * @throws IllegalArgumentException with the option's name first, if a value is out of range
         */
        public VaeSpec build() {
            return new VaeSpec(inputs, hidden, latent, activation, likelihood, variancePerDimension, stochastic);
        }
    }

    private static void requirePositive(String option, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(option + " must be at least 1, not " + value);
        }
    }

    /** {@return the number of values of {@code output.log_var}: D or 1 if it is trained, else 0} */
    public int learnedVariances() {
        return likelihood != Likelihood.GAUSSIAN_LEARNED ? 0 : variancePerDimension ? inputs : 1;
    }

    /** {@return the number of trained values} */
    public long parameterCount() {
        int lastHidden = hidden.isEmpty() ? inputs : hidden.get(hidden.size() - 1);
        long logVarHead = latent * (lastHidden + 1L);
        return (long) denseParameters(inputs, hidden, latent) - (stochastic ? 0 : logVarHead) + learnedVariances();
    }

    /** Weights and biases of all dense layers, with both heads; a double, since the product of two widths may not fit. */
    private static double denseParameters(int inputs, List<Integer> hidden, int latent) {
        double count = 0;
        double width = inputs;
        for (int next : hidden) {
            double encoder = next * (width + 1);
            double mirrored = width * (next + 1.0);
            count += encoder + mirrored;
            width = next;
        }
        double heads = 2.0 * latent * (width + 1);
        double fromLatent = width * (latent + 1.0);
        return count + heads + fromLatent;
    }

    /** {@return a short summary, as {@code 784-400-20, relu, bernoulli}} */
    public String summary() {
        return inputs + "-" + hidden.stream().map(width -> width + "-").collect(Collectors.joining()) + latent + ", "
                + activation + ", " + likelihood;
    }

    /** {@return one JSON object with all fields} */
    public String toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("inputs", inputs);
        json.add("hidden", new Gson().toJsonTree(hidden));
        json.addProperty("latent", latent);
        json.addProperty("activation", activation.label());
        json.addProperty("likelihood", likelihood.label());
        json.addProperty("variance_per_dimension", variancePerDimension);
        json.addProperty("stochastic", stochastic);
        return json.toString();
    }

    /**
     * {@return the inverse of {@link #toJson()}}
     *
     * @param json one object
     * @throws IllegalArgumentException where a field is missing, unknown or makes no sense, naming it
     */
    public static VaeSpec fromJson(String json) {
        Objects.requireNonNull(json, "json");
        JsonFields fields = new JsonFields(json);
        VaeSpec spec = new VaeSpec(
                fields.integer("inputs"),
                fields.integers("hidden"),
                fields.integer("latent"),
                Activation.of(fields.string("activation")),
                Likelihood.of(fields.string("likelihood")),
                fields.bool("variance_per_dimension"),
                fields.bool("stochastic"));
        fields.end();
        return spec;
    }
}
