package dev.elbo.serve;

import dev.elbo.data.Places;
import dev.elbo.error.ElboException;
import dev.elbo.io.Heap;
import dev.elbo.model.Table;
import java.util.stream.IntStream;

/** Checks and conversions of requests and answers: rows of one width, row-major. */
final class Rows {
    /** A check of the values of rows. */
    @FunctionalInterface
    interface Check {
        /** Takes none but finite values. */
        Check FINITE = Rows::requireFinite;

        /** Throws data for a value that is not taken; {@code first} numbers the first row. */
        void require(String method, float[] values, int width, long first);

        /** Returns the check of the rows of a table, in which NaN is a missing value. */
        static Check of(Table table) {
            return (method, values, width, first) -> Places.require(
                    method,
                    table,
                    IntStream.range(0, values.length)
                            .mapToDouble(i -> values[i])
                            .toArray(),
                    first);
        }
    }

    private Rows() {}

    /** Counts rows; throws data for no rows, a part of one, or a value that the check refuses, naming {@code method}. */
    static int count(String method, float[] values, int width, Check check) {
        requireWhole(method, values.length, width);
        check.require(method, values, width, 0);
        return values.length / width;
    }

    /** @throws ElboException data, for no rows, or a part of one */
    static void requireWhole(String method, int values, int width) {
        if (values == 0 || values % width != 0) {
            String fault = values == 0 ? "there are no rows" : values + " values do not divide into rows of " + width;
            throw ElboException.data(method + ": " + fault);
        }
    }

    /**
     * Throws data for values that are not finite, as {@code given} or as {@code taken}, in the model's float32; unless {@code
     * gaps} says that NaN is a missing value.
     */
    static void requireTakeable(String method, double[] given, float[] taken, int width, boolean gaps) {
        int i = gaps ? firstInfinite(taken) : firstNotFinite(taken);
        if (i >= 0) {
            throw ElboException.data(place(method, i, width, 0)
                    + given[i]
                    + (Double.isFinite(given[i])
                            ? ", which is too far from the training data for float32"
                            : "; remove or replace such values"));
        }
    }

    /**
     * Throws data for values outside of [0, 1], which have no Bernoulli likelihood; {@code first} numbers the first
     * row.
     */
    static void requireUnitInterval(String method, float[] values, int rows, int width, long first) {
        for (int i = 0; i < rows * width; i++) {
            if (!(values[i] >= 0 && values[i] <= 1)) {
                throw ElboException.data(place(method, i, width, first) + values[i]
                        + "; the model's Bernoulli likelihood needs values in [0, 1]: rescale as for its training");
            }
        }
    }

    private static void requireFinite(String method, float[] values, int width, long first) {
        int i = firstNotFinite(values);
        if (i >= 0) {
            throw ElboException.data(place(method, i, width, first) + values[i] + "; remove or replace such values");
        }
    }

    /** Returns the position of the first value that is NaN or infinite, or −1. */
    static int firstNotFinite(float[] values) {
        int i = sumIsFinite(values) ? values.length : 0;
        while (i < values.length && Float.isFinite(values[i])) {
            i++;
        }
        return i < values.length ? i : -1;
    }

    /** Returns the position of the first value that is infinite, or −1. */
    private static int firstInfinite(float[] values) {
        int i = 0;
        while (i < values.length && !Float.isInfinite(values[i])) {
            i++;
        }
        return i < values.length ? i : -1;
    }

    /**
     * Returns whether the sum of the values is finite. If so, none is NaN or infinite, and a search takes twice as
     * long, up to a tenth of the products of an encoder. There are eight sums because an addition waits for the one
     * before.
     */
    static boolean sumIsFinite(float[] values) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        float e = 0;
        float f = 0;
        float g = 0;
        float h = 0;
        int i = 0;
        for (; i + 7 < values.length; i += 8) {
            a += values[i];
            b += values[i + 1];
            c += values[i + 2];
            d += values[i + 3];
            e += values[i + 4];
            f += values[i + 5];
            g += values[i + 6];
            h += values[i + 7];
        }
        for (; i < values.length; i++) {
            a += values[i];
        }
        return Float.isFinite(a + b + c + d + e + f + g + h);
    }

    /**
     * Throws data for values too far from those of the training to stay finite; {@code first} numbers the first row. What is
     * NaN was so before.
     */
    static void requireStandardizable(String method, float[] given, float[] standardized, int width, long first) {
        int i = firstInfinite(standardized);
        if (i >= 0) {
            throw ElboException.data(place(method, i, width, first) + given[i]
                    + ", which is too far from the training data to be standardised");
        }
    }

    private static String place(String method, int i, int width, long first) {
        return method + ": row " + (first + i / width) + ", column " + i % width + " (from 0) is ";
    }

    /** Requires an argument of at least 1. */
    static int positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1, not " + value);
        }
        return value;
    }

    /** Packs rows one after the other; throws data for no rows, or one of another width. */
    static float[] pack(String method, float[][] rows, int width, Check check) {
        if (rows.length == 0) {
            throw ElboException.data(method + ": there are no rows");
        }
        float[] packed = Heap.results(rows.length, width);
        for (int i = 0; i < rows.length; i++) {
            copy(method, rows[i], width, check, i, packed, i);
        }
        return packed;
    }

    /** Copies row {@code number} to its place; throws data for another width, or a value that the check refuses. */
    static void copy(String method, float[] row, int width, Check check, long number, float[] packed, int place) {
        if (row == null) {
            throw new IllegalArgumentException(method + ": row " + number + " (from 0) is null");
        }
        if (row.length != width) {
            throw ElboException.data(
                    method + ": row " + number + " (from 0) has " + row.length + " values, not " + width);
        }
        check.require(method, row, width, number);
        System.arraycopy(row, 0, packed, place * width, width);
    }

    static float[][] unpack(float[] packed, int width) {
        float[][] rows = new float[packed.length / width][width];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(packed, i * width, rows[i], 0, width);
        }
        return rows;
    }
}
