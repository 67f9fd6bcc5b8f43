package dev.elbo.verify;

/**
 * How far an output may be from the oracle, element by element.
 *
 * @param reason why so far and no farther
 * @param allowance the largest difference of each element; null: none, after rounding the oracle to the working precision
 * @param nonNegative whether a value below zero is wrong however small
 * @param product whether the whole tensor must also hold the normalised mean square of a product
 */
public record Bound(String reason, Allowance allowance, boolean nonNegative, boolean product) {
    /** Largest differences from the exact values of a case and the unit roundoff u of the backend under test. */
    @FunctionalInterface
    public interface Allowance {
        Grid of(Values values, double u);
    }

    /** Differences up to the allowance. */
    public static Bound within(String reason, Allowance allowance) {
        return new Bound(reason, allowance, false, false);
    }

    /** No difference from the oracle's value, rounded once. */
    public static Bound exact(String reason) {
        return new Bound(reason, null, false, false);
    }

    /** And never below zero. */
    public Bound andNonNegative() {
        return new Bound(reason, allowance, true, product);
    }

    /** And the normalised mean square of a product. */
    public Bound andMeanSquare() {
        return new Bound(reason, allowance, nonNegative, true);
    }

    public boolean isExact() {
        return allowance == null;
    }
}
