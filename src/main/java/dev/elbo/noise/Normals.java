package dev.elbo.noise;

/**
 * Maps two words to two standard normals by Box and Muller's transform, in float32, bit-for-bit the same wherever add,
 * mul, fma and sqrt round as in IEEE 754: r = √(−2 ln u₀), z₀ = r cos 2πu₁, z₁ = r sin 2πu₁, u from {@link
 * Uniforms#of}.
 *
 * <p>Source: Box and Muller, "A note on the generation of random normal deviates", 1958. The polynomials are minimax fits of
 * our own, their coefficients rounded to float one after the other with the rest refitted.
 *
 * <p>Error: at most 7.4e-7 absolute to the exact transform of the same words, over all of them ({@code NormalsTest} proves
 * it: every radius, every angle). Range: 1.2e-10 ≤ |z| ≤ 5.7682, so no zero, no subnormal, no infinity; the mass beyond the
 * largest value is 8e-9 for a true normal.
 *
 * <p>Cost: 59 operations a pair (17 fma, 7 mul, 1 add, 1 sqrt, 3 conversions, 30 of integers), so 30 a normal; Philox adds
 * 20 products and 40 exclusive ors a block of four.
 *
 * <p>Every conversion is of an integer below 2²⁴, hence exact, and every fused operation is an explicit {@link Math#fma}; a
 * port writes {@code fmaf} or {@code __fmaf_rn} for it, {@code sqrtf} or {@code __fsqrt_rn}, and must not contract the rest.
 */
public final class Normals {
    private static final int TWO_THIRDS = 0x3F2AAAAB;
    private static final float MINUS_2_LN_2 = -0x1.62e430p+0f;

    private Normals() {}

    /**
     * Computes both normals of two words: z₀ at {@code at}, z₁ at {@code at + 1}.
     *
     * @param radiusWord the word of r
     * @param angleWord the word of the angle
     * @param out receives both
     * @param at index of the first
     */
    public static void pair(int radiusWord, int angleWord, float[] out, int at) {
        float r = radius(radiusWord);
        int quadrant = quadrant(angleWord);
        float turn = turn(angleWord, quadrant);
        float square = turn * turn;
        int cos = Float.floatToRawIntBits(cos(square));
        int sin = Float.floatToRawIntBits(sin(turn, square));
        out[at] = r * rotated(cos, sin, quadrant);
        out[at + 1] = r * rotated(cos, sin, quadrant - 1);
    }

    /**
     * {@return one normal of two words: z₀ for {@code which} = 0, z₁ for 1; the same bits as {@link #pair}}
     *
     * @param radiusWord the word of r
     * @param angleWord the word of the angle
     * @param which 0 or 1
     */
    public static float one(int radiusWord, int angleWord, int which) {
        int quadrant = quadrant(angleWord);
        float turn = turn(angleWord, quadrant);
        float square = turn * turn;
        int cos = Float.floatToRawIntBits(cos(square));
        int sin = Float.floatToRawIntBits(sin(turn, square));
        return radius(radiusWord) * rotated(cos, sin, quadrant - which);
    }

    /**
     * r = √(−2 ln u). With u = 2ᵉ m, m in [⅔, 4/3) and f = m − 1 (exact), −2 ln u = −2 ln 2 · e + f h(f), where h is
     * −2 + f + a fit of degree 8 (error 7.8e-8); no cancellation, since |f h| &lt; −2 ln u wherever e &lt; 0, and for e = 0 the
     * result keeps the relative accuracy of f.
     */
    static float radius(int word) {
        int bits = Float.floatToRawIntBits(Uniforms.of(word));
        int exponent = bits - TWO_THIRDS >> 23;
        float f = Float.intBitsToFloat(bits - (exponent << 23)) - 1f;
        float h = -0x1.23685ap-2f;
        h = Math.fma(h, f, 0x1.35c100p-2f);
        h = Math.fma(h, f, -0x1.1dda32p-2f);
        h = Math.fma(h, f, 0x1.515824p-2f);
        h = Math.fma(h, f, -0x1.99de5ep-2f);
        h = Math.fma(h, f, 0x1.000b28p-1f);
        h = Math.fma(h, f, -0x1.5554eep-1f);
        h = Math.fma(h, f, 1f);
        h = Math.fma(h, f, -2f);
        float minusTwoLog = Math.fma((float) exponent, MINUS_2_LN_2, h * f);
        // the double square root rounded to float is the float square root (Figueroa 1995: 53 ≥ 2·24 + 2)
        return (float) Math.sqrt(minusTwoLog);
    }

    /** The nearest quarter of the turn u: 0 to 4, of which 4 is again 0. */
    static int quadrant(int word) {
        return Uniforms.odd(word) + (1 << 21) >>> 22;
    }

    /** t = u − quadrant/4, in turns, exact: an odd multiple of 2⁻²⁴ in (−⅛, ⅛), so never 0. */
    static float turn(int word, int quadrant) {
        return (Uniforms.odd(word) - (quadrant << 22)) * 0x1p-24f;
    }

    /** cos 2πt for t² = {@code square}, |t| ≤ ⅛; error at most 5.1e-8. */
    static float cos(float square) {
        float p = 0x1.d47448p+5f;
        p = Math.fma(p, square, -0x1.55b138p+6f);
        p = Math.fma(p, square, 0x1.03c1aep+6f);
        p = Math.fma(p, square, -0x1.3bd3ccp+4f);
        return Math.fma(p, square, 1f);
    }

    /**
     * sin 2πt for |t| ≤ ⅛; error at most 4.1e-8. The rest of 2π beyond its float sits in the polynomial: without it the
     * error would double.
     */
    static float sin(float turn, float square) {
        float p = -0x1.2cfc74p+6f;
        p = Math.fma(p, square, 0x1.465a68p+6f);
        p = Math.fma(p, square, -0x1.4abba8p+5f);
        p = Math.fma(p, square, -0x1.18fafap-22f);
        return Math.fma(turn, 0x1.921fb6p+2f, p * turn);
    }

    /**
     * cos(angle + quadrant·π/2) from the bits of the angle's own cosine and sine; with quadrant − 1, the sine. Masks, since a
     * branch on a random bit is mispredicted half of the time.
     */
    private static float rotated(int cos, int sin, int quadrant) {
        int swap = -(quadrant & 1);
        int sign = (quadrant + 1 & 2) << 30;
        return Float.intBitsToFloat((cos ^ (cos ^ sin) & swap) ^ sign);
    }
}
