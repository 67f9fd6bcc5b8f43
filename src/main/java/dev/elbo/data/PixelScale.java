package dev.elbo.data;

import dev.elbo.error.ElboException;

/**
 * The value that stands for 1 in data of pixels.
 *
 * @param most the value that does; 0 where nobody has said so: 255 of unsigned bytes then, and other numbers are taken as they are
 */
record PixelScale(int most) {
    private static final int BYTE = 255;

    /** As the kind of numbers says. */
    static final PixelScale BY_KIND = new PixelScale(0);

    /** Returns whether it was said what stands for 1. */
    boolean isGiven() {
        return most > 0;
    }

    /** What a byte is multiplied by. */
    float ofByte() {
        return 1f / (isGiven() ? most : BYTE);
    }

    /** Whether a number is a pixel, where it was said what stands for 1; one that is not finite is for others to judge. */
    boolean holds(double value) {
        return !(value < 0) && !(value > most) || !Double.isFinite(value);
    }

    /** A number as a share of what stands for 1, where it was said what does. */
    double of(double value) {
        return value / most;
    }

    /**
     * As {@link #of(double)}, of a number in an array; one that is no pixel is refused by its row and column, from 0.
     */
    double of(double value, String name, int row, int column) {
        if (!holds(value)) {
            throw outside(name, row, column, value);
        }
        return of(value);
    }

    private ElboException outside(String name, int row, int column, double value) {
        return ElboException.data(
                name + ": row " + row + ", column " + column + " (from 0) is " + Rows.shown(value) + ", " + outside());
    }

    /** What is wrong with a number that is no pixel, for a message. */
    String outside() {
        return "outside of 0 to " + most + ", the range of values with pixelMax " + most;
    }

    /**
     * Refuses bytes that are no pixels of this scale: those above what stands for 1, and zeros and ones where nobody
     * has said so, which are meant as such and would all but vanish.
     */
    void requireBytes(String name, Rows rows) {
        int features = rows.features();
        int enough = isGiven() ? most : 1;
        float[] largest = {0};
        rows.visit((from, count, values) -> {
            for (int i = 0; i < count * features && largest[0] <= enough; i++) {
                largest[0] = Math.max(largest[0], values[i]);
                if (isGiven() && values[i] > most) {
                    throw outside(name, from + i / features, i % features, values[i]);
                }
            }
            return largest[0] <= enough && enough < BYTE;
        });
        if (!isGiven() && largest[0] == 1) {
            throw ElboException.data(
                    name + ": holds only 0 and 1 as uint8, which are read as pixels with 255 for white;"
                            + " pixelMax 1 takes them as they are, or save them as bool or float32 (astype)");
        }
    }
}
