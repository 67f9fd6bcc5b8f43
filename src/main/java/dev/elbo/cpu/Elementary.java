package dev.elbo.cpu;

/**
 * Elementary functions that are right to well under half a unit of float32. They compute in float64 with explicit fma and
 * no library function, so that their bits are the same under every JDK; NaN stays NaN.
 */
final class Elementary {
    private static final double LOG2_E = 1.4426950408889634;
    private static final double LN_2 = 0.6931471805599453;
    /** Adding and subtracting it rounds to the nearest integer. */
    private static final double ROUND = 0x1.8p52;

    private Elementary() {}

    /** expm1(r) for |r| ≤ ½ ln 2, by its series up to r¹⁰: error below 3e-13 relative. */
    private static double expm1Reduced(double r) {
        double p = 1.0 / 3628800;
        p = Math.fma(p, r, 1.0 / 362880);
        p = Math.fma(p, r, 1.0 / 40320);
        p = Math.fma(p, r, 1.0 / 5040);
        p = Math.fma(p, r, 1.0 / 720);
        p = Math.fma(p, r, 1.0 / 120);
        p = Math.fma(p, r, 1.0 / 24);
        p = Math.fma(p, r, 1.0 / 6);
        p = Math.fma(p, r, 0.5);
        p = Math.fma(p, r, 1.0);
        return p * r;
    }

    /** Beyond these exp leaves float32 for 0 or infinity. */
    private static double bounded(double x) {
        return x < -150 ? -150 : x > 130 ? 130 : x;
    }

    private static double power2(double exponent) {
        return Double.longBitsToDouble((long) exponent + 1023 << 52);
    }

    static double exp(double x) {
        double bounded = bounded(x);
        double n = Math.fma(bounded, LOG2_E, ROUND) - ROUND;
        double scale = power2(n);
        return Math.fma(scale, expm1Reduced(Math.fma(n, -LN_2, bounded)), scale);
    }

    static double expm1(double x) {
        double bounded = bounded(x);
        double n = Math.fma(bounded, LOG2_E, ROUND) - ROUND;
        double scale = power2(n);
        return Math.fma(scale, expm1Reduced(Math.fma(n, -LN_2, bounded)), scale - 1);
    }

    /** ln(1 + e) for e in [0, 1]: 2 artanh(s) with s = e / (2 + e) ≤ ⅓, by its series up to s²¹. */
    static double log1p(double e) {
        double s = e / (2 + e);
        double q = s * s;
        double p = 1.0 / 21;
        p = Math.fma(p, q, 1.0 / 19);
        p = Math.fma(p, q, 1.0 / 17);
        p = Math.fma(p, q, 1.0 / 15);
        p = Math.fma(p, q, 1.0 / 13);
        p = Math.fma(p, q, 1.0 / 11);
        p = Math.fma(p, q, 1.0 / 9);
        p = Math.fma(p, q, 1.0 / 7);
        p = Math.fma(p, q, 1.0 / 5);
        p = Math.fma(p, q, 1.0 / 3);
        p = Math.fma(p, q, 1.0);
        return 2 * s * p;
    }

    static double tanh(double x) {
        double magnitude = expm1(Math.min(2 * Math.abs(x), 60));
        double tanh = magnitude / (magnitude + 2);
        return x < 0 ? -tanh : tanh;
    }

    static double sigmoid(double x) {
        double e = exp(-Math.abs(x));
        return (x < 0 ? e : 1) / (1 + e);
    }

    static double softplus(double x) {
        return Math.max(x, 0) + log1p(exp(-Math.abs(x)));
    }
}
