package dev.elbo.verify;

import java.util.function.Function;

/**
 * The largest differences of an output from the oracle, element by element.
 *
 * @param reason reason for the bound
 * @param allowance the largest difference of each element; null: none, after rounding the oracle to the working
 *     precision
 * @param nonNegative whether a value below zero is wrong however small
 * @param terms of a product: the sums of the absolute values of its terms, in which the rounding of operands counts
 *     where a backend does that; such a tensor must also hold the normalised mean square of a product. Otherwise null
 * @hidden
 */
public record Bound(String reason, Allowance allowance, boolean nonNegative, Function<Values, Grid.Element> terms) {
    /** Largest differences from the exact values of a case and the unit roundoff u of the backend under test. */
    @FunctionalInterface
    public interface Allowance {
        Grid.Element of(Values values, double u);
    }

    /** {@return a bound that admits differences up to the allowance} */
    public static Bound within(String reason, Allowance allowance) {
        return new Bound(reason, allowance, false, null);
    }

    /** {@return a bound that admits no difference from the oracle's value, rounded once} */
    public static Bound exact(String reason) {
        return new Bound(reason, null, false, null);
    }

    /** {@return this bound, which also rejects values below zero} */
    public Bound andNonNegative() {
        return new Bound(reason, allowance, true, terms);
    }

    /** {@return this bound, as that of a product whose terms, by absolute value, add up to this} */
    public Bound ofProduct(Function<Values, Grid.Element> terms) {
        return new Bound(reason, allowance, nonNegative, terms);
    }

    public boolean isExact() {
        return allowance == null;
    }
}
