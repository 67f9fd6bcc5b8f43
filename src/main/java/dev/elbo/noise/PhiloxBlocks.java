package dev.elbo.noise;

import java.util.Arrays;

/**
 * Scratch memory in which {@link Noise} computes many neighbouring blocks of {@link Philox} at once, one lane for each
 * block, in loops that the compiler vectorises: long ranges take a quarter of the time. One for each thread; its
 * contents between two calls mean nothing.
 */
public final class PhiloxBlocks {
    /** The most blocks whose arrays stay in the first-level cache. */
    private static final int MOST = 128;
    /** The blocks below which one after the other is faster. */
    private static final int FEW = 8;

    private static final int WORDS = 4;
    private static final long LOW = 0xFFFFFFFFL;

    /** The words that were filled last, from the first block's first on. */
    final int[] words;

    private final long[] c0;
    private final long[] c1;
    private final long[] c2;
    private final long[] c3;

    /**
     * Allocates memory for ranges of any length.
     *
     * @param elements of a usual one; longer ones are made in pieces
     */
    public PhiloxBlocks(int elements) {
        int blocks = Math.max(1, Math.min(MOST, elements / WORDS + 2));
        words = new int[WORDS * blocks];
        int lanes = blocks < FEW ? 0 : blocks;
        c0 = new long[lanes];
        c1 = new long[lanes];
        c2 = new long[lanes];
        c3 = new long[lanes];
    }

    /**
     * Makes the words of elements from {@code first} on, whose own word lands at {@code first mod 4}.
     *
     * @return of how many, at most {@code count}
     */
    int fill(long seed, int step, NoiseStream stream, int k, long first, int count) {
        int lane = (int) first & WORDS - 1;
        int blocks = (int) Math.min(words.length / WORDS, ((long) lane + count + WORDS - 1) / WORDS);
        int block = (int) (first >>> 2);
        int k0 = (int) seed;
        int k1 = (int) (seed >>> 32);
        if (blocks < FEW) {
            for (int i = 0; i < blocks; i++) {
                Philox.block(block + i, step, stream.id(), k, k0, k1, words, WORDS * i);
            }
        } else {
            for (int i = 0; i < blocks; i++) {
                c0[i] = block + i & LOW;
            }
            Arrays.fill(c1, 0, blocks, step & LOW);
            Arrays.fill(c2, 0, blocks, stream.id() & LOW);
            Arrays.fill(c3, 0, blocks, k & LOW);
            for (int round = 0; round < Philox.ROUNDS; round++) {
                round(c0, c1, c2, c3, k0 & LOW, k1 & LOW, blocks);
                k0 += Philox.WEYL_0;
                k1 += Philox.WEYL_1;
            }
            interleave(c0, c1, c2, c3, words, blocks);
        }
        return Math.min(count, WORDS * blocks - lane);
    }

    /** A round of {@link Philox#block}, on words widened to long: there are no vectors of products of two widths. */
    private static void round(long[] c0, long[] c1, long[] c2, long[] c3, long k0, long k1, int count) {
        for (int i = 0; i < count; i++) {
            long product0 = Philox.MULTIPLIER_0 * c0[i];
            long product1 = Philox.MULTIPLIER_1 * c2[i];
            c0[i] = product1 >>> 32 ^ c1[i] ^ k0;
            c1[i] = product1 & LOW;
            c2[i] = product0 >>> 32 ^ c3[i] ^ k1;
            c3[i] = product0 & LOW;
        }
    }

    private static void interleave(long[] c0, long[] c1, long[] c2, long[] c3, int[] words, int count) {
        for (int i = 0; i < count; i++) {
            words[WORDS * i] = (int) c0[i];
            words[WORDS * i + 1] = (int) c1[i];
            words[WORDS * i + 2] = (int) c2[i];
            words[WORDS * i + 3] = (int) c3[i];
        }
    }
}
