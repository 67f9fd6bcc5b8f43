package dev.elbo.io;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * A range of values with round marks in it.
 *
 * @param low the smallest value; its logarithm to base 10 on a logarithmic axis
 * @param high the largest value; its logarithm to base 10 on a logarithmic axis
 * @param step between marks; 0: a logarithmic axis
 */
record Axis(double low, double high, double step) {
    private static final int MARKS = 5;
    /** Decades above which only powers of ten are marked. */
    private static final int FEW_DECADES = 3;

    /** Returns an axis around those values that are finite; a single value gets room around it. */
    static Axis around(double[] values, boolean whole) {
        double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
        double low = Arrays.stream(finite).min().orElse(0);
        double high = Arrays.stream(finite).max().orElse(1);
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

    /** Returns a logarithmic axis around values above 0; values within a decade get the whole of it. */
    static Axis logarithmic(double[] values) {
        Axis places = around(Arrays.stream(values).map(Math::log10).toArray(), false);
        return places.high - places.low < 1
                ? new Axis(Math.floor(places.low), Math.ceil(places.high), 0)
                : new Axis(places.low, places.high, 0);
    }

    /** {@return round values between low and high, from the smallest to the largest} */
    List<Double> marks() {
        List<Double> marks = new ArrayList<>();
        if (step == 0) {
            double every = Math.ceil((high - low) / (2 * MARKS));
            for (double power = Math.floor(low); power <= high; power += every) {
                double unit = Math.pow(10, power);
                DoubleStream.of(1, 2, 5)
                        .limit(high - low < FEW_DECADES ? 3 : 1)
                        .map(digit -> digit * unit)
                        .filter(mark -> Math.log10(mark) > low - 1e-9 && Math.log10(mark) < high + 1e-9)
                        .forEach(marks::add);
            }
            return marks;
        }
        for (double i = Math.ceil(low / step - 1e-9);
                i * step <= high + step * 1e-9 && marks.size() <= 3 * MARKS;
                i++) {
            marks.add(i * step);
        }
        return marks;
    }

    /** Returns a mark in the fewest digits that distinguish it from the next one, the same in any locale. */
    String label(double mark) {
        double size = step == 0 ? mark : Math.max(Math.abs(low), Math.abs(high));
        double last = step == 0 ? mark : step;
        if (size >= 1e6 || size < 1e-4) {
            int digits = (int) Math.max(0, Math.ceil(Math.log10(size / last) - 1e-9));
            return mark == 0 ? "0" : Text.format("%." + digits + "e", mark);
        }
        int decimals = (int) Math.max(0, -Math.floor(Math.log10(last) + 1e-9));
        return Text.format("%." + decimals + "f", mark == 0 ? 0.0 : mark);
    }

    /** Returns the place of a value, from 0 at low to 1 at high. */
    double fraction(double value) {
        double place = step == 0 ? Math.log10(value) : value;
        return (place / 2 - low / 2) / (high / 2 - low / 2);
    }
}
