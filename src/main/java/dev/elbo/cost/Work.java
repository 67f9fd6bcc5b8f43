package dev.elbo.cost;

/**
 * What an operation must do at least.
 *
 * @param bytes moved between memory and processors
 * @param flops an fma counts as two
 */
public record Work(double bytes, double flops) {
    /** Of a product of rows × inner and inner × cols in float32, each operand read once. */
    public static Work product(double rows, double inner, double cols) {
        return new Work(4 * (rows * inner + inner * cols + rows * cols), 2 * rows * inner * cols);
    }

    public Work plus(Work other) {
        return new Work(bytes + other.bytes, flops + other.flops);
    }
}
