package dev.elbo.noise;

/**
 * Philox4x32-10: a bijection of 128-bit counters, chosen by a 64-bit key, whose outputs pass BigCrush.
 *
 * <p>Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 3.3 and table 2
 * (the multipliers and Weyl constants); the same function as Random123 and cuRAND.
 */
public final class Philox {
    static final long MULTIPLIER_0 = 0xD2511F53L;
    static final long MULTIPLIER_1 = 0xCD9E8D57L;
    static final int WEYL_0 = 0x9E3779B9;
    static final int WEYL_1 = 0xBB67AE85;
    private static final long LOW = 0xFFFFFFFFL;
    static final int ROUNDS = 10;

    private Philox() {}

    /**
     * Computes the four words of one counter. One round is, with (h, l) the halves of a 32 × 32 bit product, (h₀, l₀) =
     * M₀·c0, (h₁, l₁) = M₁·c2, and (c0, c1, c2, c3) ← (h₁ ⊕ c1 ⊕ k0, l₁, h₀ ⊕ c3 ⊕ k1, l₀); between rounds the key
     * advances by the Weyl constants.
     *
     * @param c0 lowest word of the counter
     * @param c1 second word of the counter
     * @param c2 third word of the counter
     * @param c3 highest word of the counter
     * @param k0 low word of the key
     * @param k1 high word of the key
     * @param out receives the words at {@code at} to {@code at + 3}
     * @param at index of the first word in {@code out}
     * @throws IndexOutOfBoundsException if they do not fit
     */
    public static void block(int c0, int c1, int c2, int c3, int k0, int k1, int[] out, int at) {
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = MULTIPLIER_0 * (c0 & LOW);
            long product1 = MULTIPLIER_1 * (c2 & LOW);
            c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
            c3 = (int) product0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        out[at] = c0;
        out[at + 1] = c1;
        out[at + 2] = c2;
        out[at + 3] = c3;
    }
}
