package dev.elbo.analysis;

import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.tensor.Tensor;

/**
 * A pass over a data set in batches, recorded in programs and made again and again. Streamed data arrive in
 * slots in turn, and programs are recorded for one slot:
 *
 * <pre>{@code
 * pass.start(order);
 * while (…) {
 *     program[pass.slot()].run();  // gathers whole batches, at most steps() of them, or the smaller last batch
 *     pass.submitted(rows);             // of all batches of that program
 * }
 * }</pre>
 *
 * <p>Programs of {@link #steps} batches begin at multiples of that many. Programs of fewer and that of the last batch belong
 * to the end of the pass, which is always in {@link #lastSlot}, or lead from where a pass was begun to the next multiple.
 */
public interface Pass extends AutoCloseable {
    /** {@return the number of slots that the data arrive in: 1 or 2} */
    default int slots() {
        return 1;
    }

    /** {@return the slot of the end of the pass} */
    default int lastSlot() {
        return 0;
    }

    /** {@return batches of a program: as requested, or fewer if slots are too small} */
    int steps();

    /**
     * Queues or records the gathering of the pass's next rows into {@code x}. The shards of a batch are gathered in the order of
     * their rows.
     *
     * @param slot where the rows are when this runs
     * @param clock its {@link Clock#ROW} is the first row of the batch in the pass
     * @param first row of the batch that {@code x} begins with: 0, or the number of rows that were gathered of it
     * @param binarize as for {@link dev.elbo.backend.Ops#gather}
     * @param x rows of the batch × features
     * @param classes rows of the batch × 1, which take the class of each example; null if the model has no classes
     * @throws IllegalArgumentException if classes are wanted and the data were opened without them
     */
    void gather(int slot, Clock clock, int first, NoiseSource binarize, Tensor x, Tensor classes);

    /**
     * Queues or records the gathering of a whole batch, as {@link #gather(int, Clock, int, NoiseSource, Tensor, Tensor)} does.
     *
     * @param slot where the rows are when this runs
     * @param clock its {@link Clock#ROW} is the first row of the batch in the pass
     * @param binarize as for {@link dev.elbo.backend.Ops#gather}
     * @param x rows of the batch × features
     * @param classes rows of the batch × 1, or null, as there
     */
    default void gather(int slot, Clock clock, NoiseSource binarize, Tensor x, Tensor classes) {
        gather(slot, clock, 0, binarize, x, classes);
    }

    /**
     * Begins the pass anew.
     *
     * @param order the rows' numbers in the order in which they come, kept and not copied; null for a pass without one
     * @throws IllegalArgumentException if the order is missing, not wanted or not of all examples
     */
    default void start(int[] order) {
        start(order, 0);
    }

    /**
     * Begins in the middle of the pass, as {@link #start(int[])}.
     *
     * @param order the rows' numbers in the order in which they come, or null
     * @param firstRow of the next batch; the caller's clock has it too
     * @throws IndexOutOfBoundsException if there is no such row
     */
    void start(int[] order, int firstRow);

    /** {@return the slot of the next batch} */
    default int slot() {
        return 0;
    }

    /**
     * Declares that programs were queued; if data are streamed, fills the other slot while the backend works on them.
     *
     * @param rows that these programs gather
     */
    default void submitted(int rows) {}

    @Override
    void close();
}
