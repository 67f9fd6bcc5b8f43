package dev.elbo.cpu;

/**
 * Elementary functions that are right to well under half a unit of float32. They compute in float64 with explicit fma and
 * no library function, so that their bits are the same under every JDK; NaN stays NaN. Those of negative arguments have no
 * branch and touch no bits, so that the compiler vectorises a loop over them.
 */
final class Elementary {
    private static final double LOG2_E = 1.4426950408889634;
    private static final double LN_2 = 0.6931471805599453;
    /** Adding and subtracting it rounds to the nearest integer. */
    private static final double ROUND = 0x1.8p52;
    /** Below this exp is 0 in float32. */
    private static final double LEAST = -104;
    /** The negative functions halve their argument so often, and undo it with as many doublings. */
    private static final double HALVED = 0x1p-8;
    /** The bits of ⅔: {@link #log} takes a power of two out of its argument and leaves ⅔ to 4/3. */
    private static final long TWO_THIRDS = 0x3FE5555555555555L;

    private Elementary() {}

    /** expm1(r) for |r| ≤ 0.41, by its series up to r¹¹: error below 4e-12 relative. */
    private static double expm1Reduced(double r) {
        double p = 1.0 / 39916800;
        p = Math.fma(p, r, 1.0 / 3628800);
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

    /** exp(x) for x ≤ 0: (exp(x/256))²⁵⁶. */
    static double expOfNegative(double x) {
        double p = 1 + expm1Reduced(Math.max(x, LEAST) * HALVED);
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        return p;
    }

    /** exp(x) − 1 for x ≤ 0, by expm1(2x) = expm1(x)² + 2 expm1(x), which keeps its digits near 0. */
    static double expm1OfNegative(double x) {
        double m = expm1Reduced(Math.max(x, LEAST) * HALVED);
        m = Math.fma(m, m, 2 * m);
        m = Math.fma(m, m, 2 * m);
        m = Math.fma(m, m, 2 * m);
        m = Math.fma(m, m, 2 * m);
        m = Math.fma(m, m, 2 * m);
        m = Math.fma(m, m, 2 * m);
        m = Math.fma(m, m, 2 * m);
        m = Math.fma(m, m, 2 * m);
        return m;
    }

    /** 1 for x above 0, else 0, without a branch; |x| is finite. */
    static double isPositive(double x) {
        return Math.min(1.0, (Math.abs(x) + x) * 0x1p1000);
    }

    /** ln(1 + e) for e in [−⅓, 1]: 2 artanh(s) with s = e / (2 + e) ≤ ⅓, by its series up to s²¹. */
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

    /** Beyond these exp leaves float32 for 0 or infinity. */
    private static double bounded(double x) {
        return x < -150 ? -150 : x > 130 ? 130 : x;
    }

    private static double power2(double exponent) {
        return Double.longBitsToDouble((long) exponent + 1023 << 52);
    }

    /** exp(x) for any x. */
    static double exp(double x) {
        double bounded = bounded(x);
        double n = Math.fma(bounded, LOG2_E, ROUND) - ROUND;
        double scale = power2(n);
        return Math.fma(scale, expm1Reduced(Math.fma(n, -LN_2, bounded)), scale);
    }

    /**
     * ln x for normal x above 0, to 14 digits of it even where it is close to 0; NaN for any other x, but infinity.
     *
     * @param less1 x − 1, with all of its digits
     */
    static double log(double x, double less1) {
        if (!(x > 0)) {
            return Double.NaN;
        }
        long bits = Double.doubleToRawLongBits(x);
        int exponent = (int) (bits - TWO_THIRDS >> 52);
        double f = exponent == 0 ? less1 : Double.longBitsToDouble(bits - ((long) exponent << 52)) - 1;
        return Math.fma(exponent, LN_2, log1p(f));
    }

    /** exp(x) − 1 for any x. */
    static double expm1(double x) {
        double bounded = bounded(x);
        double n = Math.fma(bounded, LOG2_E, ROUND) - ROUND;
        double scale = power2(n);
        return Math.fma(scale, expm1Reduced(Math.fma(n, -LN_2, bounded)), scale - 1);
    }
}
