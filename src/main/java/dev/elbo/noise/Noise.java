package dev.elbo.noise;

import java.util.Arrays;
import java.util.Objects;

/**
 * Random numbers by address. The number at (seed, step, stream, k, element) is lane {@code element mod 4} of the Philox block
 * with key = seed (low word, high word) and counter = (element / 4, step, stream, k). Any range of elements may be asked for,
 * in any pieces: the numbers are the same.
 *
 * <p>While training, element = row·J + j with row the position in the batch; in evaluation, row is that of the data set.
 * {@code k} is the Monte Carlo sample. {@code step} and {@code k} enter as 32-bit words. element / 4 must fit in 32 bits:
 * elements end at {@link #ELEMENTS}.
 *
 * <p>All filling methods throw {@link IllegalArgumentException} for elements outside [0, {@link #ELEMENTS}) and
 * {@link IndexOutOfBoundsException} when the numbers do not fit into {@code out}, before writing anything. They keep no state and
 * may be called from any thread; those that are lent {@link PhiloxBlocks} allocate nothing.
 */
public final class Noise {
    /** The number of elements one (seed, step, stream, k) can address: 2³⁴. */
    public static final long ELEMENTS = 1L << 34;

    private Noise() {}

    /**
     * Generates random words for the elements [firstElement, firstElement + count).
     *
     * @param seed key of the generator
     * @param step number of the step, the second word of the counter
     * @param stream purpose of the numbers, the third word
     * @param k number of the Monte Carlo sample, the fourth word
     * @param firstElement number of the first element
     * @param count number of elements
     * @param out receives them from {@code at} on
     * @param at index of the first number in {@code out}
     */
    public static void words(
            long seed, int step, NoiseStream stream, int k, long firstElement, int count, int[] out, int at) {
        check(firstElement, count, out.length, at);
        PhiloxBlocks blocks = new PhiloxBlocks(count);
        for (int i = 0; i < count; ) {
            int ready = blocks.fill(seed, step, stream, k, firstElement + i, count - i);
            System.arraycopy(blocks.words, lane(firstElement + i), out, at + i, ready);
            i += ready;
        }
    }

    /**
     * Generates uniforms for the elements [firstElement, firstElement + count), each {@link Uniforms#of} its word.
     *
     * @param seed key of the generator
     * @param step number of the step, the second word of the counter
     * @param stream purpose of the numbers, the third word
     * @param k number of the Monte Carlo sample, the fourth word
     * @param firstElement number of the first element
     * @param count number of elements
     * @param out receives them from {@code at} on, in (0, 1)
     * @param at index of the first number in {@code out}
     */
    public static void uniforms(
            long seed, int step, NoiseStream stream, int k, long firstElement, int count, float[] out, int at) {
        uniforms(seed, step, stream, k, firstElement, count, out, at, new PhiloxBlocks(count));
    }

    /**
     * Generates uniforms in memory of the caller.
     *
     * @param seed key of the generator
     * @param step number of the step, the second word of the counter
     * @param stream purpose of the numbers, the third word
     * @param k number of the Monte Carlo sample, the fourth word
     * @param firstElement number of the first element
     * @param count number of elements
     * @param out receives them from {@code at} on
     * @param at index of the first number in {@code out}
     * @param blocks of the calling thread
     */
    public static void uniforms(
            long seed,
            int step,
            NoiseStream stream,
            int k,
            long firstElement,
            int count,
            float[] out,
            int at,
            PhiloxBlocks blocks) {
        check(firstElement, count, out.length, at);
        for (int i = 0; i < count; ) {
            int ready = blocks.fill(seed, step, stream, k, firstElement + i, count - i);
            uniforms(blocks.words, lane(firstElement + i), ready, out, at + i);
            i += ready;
        }
    }

    private static void uniforms(int[] words, int from, int count, float[] out, int at) {
        for (int i = 0; i < count; i++) {
            out[at + i] = Uniforms.of(words[from + i]);
        }
    }

    /**
     * Generates standard normals for the elements [firstElement, firstElement + count): lanes 0 and 1 are the {@link
     * Normals#pair} of words 0 and 1, lanes 2 and 3 that of words 2 and 3.
     *
     * @param seed key of the generator
     * @param step number of the step, the second word of the counter
     * @param stream purpose of the numbers, the third word
     * @param k number of the Monte Carlo sample, the fourth word
     * @param firstElement number of the first element
     * @param count number of elements
     * @param out receives them from {@code at} on
     * @param at index of the first number in {@code out}
     */
    public static void normals(
            long seed, int step, NoiseStream stream, int k, long firstElement, int count, float[] out, int at) {
        normals(seed, step, stream, k, firstElement, count, out, at, new PhiloxBlocks(count));
    }

    /**
     * Generates standard normals in memory of the caller.
     *
     * @param seed key of the generator
     * @param step number of the step, the second word of the counter
     * @param stream purpose of the numbers, the third word
     * @param k number of the Monte Carlo sample, the fourth word
     * @param firstElement number of the first element
     * @param count number of elements
     * @param out receives them from {@code at} on
     * @param at index of the first number in {@code out}
     * @param blocks of the calling thread
     */
    public static void normals(
            long seed,
            int step,
            NoiseStream stream,
            int k,
            long firstElement,
            int count,
            float[] out,
            int at,
            PhiloxBlocks blocks) {
        check(firstElement, count, out.length, at);
        for (int i = 0; i < count; ) {
            int ready = blocks.fill(seed, step, stream, k, firstElement + i, count - i);
            normals(blocks.words, lane(firstElement + i), ready, out, at + i);
            i += ready;
        }
    }

    private static void normals(int[] words, int from, int count, float[] out, int at) {
        int i = 0;
        if ((from & 1) == 1 && count > 0) {
            out[at] = normal(words, from);
            i++;
        }
        for (; i + 1 < count; i += 2) {
            Normals.pair(words[from + i], words[from + i + 1], out, at + i);
        }
        if (i < count) {
            out[at + i] = normal(words, from + i);
        }
    }

    /**
     * Generates the float32 normals widened to float64, so that a float64 backend has the noise of all others.
     *
     * @param seed key of the generator
     * @param step number of the step, the second word of the counter
     * @param stream purpose of the numbers, the third word
     * @param k number of the Monte Carlo sample, the fourth word
     * @param firstElement number of the first element
     * @param count number of elements
     * @param out receives them from {@code at} on
     * @param at index of the first number in {@code out}
     */
    public static void normals(
            long seed, int step, NoiseStream stream, int k, long firstElement, int count, double[] out, int at) {
        check(firstElement, count, out.length, at);
        PhiloxBlocks blocks = new PhiloxBlocks(count);
        for (int i = 0; i < count; ) {
            int ready = blocks.fill(seed, step, stream, k, firstElement + i, count - i);
            int from = lane(firstElement + i);
            for (int j = 0; j < ready; j++) {
                out[at + i + j] = normal(blocks.words, from + j);
            }
            i += ready;
        }
    }

    /**
     * {@return a uniform permutation of 0 … n − 1, the same on every machine} Every order has the same probability (up to
     * the 2⁶⁴ seeds): Fisher and Yates from the end, swapping place i = n − 1 … 1 with place j uniform in [0, i].
     *
     * <p>The words are those of the stream {@link NoiseStream#SHUFFLE} at step = epoch and k, elements 0, 1, 2, …
     * in turn. j = ⌊w (i + 1) / 2³²⌋ for a word w, which is thrown away, and the next one taken, while w (i + 1) mod
     * 2³² is below 2³² mod (i + 1): Lemire, "Fast random integer generation in an interval", 2019, algorithm 5. For n
     * above 1 the elements used stay far below {@link #ELEMENTS}: fewer than half of the words are thrown away.
     *
     * @param seed key of the generator
     * @param epoch number of the order: another one for each epoch
     * @param k another number of the order, that of a logical shard
     * @param n number of elements
     * @throws IllegalArgumentException if n is negative
     */
    public static int[] permutation(long seed, int epoch, int k, int n) {
        if (n < 0) {
            throw new IllegalArgumentException("n must be at least 0, not " + n);
        }
        int[] order = new int[n];
        Arrays.setAll(order, i -> i);
        int[] words = new int[4];
        long element = 0;
        for (int i = order.length - 1; i > 0; i--) {
            long range = i + 1L;
            long product;
            do {
                if ((element & 3) == 0) {
                    int block = (int) (element >>> 2);
                    Philox.block(block, epoch, NoiseStream.SHUFFLE.id(), k, (int) seed, (int) (seed >>> 32), words, 0);
                }
                product = (words[(int) element++ & 3] & 0xFFFFFFFFL) * range;
            } while ((product & 0xFFFFFFFFL) < range && (product & 0xFFFFFFFFL) < (1L << 32) % range);
            int j = (int) (product >>> 32);
            int moved = order[i];
            order[i] = order[j];
            order[j] = moved;
        }
        return order;
    }

    /**
     * {@return {@link #permutation(long, int, int, int)} with k = 0}
     *
     * @param seed key of the generator
     * @param epoch number of the order: another one for each epoch
     * @param n number of elements
     * @throws IllegalArgumentException if n is negative
     */
    public static int[] permutation(long seed, int epoch, int n) {
        return permutation(seed, epoch, 0, n);
    }

    private static int lane(long element) {
        return (int) element & 3;
    }

    /** One normal of the pair that stands at an even index. */
    private static float normal(int[] words, int index) {
        return Normals.one(words[index & -2], words[index | 1], index & 1);
    }

    private static void check(long firstElement, int count, int length, int at) {
        if (firstElement < 0 || count < 0 || firstElement > ELEMENTS - count) {
            throw new IllegalArgumentException(
                    "elements " + firstElement + " + " + count + " are not within 0 to " + ELEMENTS);
        }
        Objects.checkFromIndexSize(at, count, length);
    }
}
