package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Checks and text of shapes that files declare. */
public final class Shapes {
    private Shapes() {}

    /** Returns the number of elements of a shape, in exact arithmetic; refuses more than {@link Heap#MAX_LENGTH}. */
    static int elements(String where, int[] shape) {
        long product = 1;
        boolean empty = false;
        for (int dimension : shape) {
            // Dimensions are below 2^31 and the product of those before is too: no overflow of a long.
            product *= dimension == 0 ? 1 : dimension;
            empty |= dimension == 0;
            if (product > Heap.MAX_LENGTH) {
                throw ElboException.data(
                        where + ": shape " + text(shape) + " has more than " + Heap.MAX_LENGTH + " elements");
            }
        }
        return empty ? 0 : (int) product;
    }

    /**
     * {@return a shape for messages, as {@code (2, 3)}; {@code ()} of a scalar}
     *
     * @param shape of any rank
     */
    public static String text(int[] shape) {
        return Arrays.stream(shape).mapToObj(Integer::toString).collect(Collectors.joining(", ", "(", ")"));
    }

    /** Refuses a count of values that is not the product of the shape. */
    static void requireElements(int[] shape, int values) {
        if (elements("array", shape) != values) {
            throw new IllegalArgumentException("shape " + text(shape) + " does not hold " + values + " values");
        }
    }
}
