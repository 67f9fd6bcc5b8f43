package dev.elbo.cpu;

/**
 * The elementary functions of kernels/elementary.cuh in float32, operation by operation, so that their bits are those of a GPU;
 * their errors are stated there. NaN stays NaN.
 */
final class Elementary32 {
    private static final float LOG2_E = 1.44269504f;
    /** ln 2 in two parts; products of the first with integers below 2⁹ are exact. */
    private static final float LN_2_HIGH = 0.693145752f;

    private static final float LN_2_LOW = 1.42860677e-6f;
    /** Adding it rounds to an integer, which is then in the low bits. */
    private static final float ROUND = 0x1.8p23f;

    private static final int ROUND_BITS = 0x4B400000;
    private static final int TWO_THIRDS = 0x3F2AAAAB;

    private Elementary32() {}

    private static float power2(int exponent) {
        return Float.intBitsToFloat(exponent + 127 << 23);
    }

    /** exp(x) for any x. */
    static float exp(float x) {
        float bounded = bounded(x);
        float rounded = Math.fma(bounded, LOG2_E, ROUND);
        return scaled(expm1Reduced(bounded, rounded), rounded);
    }

    /**
     * Replaces each x by exp(x), in two passes: the first is all arithmetic, which the compiler vectorises.
     *
     * @param scratch of count values
     */
    static void exp(float[] x, float[] scratch, int count) {
        for (int i = 0; i < count; i++) {
            float bounded = bounded(x[i]);
            float rounded = Math.fma(bounded, LOG2_E, ROUND);
            scratch[i] = rounded;
            x[i] = expm1Reduced(bounded, rounded);
        }
        for (int i = 0; i < count; i++) {
            x[i] = scaled(x[i], scratch[i]);
        }
    }

    /** Beyond these exp is 0 and infinity; min and max have no branch and keep NaN. */
    private static float bounded(float x) {
        return Math.max(-104, Math.min(89, x));
    }

    /** exp(r) − 1 where x = n ln 2 + r, n being what {@link #ROUND} has rounded to. */
    private static float expm1Reduced(float bounded, float rounded) {
        float n = rounded - ROUND;
        float r = Math.fma(n, -LN_2_LOW, Math.fma(n, -LN_2_HIGH, bounded));
        float p = 1.0f / 5040;
        p = Math.fma(p, r, 1.0f / 720);
        p = Math.fma(p, r, 1.0f / 120);
        p = Math.fma(p, r, 1.0f / 24);
        p = Math.fma(p, r, 1.0f / 6);
        p = Math.fma(p, r, 0.5f);
        return Math.fma(r * r, p, r);
    }

    private static float scaled(float p, float rounded) {
        int exponent = Float.floatToRawIntBits(rounded) - ROUND_BITS;
        int half = exponent >> 1;
        float scale = power2(half);
        return Math.fma(p, scale, scale) * power2(exponent - half);
    }

    /** 2 artanh(half / 2). */
    private static float twiceArtanh(float half) {
        float q = 0.25f * (half * half);
        float p = 1.0f / 13;
        p = Math.fma(p, q, 1.0f / 11);
        p = Math.fma(p, q, 1.0f / 9);
        p = Math.fma(p, q, 1.0f / 7);
        p = Math.fma(p, q, 1.0f / 5);
        p = Math.fma(p, q, 1.0f / 3);
        return Math.fma(half * q, p, half);
    }

    /** ln(1 + e) for e in [0, 1]. */
    static float log1p(float e) {
        return twiceArtanh(2 * e / (2 + e));
    }

    /** ln x for normal x above 0, and infinity. */
    static float log(float x) {
        if (!(x <= Float.MAX_VALUE)) {
            return x;
        }
        int bits = Float.floatToRawIntBits(x);
        int exponent = bits - TWO_THIRDS >> 23;
        float f = Float.intBitsToFloat(bits - (exponent << 23)) - 1;
        return Math.fma(exponent, LN_2_HIGH, Math.fma(exponent, LN_2_LOW, twiceArtanh(2 * f / (2 + f))));
    }

    /** ln(1 + x) of a count; NaN below 0. */
    static float log1pOfCount(float x) {
        return x > 1 ? log(1 + x) : x >= 0 ? log1p(x) : Float.NaN;
    }

    /** 1 / (1 + exp(−x)) where e = exp(−|x|). */
    static float sigmoid(float x, float e) {
        return (x >= 0 ? 1 : e) / (1 + e);
    }
}
