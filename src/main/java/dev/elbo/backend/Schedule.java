package dev.elbo.backend;

import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;

/**
 * The values that change from step to step by plan, one row for each step, uploaded ahead. Operations read the row that
 * the clock's {@link Clock#SLOT} points to.
 *
 * @param table REAL, steps × {@link #COLUMNS}
 * @param clock holds the number of the row
 */
public record Schedule(Tensor table, Clock clock) {
    /** Adam's step: learning rate / (1 − β₁ᵗ), computed in float64. */
    public static final int STEP_SIZE = 0;
    /** Adam's 1 / √(1 − β₂ᵗ), computed in float64. */
    public static final int SECOND_MOMENT_SCALE = 1;
    /** Weight of the KL divergence in the loss. */
    public static final int BETA = 2;
    /** Number of columns. */
    public static final int COLUMNS = 3;

    public Schedule {
        if (table.type() != ElementType.REAL || table.cols() != COLUMNS || !table.isContiguous()) {
            throw new IllegalArgumentException(
                    "a schedule has " + COLUMNS + " columns of REAL, not " + table.shape() + " of " + table.type());
        }
    }
}
