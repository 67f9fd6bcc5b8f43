package dev.elbo.cost;

/**
 * The least work of an operation.
 *
 * @param bytes moved between memory and processors
 * @param flops an fma counts as two
 */
public record Work(double bytes, double flops) {
    /** {@return the work of a product of rows × inner and inner × cols in float32, each operand read once} */
    public static Work product(double rows, double inner, double cols) {
        return new Work(4 * (rows * inner + inner * cols + rows * cols), 2 * rows * inner * cols);
    }

    public Work plus(Work other) {
        return new Work(bytes + other.bytes, flops + other.flops);
    }
}
