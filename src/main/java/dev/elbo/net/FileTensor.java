package dev.elbo.net;

import java.util.function.BinaryOperator;

/**
 * A tensor in files, with its start: one parameter in memory, or several.
 *
 * @param name in files, after that of the module
 * @param shape its dimensions
 * @param fanIn inputs that an output of the layer sums
 * @param fanOut outputs that an input of the layer goes to
 * @param start its initial values, from the means and variances of the inputs; null: uniform within ±√(6 / (fanIn + fanOut))
 *     (Glorot and Bengio 2010, eq. 16)
 */
public record FileTensor(String name, int[] shape, double fanIn, double fanOut, BinaryOperator<double[]> start) {
    /**
     * {@return a weight, which starts uniform}
     *
     * @param name after that of the module
     * @param fanIn inputs that an output of the layer sums
     * @param fanOut outputs that an input of the layer goes to
     * @param shape its dimensions
     */
    public static FileTensor weight(String name, double fanIn, double fanOut, int... shape) {
        return new FileTensor(name, shape, fanIn, fanOut, null);
    }

    static FileTensor vector(String name, int size, BinaryOperator<double[]> start) {
        return new FileTensor(name, new int[] {size}, 0, 0, start);
    }

    FileTensor named(String full) {
        return new FileTensor(full, shape, fanIn, fanOut, start);
    }

    int size() {
        int size = 1;
        for (int dimension : shape) {
            size = Math.multiplyExact(size, dimension);
        }
        return size;
    }
}
