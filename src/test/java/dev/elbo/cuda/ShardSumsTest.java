package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.cpu.CpuBackend;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The sum of shards has the bits of the fixed tree, in float32 and float64, for any number of them. */
@OnDevice
class ShardSumsTest {
    private static final int COLS = 6;

    private static float[][] parts(int shards) {
        Random random = new Random(shards);
        float[][] parts = new float[shards][COLS];
        for (float[] part : parts) {
            for (int i = 0; i < COLS; i++) {
                part[i] = (float) (random.nextGaussian() * Math.exp(3 * random.nextGaussian()));
            }
        }
        return parts;
    }

    /** The tree from its root: the left half is the largest power of two that leaves a right half. */
    private static float tree(float[][] parts, int from, int to, int col) {
        if (to - from == 1) {
            return parts[from][col];
        }
        int middle = from + Integer.highestOneBit(to - from - 1);
        return tree(parts, from, middle, col) + tree(parts, middle, to, col);
    }

    private static double tree64(float[][] parts, int from, int to, int col) {
        if (to - from == 1) {
            return parts[from][col] / 3.0;
        }
        int middle = from + Integer.highestOneBit(to - from - 1);
        return tree64(parts, from, middle, col) + tree64(parts, middle, to, col);
    }

    private static void check(Backend backend, int shards) {
        float[][] parts = parts(shards);
        float[] expected = new float[COLS];
        double[] expected64 = new double[COLS];
        float[] all = new float[shards * COLS];
        double[] all64 = new double[shards * COLS];
        for (int c = 0; c < COLS; c++) {
            expected[c] = tree(parts, 0, shards, c);
            expected64[c] = tree64(parts, 0, shards, c);
            for (int s = 0; s < shards; s++) {
                all[s * COLS + c] = parts[s][c];
                all64[s * COLS + c] = parts[s][c] / 3.0;
            }
        }
        assertArrayEquals(expected, sum(backend, ElementType.REAL, shards, all).toFloats, shards + " shards");
        assertArrayEquals(expected64, sum(backend, ElementType.FLOAT64, shards, all64).toDoubles, shards + " shards");
    }

    private record Sum(float[] toFloats, double[] toDoubles) {}

    private static Sum sum(Backend backend, ElementType type, int shards, Object values) {
        Tensor parts = backend.allocate(type, shards, COLS);
        Tensor total = backend.allocate(type, 1, COLS);
        parts.buffer().write(0, values, 0, shards * COLS);
        backend.ops().sumShards(parts, total);
        Sum sum = type == ElementType.REAL ? new Sum(total.toFloats(), null) : new Sum(null, total.toDoubles());
        parts.buffer().close();
        total.buffer().close();
        return sum;
    }

    @Test
    void haveTheBitsOfTheTree() {
        try (Backend cpu = new CpuBackend(3);
                Backend cuda = CudaBackend.open(0, CudaSettings.DEFAULT)) {
            for (Backend backend : new Backend[] {cpu, cuda}) {
                for (int shards = 1; shards <= 65; shards++) {
                    check(backend, shards);
                }
                for (int shards : new int[] {127, 128, 129, 192, 1000, 4095, 4096, 4097}) {
                    check(backend, shards);
                }
            }
        }
    }

    /** Without values whose order matters the test would see nothing. */
    @Test
    void anotherOrderHasOtherBits() {
        for (int shards = 4; shards <= 65; shards++) {
            float[][] parts = parts(shards);
            boolean differs = false;
            for (int c = 0; c < COLS; c++) {
                int col = c;
                float inTurn = Arrays.stream(parts).map(part -> part[col]).reduce(0f, Float::sum);
                differs |= inTurn != tree(parts, 0, shards, c);
            }
            assertTrue(differs, shards + " shards");
        }
    }
}
