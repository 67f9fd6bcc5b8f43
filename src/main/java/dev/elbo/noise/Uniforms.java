package dev.elbo.noise;

/** Maps a word to a uniform float, exactly. */
public final class Uniforms {
    private Uniforms() {}

    /**
     * {@return u = ((x &gt;&gt;&gt; 9) + ½)·2⁻²³ = ((x &gt;&gt;&gt; 8) | 1)·2⁻²⁴: one of 2²³ equidistant floats in
     * [2⁻²⁴, 1 − 2⁻²⁴], never 0 or 1} Exact: the odd integer has 24 bits, as many as a float holds.
     *
     * @param word x, any 32 bits
     */
    public static float of(int word) {
        return odd(word) * 0x1p-24f;
    }

    /** 2²⁴ u: an odd integer in [1, 2²⁴). */
    static int odd(int word) {
        return word >>> 8 | 1;
    }
}
