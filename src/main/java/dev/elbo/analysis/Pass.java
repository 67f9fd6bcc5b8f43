package dev.elbo.analysis;

import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.tensor.Tensor;

/**
 * A pass over a data set in batches, recorded in programs and made again and again. Where data are streamed, they arrive in
 * slots in turn, and programs are recorded for one slot:
 *
 * <pre>{@code
 * pass.start(order);
 * while (…) {
 *     program[pass.slot()].run();  // gathers whole batches, at most steps() of them, or the smaller last batch
 *     pass.used(rows);             // of all batches of that program
 * }
 * }</pre>
 *
 * <p>Programs of {@link #steps} batches begin at multiples of that many. Programs of fewer and that of the last batch belong
 * to the end of the pass, which is always in {@link #lastSlot}, or lead from where a pass was begun to the next multiple.
 */
public interface Pass extends AutoCloseable {
    /** {@return how many slots the data come in: 1 or 2} */
    default int slots() {
        return 1;
    }

    /** {@return the slot that the end of the pass is in} */
    default int lastSlot() {
        return 0;
    }

    /** {@return batches to a program: what was asked for, or fewer where slots are too small} */
    int steps();

    /**
     * Queues or records that {@code x} becomes the next rows of the pass.
     *
     * @param slot where the rows are when this runs
     * @param clock its {@link Clock#ROW} is the first row of the batch in the pass
     * @param binarize as for {@link dev.elbo.backend.Ops#gather}
     * @param x rows of the batch × features
     */
    void gather(int slot, Clock clock, NoiseSource binarize, Tensor x);

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
     * As {@link #start(int[])}, in the middle of the pass.
     *
     * @param order the rows' numbers in the order in which they come, or null
     * @param firstRow of the next batch; the caller's clock has it too
     * @throws IndexOutOfBoundsException if there is no such row
     */
    void start(int[] order, int firstRow);

    /** {@return where the next batch is} */
    default int slot() {
        return 0;
    }

    /**
     * Says that programs are queued; where data are streamed, fills the other slot while the backend works on them.
     *
     * @param rows that these programs gather
     */
    default void used(int rows) {}

    @Override
    void close();
}
