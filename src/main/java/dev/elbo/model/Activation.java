package dev.elbo.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * An element-wise function behind a dense layer. Every derivative can be computed from the output {@code y} alone, so
 * the layer's input to the activation need not be kept.
 */
public enum Activation {
    /** y = x. */
    IDENTITY,
    /** y = max(x, 0), NaN stays NaN. */
    RELU,
    /** y = x for x > 0, else 0.01 x. */
    LEAKY_RELU,
    /** y = x for x > 0, else exp(x) − 1. */
    ELU,
    /** y = tanh x. */
    TANH,
    /** y = 1 / (1 + exp(−x)). */
    SIGMOID,
    /** y = ln(1 + exp x). */
    SOFTPLUS;

    /** Slope of {@link #LEAKY_RELU} below zero. */
    public static final double LEAK = 0.01;

    /** {@return its name on the command line and in files} */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * {@return the activation of a label}
     *
     * @param label as {@link #label()} gives it
     * @throws IllegalArgumentException if there is none of this label, listing all
     */
    public static Activation of(String label) {
        return Arrays.stream(values())
                .filter(activation -> activation.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("activation '" + label + "' is not one of "
                        + Arrays.stream(values()).map(Activation::label).collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return label();
    }
}
