package dev.elbo.noise;

/**
 * Box and Muller's transform in float64, the truth for tests of {@link Normals}. The noise of every backend is the
 * float32 value.
 */
final class Normals64 {
    private Normals64() {}

    /** r = √(−2 ln u₀), u₀ = ((x &gt;&gt;&gt; 9) + ½)·2⁻²³. */
    static double radius(int word) {
        return StrictMath.sqrt(-2 * StrictMath.log(uniform(word)));
    }

    /** 2πu₁, in radians. */
    static double angle(int word) {
        return 2 * Math.PI * uniform(word);
    }

    /** Computes one normal of two words: r cos 2πu₁ for {@code which} = 0, r sin 2πu₁ for 1. */
    static double one(int radiusWord, int angleWord, int which) {
        double angle = angle(angleWord);
        return radius(radiusWord) * (which == 0 ? StrictMath.cos(angle) : StrictMath.sin(angle));
    }

    private static double uniform(int word) {
        return ((word >>> 9) + 0.5) * 0x1p-23;
    }
}
