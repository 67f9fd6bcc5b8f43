package dev.elbo.objective;

import dev.elbo.backend.Ops;
import dev.elbo.backend.Schedule;
import dev.elbo.net.Network;
import dev.elbo.tensor.Tensor;

/**
 * Means over a whole batch that its shards need before they go on. Each shard computes its share, the shares are added, and what
 * follows from the means is the same for all shards.
 */
public interface BatchMean {
    /**
     * {@return the number of means}
     *
     * @param network the model's
     */
    int width(Network network);

    /**
     * Queues a shard's share of the means.
     *
     * @param shard after the work that it follows
     * @param mean written, 1 × width, FLOAT64
     */
    void share(Shard shard, Tensor mean);

    /**
     * Queues what follows from the means once, whatever the number of shards.
     *
     * @param ops of the backend that the model is on
     * @param schedule β
     * @param steering memory of {@link Objective#control}, or null if it needs none
     * @param mean 1 × width, FLOAT64
     */
    default void update(Ops ops, Schedule schedule, KlControlState steering, Tensor mean) {}

    /**
     * Queues what follows from the means for a shard, after {@link #update}.
     *
     * @param shard of the batch
     * @param mean 1 × width, FLOAT64
     */
    default void apply(Shard shard, Tensor mean) {}

    /**
     * Queues all of it for a batch that is one shard.
     *
     * @param whole the batch
     */
    default void applyWhole(Shard whole) {
        Tensor mean = whole.activations().means().cols(0, width(whole.vae().network()));
        share(whole, mean);
        update(whole.ops(), whole.schedule(), whole.steering(), mean);
        apply(whole, mean);
    }
}
