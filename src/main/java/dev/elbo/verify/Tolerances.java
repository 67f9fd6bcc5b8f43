package dev.elbo.verify;

import dev.elbo.backend.LogVariance;
import dev.elbo.model.Activation;

/**
 * Bounds on the error of arithmetic of unit roundoff u: of one element each, in float64 from the exact values. A bound
 * c·u stands for about c roundings; functions of the standard library count as four.
 */
final class Tolerances {
    private Tolerances() {}

    /**
     * A sum, in a tree of depth ⌈log₂ n⌉, of n ≥ 1 terms, each within c·u of its absolute value.
     *
     * @param s sum of the absolute values of the terms
     */
    public static double sum(double c, long n, double s, double u) {
        int depth = 64 - Long.numberOfLeadingZeros(n - 1);
        return (c + 2 * depth) * u * s;
    }

    /** A product over K ≤ 8192 terms of random signs, whose rounding errors cancel like its terms. */
    public static double product(double s, double u) {
        return 16 * u * s;
    }

    /** An activation at y = activation(x): exact where it only selects. */
    public static double activation(Activation activation, double y, double u) {
        return switch (activation) {
            case IDENTITY, RELU -> 0;
            default -> 8 * u * Math.abs(y);
        };
    }

    /** exp(½ log σ²), log σ² clamped. */
    public static double sigma(double logVar) {
        return Math.exp(0.5 * LogVariance.clamp(logVar));
    }

    /** z = μ + σ ε, the noise being equal: |μ| + σ |ε| in units of 8u. */
    public static double zTerms(double mu, double logVar, double eps) {
        return Math.abs(mu) + sigma(logVar) * Math.abs(eps);
    }

    /** The absolute terms of one unit's KL divergence, ½ (μ² + |expm1 log σ²| + |log σ²|), in units of 8u. */
    public static double klTerms(double mu, double logVar) {
        double lv = LogVariance.clamp(logVar);
        return 0.5 * (mu * mu + Math.abs(Math.expm1(lv)) + Math.abs(lv));
    }
}
