package dev.elbo.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A range of values with round marks in it.
 *
 * @param step between marks
 */
record Axis(double low, double high, double step) {
    private static final int MARKS = 5;

    /** Around values, of which those that are not finite do not count; a single value gets room around it. */
    static Axis around(double[] values, boolean whole) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            if (Double.isFinite(value)) {
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
        }
        if (low > high) {
            low = 0;
            high = 1;
        }
        // no marks could be told apart in a range that is narrower than this
        double least = Math.max(whole ? 1 : 1e-9, Math.max(Math.abs(low), Math.abs(high)) * 1e-9);
        if (high - low < least) {
            low -= least / 2;
            high += least / 2;
        }
        double rough = (high - low) / MARKS;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double step =
                rough <= power ? power : rough <= 2 * power ? 2 * power : rough <= 5 * power ? 5 * power : 10 * power;
        return new Axis(low, high, whole ? Math.max(1, step) : step);
    }

    static Axis from0(double[] values) {
        double[] more = Arrays.copyOf(values, values.length + 1);
        return around(more, false);
    }

    /** Round values between low and high. */
    List<Double> marks() {
        List<Double> marks = new ArrayList<>();
        for (double i = Math.ceil(low / step - 1e-9);
                i * step <= high + step * 1e-9 && marks.size() <= 3 * MARKS;
                i++) {
            marks.add(i * step);
        }
        return marks;
    }

    /** A mark in as few digits as tell it from the next one. */
    String label(double mark) {
        double value = mark == 0 ? 0.0 : mark;
        double size = Math.max(Math.abs(low), Math.abs(high));
        if (size >= 1e6 || size < 1e-4) {
            int digits = (int) Math.max(0, Math.ceil(Math.log10(size / step) - 1e-9));
            return mark == 0 ? "0" : String.format(Locale.ROOT, "%." + digits + "e", value);
        }
        int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /** Where a value lies, from 0 at low to 1 at high. */
    double fraction(double value) {
        return (value - low) / (high - low);
    }
}
