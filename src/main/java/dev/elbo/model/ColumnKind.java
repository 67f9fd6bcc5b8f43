package dev.elbo.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The kinds of columns of a table, by the distribution of their values given a code. */
public enum ColumnKind {
    /** A real number: normal with a variance of the column's own. */
    GAUSSIAN,
    /** One of two values: Bernoulli, the output being its logit. */
    BERNOULLI,
    /** One of several words: categorical, one logit for each. */
    CATEGORICAL,
    /** A count: Poisson, the output being the log of its mean. */
    POISSON,
    /** A count with more variance than a Poisson variable: negative binomial, with a dispersion of the column's own. */
    NEGATIVE_BINOMIAL;

    /** {@return its name in files and options, such as {@code negative-binomial}} */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** {@return whether values are whole numbers from 0 on, without an end} */
    public boolean isCount() {
        return this == POISSON || this == NEGATIVE_BINOMIAL;
    }

    /**
     * {@return the kind of a name}
     *
     * @param label its name in files and options
     * @throws IllegalArgumentException if there is none, naming all
     */
    public static ColumnKind of(String label) {
        return Arrays.stream(values())
                .filter(kind -> kind.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("kind '" + label + "' is not one of " + labels()));
    }

    /** {@return the names of all kinds, divided by commas} */
    public static String labels() {
        return Arrays.stream(values()).map(ColumnKind::label).collect(Collectors.joining(", "));
    }
}
