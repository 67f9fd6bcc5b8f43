package dev.elbo.train;

import dev.elbo.tensor.Tensor;
import java.util.function.Consumer;

/** What the lanes of a run give each other between the programs of a step, in one process or in several. */
interface Exchange extends AutoCloseable {
    /** Does some work for every lane of this process at the same time, and returns when all of it is done; the first failure is thrown. */
    void each(Consumer<Lane> work);

    /**
     * Gives every lane the rows that the others have written, once all lanes are here.
     *
     * @param matrix of one lane, with a row for each shard that has rows of the step
     */
    void rows(Lane lane, Tensor matrix);

    @Override
    void close();
}
