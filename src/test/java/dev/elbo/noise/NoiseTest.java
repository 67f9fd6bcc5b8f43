package dev.elbo.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Addresses: which number stands where, whatever is asked for together with it. */
class NoiseTest {
    private static final long SEED = 0x0123456789abcdefL;
    private static final int STEP = 0x89abcdef;
    private static final NoiseStream STREAM = NoiseStream.SAMPLE;
    private static final int K = 4321;

    @Test
    void aWordIsTheLaneOfItsBlock() {
        for (long element : new long[] {0, 1, 2, 3, 4, 4095, 1L << 31, (1L << 33) + 6, Noise.ELEMENTS - 1}) {
            int[] block = new int[4];
            Philox.block((int) (element / 4), STEP, 4, K, 0x89abcdef, 0x01234567, block, 0);
            int[] word = new int[1];
            float[] uniform = new float[1];
            float[] normal = new float[1];
            Noise.words(SEED, STEP, STREAM, K, element, 1, word, 0);
            Noise.uniforms(SEED, STEP, STREAM, K, element, 1, uniform, 0);
            Noise.normals(SEED, STEP, STREAM, K, element, 1, normal, 0);
            int lane = (int) (element % 4);
            assertEquals(block[lane], word[0], "element " + element);
            assertEquals(Uniforms.of(block[lane]), uniform[0]);
            assertEquals(Normals.one(block[lane / 2 * 2], block[lane / 2 * 2 + 1], lane % 2), normal[0]);
        }
    }

    @Test
    void streamsKeepTheirNumbers() {
        int[] ids =
                Arrays.stream(NoiseStream.values()).mapToInt(NoiseStream::id).toArray();
        assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 6, 7, 10}, ids);
        assertEquals(
                "[LATENT, EVALUATION, BINARIZE, INITIALIZE, SAMPLE, SHUFFLE, MIXTURE, OUTPUT, RESAMPLE]",
                Arrays.toString(NoiseStream.values()));
    }

    @Test
    void noSplitChangesANumber() {
        Random random = new Random(5);
        for (long first : new long[] {0, 1, 2, 3, (1L << 31) - 5, (1L << 33) - 999, Noise.ELEMENTS - 4001}) {
            int count = 4001;
            Range whole = new Range(count);
            whole.fill(first, 0, count);
            for (int largest : new int[] {1, 2, 3, 5, 8, 100, 4001}) {
                Range pieces = new Range(count);
                for (int i = 0; i < count; ) {
                    int piece = Math.min(count - i, random.nextInt(largest + 1));
                    pieces.fill(first, i, piece);
                    i += piece;
                }
                assertArrayEquals(whole.words, pieces.words);
                assertArrayEquals(whole.uniforms, pieces.uniforms);
                assertArrayEquals(whole.normals, pieces.normals);
                assertArrayEquals(whole.widened, pieces.widened);
            }
            for (int i = 0; i < count; i++) {
                assertEquals(whole.normals[i], whole.widened[i]);
            }
        }
    }

    @Test
    void writesItsRangeAndNothingElse() {
        for (int at = 0; at < 6; at++) {
            for (int count = 0; count < 10; count++) {
                int[] words = new int[20];
                float[] uniforms = new float[20];
                float[] normals = new float[20];
                double[] widened = new double[20];
                Noise.words(SEED, STEP, STREAM, K, at, count, words, at);
                Noise.uniforms(SEED, STEP, STREAM, K, at, count, uniforms, at);
                Noise.normals(SEED, STEP, STREAM, K, at, count, normals, at);
                Noise.normals(SEED, STEP, STREAM, K, at, count, widened, at);
                for (int i = 0; i < 20; i++) {
                    boolean inside = i >= at && i < at + count;
                    assertEquals(inside, words[i] != 0);
                    assertEquals(inside, uniforms[i] != 0);
                    assertEquals(inside, normals[i] != 0);
                    assertEquals(inside, widened[i] != 0);
                }
            }
        }
    }

    @Test
    void refusesWhatItCannotAddressOrStore() {
        float[] out = new float[8];
        Class<IllegalArgumentException> address = IllegalArgumentException.class;
        assertThrows(address, () -> Noise.normals(SEED, STEP, STREAM, K, -1, 4, out, 0));
        assertThrows(address, () -> Noise.normals(SEED, STEP, STREAM, K, 0, -1, out, 0));
        assertThrows(address, () -> Noise.uniforms(SEED, STEP, STREAM, K, Noise.ELEMENTS - 3, 4, out, 0));
        assertThrows(address, () -> Noise.words(SEED, STEP, STREAM, K, Long.MAX_VALUE, 4, new int[8], 0));
        Class<IndexOutOfBoundsException> place = IndexOutOfBoundsException.class;
        assertThrows(place, () -> Noise.normals(SEED, STEP, STREAM, K, 0, 8, out, 1));
        assertThrows(place, () -> Noise.normals(SEED, STEP, STREAM, K, 0, 8, out, -1));
        assertThrows(place, () -> Noise.normals(SEED, STEP, STREAM, K, 0, 8, new double[7], 0));
        assertArrayEquals(new float[8], out);
        Noise.normals(SEED, STEP, STREAM, K, Noise.ELEMENTS - 4, 4, out, 4);
        Noise.normals(SEED, STEP, STREAM, K, Noise.ELEMENTS, 0, out, 8);
        assertTrue(out[7] != 0);
    }

    @Test
    void memoryOfAnySizeGivesTheSameNumbers() {
        int count = 2_003;
        float[] normals = new float[count];
        float[] uniforms = new float[count];
        for (long first : new long[] {0, 3, (1L << 33) - 999, Noise.ELEMENTS - count}) {
            Range expected = new Range(count);
            for (int i = 0; i < count; i++) {
                expected.fill(first, i, 1);
            }
            for (int size : new int[] {0, 1, 20, 23, 24, 500, 100_000}) {
                PhiloxBlocks blocks = new PhiloxBlocks(size);
                Noise.normals(SEED, STEP, STREAM, K, first, count, normals, 0, blocks);
                Noise.uniforms(SEED, STEP, STREAM, K, first, count, uniforms, 0, blocks);
                assertArrayEquals(expected.normals, normals);
                assertArrayEquals(expected.uniforms, uniforms);
            }
        }
    }

    @Test
    void allocatesNothingInMemoryOfTheCaller() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        float[] out = new float[64];
        PhiloxBlocks blocks = new PhiloxBlocks(50);
        long least = Long.MAX_VALUE;
        // a first call loads classes
        for (int i = 0; i < 10; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            Noise.normals(SEED, i, STREAM, K, i, 50, out, 0, blocks);
            Noise.uniforms(SEED, i, STREAM, K, i, 50, out, 0, blocks);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least);
    }

    private static final class Range {
        final int[] words;
        final float[] uniforms;
        final float[] normals;
        final double[] widened;

        Range(int count) {
            words = new int[count];
            uniforms = new float[count];
            normals = new float[count];
            widened = new double[count];
        }

        void fill(long first, int at, int count) {
            Noise.words(SEED, STEP, STREAM, K, first + at, count, words, at);
            Noise.uniforms(SEED, STEP, STREAM, K, first + at, count, uniforms, at);
            Noise.normals(SEED, STEP, STREAM, K, first + at, count, normals, at);
            Noise.normals(SEED, STEP, STREAM, K, first + at, count, widened, at);
        }
    }
}
