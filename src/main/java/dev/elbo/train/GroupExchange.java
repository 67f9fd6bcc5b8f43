package dev.elbo.train;

import dev.elbo.data.Shards;
import dev.elbo.error.ElboException;
import dev.elbo.group.ShardSums;
import dev.elbo.tensor.Tensor;
import java.util.function.Consumer;

/**
 * The exchange of a member of a group, which has one lane, with the lanes of the other members. Gradients are added in the tree of
 * the shards, each range of them by the member that updates the weights of that range, and all get the weights that the others
 * have updated (as the slices of BigDL, Dai et al. 2019, "BigDL: A Distributed Deep Learning Framework for Big Data", section 3.3).
 */
final class GroupExchange implements Exchange {
    private final Shards shards;
    private final ShardSums sums;
    private final Lane lane;
    private final int size;
    /** Rows of the lane's shards, one after the other, and values of all elements; in the backend's precision. */
    private final Object own;

    private final Object values;

    GroupExchange(Shards shards, ShardSums sums, Lane lane) {
        this.shards = shards;
        this.sums = sums;
        this.lane = lane;
        this.size = Math.toIntExact(lane.parameters.layout().size());
        long all = (long) size * shards.width();
        if (all > Integer.MAX_VALUE) {
            throw ElboException.unavailable("the gradients of " + shards.width() + " shards are " + all
                    + " numbers, more than the 2^31 that members exchange; use fewer shards, or more members");
        }
        this.own = array((int) all);
        this.values = array(size);
    }

    private Object array(int length) {
        return lane.backend.unitRoundoff() >= 0x1p-24 ? new float[length] : new double[length];
    }

    @Override
    public void each(Consumer<Lane> work) {
        work.accept(lane);
    }

    @Override
    public Runnable rows(Lane here, Tensor matrix) {
        int cols = matrix.cols();
        int from = Math.min(here.from, matrix.rows()) * cols;
        int to = Math.min(here.to, matrix.rows()) * cols;
        double[] rows = new double[shards.width() * cols];
        return () -> {
            if (from < to) {
                matrix.buffer().read(matrix.offset() + from, rows, 0, to - from);
            }
            matrix.buffer().write(matrix.offset(), shards.gather(rows), 0, matrix.rows() * cols);
        };
    }

    @Override
    public Runnable gradients(Lane here, int active) {
        int own = Math.max(0, Math.min(shards.width(), active - here.from));
        return () -> {
            for (int i = 0; i < own; i++) {
                readOwn(i, here.parts.rows(i, 1));
            }
            sums.sum(this.own, active, values);
            if (sums.from() < sums.to()) {
                Tensor gradients = here.gradients.flat();
                gradients
                        .buffer()
                        .write(gradients.offset() + sums.from(), values, sums.from(), sums.to() - sums.from());
            }
        };
    }

    @Override
    public Runnable weights(Lane here) {
        return () -> {
            Tensor weights = here.parameters.flat();
            weights.buffer().read(weights.offset() + sums.from(), values, sums.from(), sums.to() - sums.from());
            sums.gather(values);
            weights.write(values);
        };
    }

    /** Reads what one of the lane's shards has. */
    private void readOwn(int shard, Tensor row) {
        row.buffer().read(row.offset(), own, shard * size, size);
    }

    /** Fills an array with the moments that the other members have, by their places among all. */
    void gather(Object all) {
        sums.gather(all);
    }

    /** Averages weights and moments of shards that have taken steps of their own; they and the lane have the averages then. */
    void average() {
        LocalWeights local = lane.local();
        for (int kind = 0; kind < LocalWeights.KINDS; kind++) {
            for (int i = 0; i < shards.width(); i++) {
                readOwn(i, local.values(lane.from + i, kind));
            }
            sums.sum(own, shards.count(), values);
            divide(values, sums.from(), sums.to(), shards.count());
            sums.gather(values);
            write(kind, values);
        }
    }

    private static void divide(Object values, int from, int to, int by) {
        if (values instanceof float[] floats) {
            for (int i = from; i < to; i++) {
                floats[i] /= by;
            }
        } else {
            double[] doubles = (double[]) values;
            for (int i = from; i < to; i++) {
                doubles[i] /= by;
            }
        }
    }

    private void write(int kind, Object all) {
        for (int shard = lane.from; shard < lane.to; shard++) {
            lane.local().values(shard, kind).write(all);
        }
        if (kind == 0) {
            lane.parameters.flat().write(all);
        } else {
            lane.writeOwned(kind == 1 ? lane.firstMoment : lane.secondMoment, all);
        }
    }

    @Override
    public void close() {}
}
