package dev.elbo.cost;

import java.util.List;
import java.util.Locale;

/**
 * The least work of each kernel, from {@code kernels/README.md}, which defines the counts: bytes and flops an element,
 * one sample, noise generated. A test holds the two equal.
 */
public enum KernelCost {
    GATHER_UINT8(5, 1, 3),
    GATHER_REAL(8, 1, 3),
    DENSE_ACTIVATION(8, 1, 43),
    /** Beside the product. */
    DENSE_THIN(0, 1, 43),
    /** The product that follows reads it. */
    DENSE_BIAS(4, 0),
    DENSE_GRAD_ACTIVATION(12, 1, 25),
    /** Beside the product, which reads dY: y, and dY written. */
    DENSE_GRAD_THIN(8, 1, 24),
    /** A chunk of rows, not an element: nothing beside the matrix it belongs to. */
    DENSE_GRAD_FINISH(8, 1),
    ACTIVATE(8, 0, 42),
    /** Beside the table, which is read once. */
    CLASS_BIAS(8, 1, 43),
    /** Beside the table, which is written. */
    CLASS_BIAS_GRAD(4, 1),
    COLUMN_INPUTS(8, 0, 24),
    /** By kind, in their order; beside the terms of the gradients of log σ² and log θ, which are written. */
    COLUMN_LOSS(12, 35, 49, 54, 117, 305),
    /** A term. */
    COLUMN_LOSS_FINISH(4, 1),
    COLUMN_MEAN(8, 0, 50),
    /** Where patches do not overlap: else a value is written more often than it is read. */
    UNFOLD(8, 0),
    /** Where patches do not overlap: else a value is read more often than it is written. */
    FOLD(8, 1, 43),
    NORMAL(4, 22),
    REPARAMETERIZE(12, 82),
    REPARAMETERIZE_GRAD(20, 78, 59, 62),
    GAUSSIAN_KL_MEAN(8, 28),
    FREE_BITS(24, 25),
    GAUSSIAN_KL(12, 27),
    GAUSSIAN_LOSS(12, 6, 29),
    GAUSSIAN_LOSS_VARIANCE(8, 6, 29),
    /** A chunk. */
    GAUSSIAN_LOSS_FINISH(8, 1),
    BERNOULLI_LOSS(12, 48),
    OPTIMAL_LOG_VAR(8, 3),
    /** A block. */
    OPTIMAL_LOG_VAR_FINISH(8, 1),
    /** A block. */
    SQUARED_ERROR_MEAN_FINISH(8, 1),
    IMPORTANCE_WEIGHTS(16, 53),
    ROW_MEAN(4, 1),
    /** A step: there are no elements. */
    KL_WEIGHT(64, 29),
    STEP_METRICS(4, 1),
    /** Beside the total, which is written. */
    SUM_SHARDS_REAL(4, 1),
    /** Beside the total, which is written. */
    SUM_SHARDS_FLOAT64(8, 1),
    ADAM(28, 13),
    ADVANCE(16, 4);

    /**
     * The most columns of a thin input: a layer's product with it takes bias and activation along, in one kernel, and so does
     * the gradient to it. Up to here a row lies in shared memory whole, and the pass over y that falls away, of 8 bytes an
     * element, takes a GPU about as long as the product's flops, 128 an element, of which an H200 does 14 a byte.
     */
    public static final int THIN = 64;

    private final int bytes;
    private final List<Integer> flops;

    KernelCost(int bytes, Integer... flops) {
        this.bytes = bytes;
        this.flops = List.of(flops);
    }

    /** {@return the kernel's name} */
    public String entry() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@return bytes of an element} */
    public int bytes() {
        return bytes;
    }

    /**
     * {@return flops of an element, in the order of the table: of the cheapest and the most expensive variant, or of
     * each}
     */
    public List<Integer> flops() {
        return flops;
    }

    /** {@return the work of so many elements, in the first variant} */
    public Work of(double elements) {
        return of(elements, 0);
    }

    /** {@return the work of so many elements, in a variant} */
    public Work of(double elements, int variant) {
        return new Work(bytes * elements, flops.get(variant) * elements);
    }
}
