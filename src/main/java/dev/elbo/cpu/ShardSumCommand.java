package dev.elbo.cpu;

import dev.elbo.backend.HostBuffer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;

/** The sum of the rows of a matrix in a fixed binary tree. */
final class ShardSumCommand {
    /** Elements that are summed at a time, so that the sums of a level stay in the nearest cache. */
    private static final int PIECE = 1 << 10;

    private ShardSumCommand() {}

    static Runnable of(Workers workers, Tensor parts, Tensor total) {
        Blocks blocks = Blocks.of(parts.cols(), Blocks.ELEMENTS, PIECE);
        int shards = parts.rows();
        int from = (int) parts.offset();
        int to = (int) total.offset();
        int cols = parts.cols();
        if (parts.type() == ElementType.FLOAT64) {
            double[] values = HostBuffer.array(parts);
            double[] sums = HostBuffer.array(total);
            double[] level = new double[shards];
            return () -> {
                for (int i = 0; i < cols; i++) {
                    sums[to + i] = sum(values, from + i, cols, level);
                }
            };
        }
        float[] values = HostBuffer.array(parts);
        float[] sums = HostBuffer.array(total);
        float[][] levels = new float[blocks.count()][(shards + 1) / 2 * PIECE];
        Workers.Body body = block -> {
            for (int i = blocks.start(block); i < blocks.start(block + 1); i += PIECE) {
                int count = Math.min(PIECE, blocks.start(block + 1) - i);
                sum(values, from + i, cols, shards, levels[block], count);
                System.arraycopy(levels[block], 0, sums, to + i, count);
            }
        };
        return () -> workers.run(blocks.count(), body);
    }

    private static double sum(double[] values, int from, int cols, double[] level) {
        for (int s = 0; s < level.length; s++) {
            level[s] = values[from + s * cols];
        }
        for (int left = level.length; left > 1; left = (left + 1) / 2) {
            for (int s = 0; s < left / 2; s++) {
                level[s] = level[2 * s] + level[2 * s + 1];
            }
            if (left % 2 == 1) {
                level[left / 2] = level[left - 1];
            }
        }
        return level[0];
    }

    /** Leaves the sums of {@code count} neighbouring elements at the start of {@code level}. */
    private static void sum(float[] values, int from, int cols, int shards, float[] level, int count) {
        for (int s = 0; s < shards / 2; s++) {
            add(values, from + 2 * s * cols, from + (2 * s + 1) * cols, level, s * PIECE, count);
        }
        if (shards % 2 == 1) {
            System.arraycopy(values, from + (shards - 1) * cols, level, shards / 2 * PIECE, count);
        }
        for (int left = (shards + 1) / 2; left > 1; left = (left + 1) / 2) {
            for (int s = 0; s < left / 2; s++) {
                add(level, 2 * s * PIECE, (2 * s + 1) * PIECE, level, s * PIECE, count);
            }
            if (left % 2 == 1) {
                System.arraycopy(level, (left - 1) * PIECE, level, left / 2 * PIECE, count);
            }
        }
    }

    private static void add(float[] values, int a, int b, float[] sums, int to, int count) {
        for (int i = 0; i < count; i++) {
            sums[to + i] = values[a + i] + values[b + i];
        }
    }
}
