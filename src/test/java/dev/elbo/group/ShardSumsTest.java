package dev.elbo.group;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sums over the shards of a group have the bits of the tree in one thread. */
class ShardSumsTest {
    private static final int SHARDS = 24;

    /** Rows of very different sizes, so that another order of the additions shows. */
    private static double[][] rows(int shards, int length, boolean isFloat) {
        Random random = new Random(length);
        double[][] rows = new double[shards][length];
        for (double[] row : rows) {
            for (int i = 0; i < length; i++) {
                double value = random.nextGaussian() * Math.pow(10, random.nextInt(9) - 4);
                row[i] = isFloat ? (float) value : value;
            }
        }
        return rows;
    }

    /** The tree, as the definition has it: level by level. */
    private static double[] tree(double[][] rows, int active, boolean isFloat) {
        double[][] level =
                Arrays.stream(rows).limit(active).map(double[]::clone).toArray(double[][]::new);
        while (level.length > 1) {
            double[][] next = new double[(level.length + 1) / 2][];
            for (int i = 0; i < next.length; i++) {
                next[i] = level[2 * i];
                for (int j = 0; 2 * i + 1 < level.length && j < next[i].length; j++) {
                    double sum = next[i][j] + level[2 * i + 1][j];
                    next[i][j] = isFloat ? (float) sum : sum;
                }
            }
            level = next;
        }
        return level[0];
    }

    private static Object array(double[][] rows, int from, int to, boolean isFloat) {
        double[] all =
                Arrays.stream(rows, from, to).flatMapToDouble(Arrays::stream).toArray();
        if (!isFloat) {
            return all;
        }
        float[] floats = new float[all.length];
        IntStream.range(0, all.length).forEach(i -> floats[i] = (float) all[i]);
        return floats;
    }

    private static double[] doubles(Object array) {
        return array instanceof float[] floats
                ? IntStream.range(0, floats.length).mapToDouble(i -> floats[i]).toArray()
                : (double[]) array;
    }

    private static double[] sum(Peers peers, double[][] rows, int active, boolean isFloat) {
        int length = rows[0].length;
        int width = rows.length / peers.size();
        ShardSums sums = new ShardSums(peers, rows.length, length, isFloat);
        Object own = array(rows, peers.rank() * width, (peers.rank() + 1) * width, isFloat);
        Object into = isFloat ? new float[length] : new double[length];
        sums.sum(own, active, into);
        sums.gather(into);
        return doubles(into);
    }

    @ParameterizedTest
    @CsvSource({"24, 1", "24, 2", "24, 3", "24, 4", "24, 8", "24, 24", "6, 2", "7, 7", "10, 2"})
    void theTreeOfOneThread(int shards, int members) {
        for (int length : new int[] {1, 63, 64, 65, 1000, 70_001}) {
            for (boolean isFloat : new boolean[] {true, false}) {
                double[][] rows = rows(shards, length, isFloat);
                double[] expected = tree(rows, shards, isFloat);
                Groups.together(members, peers -> sum(peers, rows, shards, isFloat))
                        .forEach(sum -> assertArrayEquals(expected, sum));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "8"})
    void theFirstShardsOfALastBatch(int members) {
        double[][] rows = rows(SHARDS, 200, true);
        Groups.together(members, peers -> {
            for (int active = 1; active <= SHARDS; active++) {
                assertArrayEquals(tree(rows, active, true), sum(peers, rows, active, true), "of " + active);
            }
            return null;
        });
    }

    @Test
    void anotherOrderHasOtherBits() {
        double[][] rows = rows(SHARDS, 1000, true);
        double[] expected = tree(rows, SHARDS, true);
        double[][] turned = rows.clone();
        turned[1] = rows[2];
        turned[2] = rows[1];
        assertFalse(Arrays.equals(expected, tree(turned, SHARDS, true)), "the rows compare nothing");
    }

    @Test
    void rangesAreWholeBlocksAndCoverTheRow() {
        for (int length : new int[] {1, 64, 100, 1000}) {
            int[][] ranges = Groups.together(8, peers -> {
                        ShardSums sums = new ShardSums(peers, 8, length, true);
                        return new int[] {sums.from(), sums.to()};
                    })
                    .toArray(int[][]::new);
            int at = 0;
            for (int[] range : ranges) {
                assertEquals(at, range[0]);
                assertEquals(0, range[0] == length ? 0 : range[0] % 64);
                at = range[1];
            }
            assertEquals(length, at);
        }
    }

    @Test
    void whatCannotBeDividedIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ShardSums(Peers.alone(), 0, 1, true));
        assertThrows(IllegalArgumentException.class, () -> new ShardSums(Peers.alone(), 1, 0, true));
        ShardSums one = new ShardSums(Peers.alone(), 2, 3, false);
        assertThrows(IllegalArgumentException.class, () -> one.sum(new double[6], 3, new double[3]));
        assertThrows(IllegalArgumentException.class, () -> one.sum(new double[6], 0, new double[3]));
        Groups.together(
                2, peers -> assertThrows(IllegalArgumentException.class, () -> new ShardSums(peers, 3, 1, true)));
    }
}
