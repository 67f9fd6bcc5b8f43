package dev.elbo.data;

import dev.elbo.error.ElboException;

/**
 * The value that stands for 1 in data of pixels.
 *
 * @param most the value; 0 if none is given: then 255 for unsigned bytes, and other numbers are not scaled; −1 if nothing is
 *     scaled
 */
record PixelScale(int most) {
    private static final int BYTE = 255;

    /** Numbers as they are, bytes too. */
    static final PixelScale NONE = new PixelScale(-1);

    /** The default: bytes are pixels with 255 for 1, other numbers are not scaled. */
    static final PixelScale BY_KIND = new PixelScale(0);

    boolean isGiven() {
        return most > 0;
    }

    float ofByte() {
        return this.equals(NONE) ? 1 : 1f / (isGiven() ? most : BYTE);
    }

    /** Returns whether a number is in the range of pixels; NaN and infinities are checked elsewhere. */
    boolean holds(double value) {
        return !(value < 0) && !(value > most) || !Double.isFinite(value);
    }

    double of(double value) {
        return value / most;
    }

    /** Scales a number of an array; one out of range is refused by its row and column, from 0. */
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

    /** Returns the problem of a number that is out of range, for a message. */
    String outside() {
        return "outside of 0 to " + most + ", the range of values with pixelMax " + most;
    }

    /**
     * Refuses bytes out of range: those above the value for 1, and, if none is given, data of zeros and ones alone,
     * which would become almost 0.
     */
    void requireBytes(String name, Rows rows) {
        if (this.equals(NONE)) {
            return;
        }
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
