package dev.elbo.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The distribution p(x|z), whose parameters are the decoder's output. */
public enum Likelihood {
    /** Normal with unit variance: the squared error. */
    GAUSSIAN,
    /** Normal with one variance, always at its optimum, the mean squared error (Rybkin et al. 2021, section 3.2). */
    GAUSSIAN_OPTIMAL,
    /** Normal with a variance that is trained like a weight, one for all inputs or one for each. */
    GAUSSIAN_LEARNED,
    /** Independent Bernoulli variables, the output being their logits. */
    BERNOULLI;

    /** {@return its name on the command line and in files} */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * {@return the likelihood of a label}
     *
     * @param label as {@link #label()} gives it
     * @throws IllegalArgumentException if there is none of this label, listing all
     */
    public static Likelihood of(String label) {
        return Arrays.stream(values())
                .filter(likelihood -> likelihood.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("likelihood '" + label + "' is not one of "
                        + Arrays.stream(values()).map(Likelihood::label).collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return label();
    }
}
