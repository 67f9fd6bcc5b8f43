package dev.elbo.io;

import java.util.List;

/** Smallest and largest of all values; a fraction runs from 0 to 1 between them, ½ where they are one. */
record Range(double low, double high) {
    static Range of(List<double[]> values) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (double[] some : values) {
            for (double value : some) {
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
        }
        return new Range(low, high);
    }

    double fraction(double value) {
        return high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5;
    }
}
