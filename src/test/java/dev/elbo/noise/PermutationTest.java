package dev.elbo.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PermutationTest {
    @Test
    void holdsEveryNumberOnce() {
        for (int n : new int[] {0, 1, 2, 3, 4, 5, 1000, 65_537}) {
            int[] order = Noise.permutation(3, 1, n);
            Arrays.sort(order);
            for (int i = 0; i < n; i++) {
                assertEquals(i, order[i]);
            }
            assertEquals(n, order.length);
        }
        assertThrows(IllegalArgumentException.class, () -> Noise.permutation(3, 1, -1));
    }

    @Test
    void dependsOnSeedAndEpochOnly() {
        int[] order = Noise.permutation(3, 1, 100);
        assertArrayEquals(order, Noise.permutation(3, 1, 100));
        assertTrue(!Arrays.equals(order, Noise.permutation(3, 2, 100)));
        assertTrue(!Arrays.equals(order, Noise.permutation(4, 1, 100)));
        assertTrue(!Arrays.equals(order, Noise.permutation(3 + (1L << 32), 1, 100)));
    }

    /** Chi-square over the 120 orders of five things: 119 degrees of freedom, mean 119, standard deviation 15.4. */
    @Test
    void everyOrderIsEquallyLikely() {
        int epochs = 120_000;
        Map<List<Integer>, Integer> seen = new HashMap<>();
        for (int epoch = 0; epoch < epochs; epoch++) {
            List<Integer> order = new ArrayList<>();
            for (int i : Noise.permutation(8, epoch, 5)) {
                order.add(i);
            }
            seen.merge(order, 1, Integer::sum);
        }
        assertEquals(120, seen.size());
        double expected = epochs / 120.0;
        double chiSquare = 0;
        for (int count : seen.values()) {
            chiSquare += (count - expected) * (count - expected) / expected;
        }
        assertTrue(Math.abs(chiSquare - 119) < 5 * 15.4, "chi-square " + chiSquare);
    }

    /** A million places, so that Lemire's rejection happens: the plain form of the rule, one word at a time. */
    @Test
    void followsTheStatedRule() {
        int n = 1 << 20;
        int[] expected = new int[n];
        Arrays.setAll(expected, i -> i);
        int[] word = new int[1];
        int rejected = 0;
        long element = 0;
        for (int i = n - 1; i > 0; i--) {
            while (true) {
                Noise.words(77, 9, NoiseStream.SHUFFLE, 0, element++, 1, word, 0);
                long product = Integer.toUnsignedLong(word[0]) * (i + 1);
                if (product % (1L << 32) >= (1L << 32) % (i + 1)) {
                    int j = (int) (product / (1L << 32));
                    int moved = expected[i];
                    expected[i] = expected[j];
                    expected[j] = moved;
                    break;
                }
                rejected++;
            }
        }
        assertTrue(rejected > 10, "the rejection was not reached");
        int[] order = Noise.permutation(77, 9, n);
        assertArrayEquals(expected, order);
        assertEquals("e6bd1024d0da76682c9236ccee886c0616738aaf9c082803ed36f15067dd7e2e", Hashes.of(order));
    }
}
