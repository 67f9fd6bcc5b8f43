package dev.elbo.train;

import dev.elbo.data.ShardTree;
import dev.elbo.data.Shards;
import dev.elbo.error.ElboException;
import dev.elbo.noise.Noise;
import java.util.Arrays;

/**
 * The rows of a run's logical shards. Training row i is in shard i mod S for the whole run. A step takes as many rows of every
 * shard; the last one takes what is left of each, which differs by one row at most. So the number of shards decides a result, and
 * where they are computed does not.
 *
 * @param count S; 1: the batch as a whole
 * @param batch examples of a step; with fewer examples the only step of an epoch has all of them
 * @param examples of the training data
 * @param dropLast whether the partial last batch is left out
 */
record ShardRows(int count, int batch, int examples, boolean dropLast) {
    static ShardRows of(TrainingOptions options, int examples) {
        if (options.dropLast() && options.batchSize() > examples) {
            throw ElboException.usage("dropLast leaves none of the " + examples + " training examples with batchSize "
                    + options.batchSize() + "; use a smaller batch");
        }
        if (options.shards() > examples) {
            throw ElboException.usage("TrainingOptions.shards must be at most the number of training examples, "
                    + examples + ", not " + options.shards());
        }
        return new ShardRows(options.shards(), options.batchSize(), examples, options.dropLast());
    }

    int wholeBatches() {
        return examples / batch;
    }

    int lastRows() {
        return dropLast ? 0 : examples % batch;
    }

    int perEpoch() {
        return wholeBatches() + (lastRows() == 0 ? 0 : 1);
    }

    int examplesPerEpoch() {
        return wholeBatches() * batch + lastRows();
    }

    /** Returns the examples of a step of an epoch, from 0. */
    int rows(int step) {
        return step < wholeBatches() ? batch : lastRows();
    }

    /** Returns the rows of a shard in a step of so many rows: those of the first shards are one more where they differ. */
    int rows(int shard, int stepRows) {
        return (stepRows - shard + count - 1) / count;
    }

    /** Returns the place of a shard's first row in a batch, which its noise is numbered from. */
    int firstRow(int shard) {
        return shard * (batch / count);
    }

    /** Returns the shards that have rows in a step of so many rows: they are the first. */
    int active(int stepRows) {
        return Math.min(count, stepRows);
    }

    /** Returns the rows of the shards {@code from} to {@code to − 1} in all of the training data. */
    int rowsOf(int from, int to) {
        int rows = 0;
        for (int shard = from; shard < to; shard++) {
            rows += rows(shard, examples);
        }
        return rows;
    }

    /** Returns the numbers of these rows in the training data, in their order there. */
    int[] numbers(int from, int to) {
        int[] numbers = new int[rowsOf(from, to)];
        Shards lane = Shards.all(count).part(from, to);
        Arrays.setAll(numbers, i -> (int) lane.number(i));
        return numbers;
    }

    /**
     * Returns an epoch's order of these rows, as places in {@link #numbers}: step by step, in a step shard by shard. Each shard has
     * a permutation of its own.
     */
    int[] order(long seed, int epoch, int from, int to) {
        int[] order = new int[rowsOf(from, to)];
        int[][] permutations = new int[to - from][];
        for (int shard = from; shard < to; shard++) {
            permutations[shard - from] = Noise.permutation(seed, epoch, shard, rows(shard, examples));
        }
        int at = 0;
        int[] taken = new int[to - from];
        // what dropLast leaves out comes last
        for (int left = examples; left > 0; left -= batch) {
            for (int shard = from; shard < to; shard++) {
                int own = shard - from;
                for (int i = rows(shard, Math.min(batch, left)); i > 0; i--) {
                    order[at++] = permutations[own][taken[own]++] * (to - from) + own;
                }
            }
        }
        return order;
    }

    /**
     * Returns the mean over a step's rows from the means over those of each shard.
     *
     * @param means of the shards that have rows in the step
     */
    double mean(double[] means, int stepRows) {
        double[] sums = new double[means.length];
        for (int shard = 0; shard < sums.length; shard++) {
            sums[shard] = means[shard] * rows(shard, stepRows);
        }
        return ShardTree.sum(sums) / stepRows;
    }
}
