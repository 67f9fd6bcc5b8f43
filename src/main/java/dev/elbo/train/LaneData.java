package dev.elbo.train;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.analysis.DataSource;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Shards;
import dev.elbo.error.ElboException;
import dev.elbo.tensor.Closer;
import java.util.ArrayList;
import java.util.List;

/**
 * The training data of each lane: the rows of its shards.
 *
 * @param rows of the run
 * @param shards those of this process
 * @param lanes their number in this process
 * @param sources one for each backend: that of every lane, or of the first alone to plan a run
 */
record LaneData(ShardRows rows, Shards shards, int lanes, List<DataSource> sources) {
    /**
     * Opens the data on each backend.
     *
     * @param backends of the first lanes
     * @param closer closes them
     */
    static LaneData of(
            List<Backend> backends,
            int lanes,
            Dataset train,
            Shards shards,
            TrainingOptions options,
            DataPlacement placement,
            List<String> classes,
            Closer closer) {
        ShardRows rows = rows(train, shards, options);
        if (lanes > rows.count()) {
            throw ElboException.usage(
                    lanes + " backends need TrainingOptions.shards of at least " + lanes + ", not " + rows.count());
        }
        backends.forEach(other -> requireAlike(backends.get(0), other));
        List<DataSource> sources = new ArrayList<>();
        for (int i = 0; i < backends.size(); i++) {
            int from = first(i, lanes, shards);
            int to = first(i + 1, lanes, shards);
            Dataset own = lanes == 1 ? train : train.subset(train.name(), rows.numbers(from, to));
            sources.add(closer.register(DataSource.of(backends.get(i), own, placement, classes)));
        }
        return new LaneData(rows, shards, lanes, sources);
    }

    private static void requireAlike(Backend first, Backend other) {
        if (!other.name().equals(first.name())
                || other.productRoundoff() != first.productRoundoff()
                || !other.kernelHash().equals(first.kernelHash())) {
            throw new IllegalArgumentException("otherBackends: " + other.name() + " (" + other.description()
                    + ") does not round as " + first.name() + " (" + first.description() + ") does");
        }
    }

    /** Returns the first shard of a lane; that of the lane behind the last is the number of shards. */
    int first(int lane) {
        return first(lane, lanes, shards);
    }

    private static int first(int lane, int lanes, Shards shards) {
        // the first lanes have one more where they differ
        return shards.from() + (int) (((long) lane * shards.width() + lanes - 1) / lanes);
    }

    private static ShardRows rows(Dataset train, Shards shards, TrainingOptions options) {
        long all = shards.rows(train.size());
        if (all > Integer.MAX_VALUE) {
            throw ElboException.data(train.name() + ": all members together have " + all
                    + " training examples; at most 2^31 − 1 are taken");
        }
        ShardRows rows = ShardRows.of(options, (int) all);
        int expected = rows.rowsOf(shards.from(), shards.to());
        if (train.size() != expected) {
            throw new IllegalArgumentException(
                    train.name() + ": has " + train.size() + " training examples, but shards "
                            + shards.from() + " to " + (shards.to() - 1) + " of " + shards.count() + " have " + expected
                            + " of "
                            + all);
        }
        return rows;
    }
}
