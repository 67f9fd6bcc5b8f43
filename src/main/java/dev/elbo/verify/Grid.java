package dev.elbo.verify;

/**
 * A dense matrix of float64, row-major: the values of a tensor.
 *
 * @hidden
 */
public record Grid(int rows, int cols, double[] values) {
    /** An element as a function of its row and column. */
    @FunctionalInterface
    public interface Element {
        double at(int row, int col);
    }

    public Grid {
        if (values.length != rows * cols) {
            throw new IllegalArgumentException(values.length + " values for " + rows + " × " + cols);
        }
    }

    /** {@return a grid with each element from its place} */
    public static Grid of(int rows, int cols, Element element) {
        double[] values = new double[rows * cols];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < cols; j++) {
                values[i * cols + j] = element.at(i, j);
            }
        }
        return new Grid(rows, cols, values);
    }

    public double at(int row, int col) {
        return values[row * cols + col];
    }
}
