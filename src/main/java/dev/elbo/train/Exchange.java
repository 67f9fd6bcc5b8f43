package dev.elbo.train;

import dev.elbo.tensor.Tensor;
import java.util.function.Consumer;

/**
 * What the lanes of a run give each other between the programs of a step, in one process or in several. Each exchange is prepared
 * once, and run in every step by all lanes at the same time.
 */
interface Exchange extends AutoCloseable {
    /** Does some work for every lane of this process at the same time, and returns when all of it is done; the first failure is thrown. */
    void each(Consumer<Lane> work);

    /**
     * Returns what gives a lane the rows that the others have written.
     *
     * @param matrix of the lane, with a row for each shard that has rows of the step
     */
    Runnable rows(Lane lane, Tensor matrix);

    /**
     * Returns what gives a lane the gradients that it needs from others: those of their shards where {@link Lane#addsShards()}, else the
     * sum over all shards of what it updates.
     *
     * @param active shards that have rows of the step, the first ones
     */
    Runnable gradients(Lane lane, int active);

    /** Returns what gives a lane the weights that others update; null if it updates all of them. */
    Runnable weights(Lane lane);

    @Override
    void close();
}
