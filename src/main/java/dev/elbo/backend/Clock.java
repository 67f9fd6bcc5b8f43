package dev.elbo.backend;

import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;

/**
 * The step counters: four int32 in backend memory that operations read (noise step, batch row, schedule row, first
 * sample); they have nothing to do with time. One recorded step stays valid for a whole run, since {@link Ops#advance}
 * moves them. The caller may set them between runs of a program.
 *
 * @param counters INT32, 1 × {@link #SIZE}: {@link #STEP}, {@link #ROW}, {@link #SLOT}, {@link #SAMPLE}
 */
public record Clock(Tensor counters) {
    /** Step number of the noise; training counts from 1, evaluation stays at 0. */
    public static final int STEP = 0;
    /** First row of the batch in the order of the data. */
    public static final int ROW = 1;
    /** Row of the schedule and of the metrics table. */
    public static final int SLOT = 2;
    /** Number of the first sample of an example, if samples are taken in chunks. */
    public static final int SAMPLE = 3;
    /** Number of counters. */
    public static final int SIZE = 4;

    public Clock {
        if (counters.type() != ElementType.INT32 || counters.rows() != 1 || counters.cols() != SIZE) {
            throw new IllegalArgumentException(
                    "a clock is 1 × " + SIZE + " of INT32, not " + counters.shape() + " of " + counters.type());
        }
    }

    /**
     * {@return a clock at zero, in memory of its own}
     *
     * @param backend the owner of the memory
     */
    public static Clock allocate(Backend backend) {
        return new Clock(Tensor.of(backend.allocate(ElementType.INT32, SIZE), 1, SIZE));
    }

    /**
     * Sets all counters.
     *
     * @param step for {@link #STEP}
     * @param row for {@link #ROW}
     * @param slot for {@link #SLOT}
     * @param sample for {@link #SAMPLE}
     */
    public void set(int step, int row, int slot, int sample) {
        counters.write(new int[] {step, row, slot, sample});
    }
}
