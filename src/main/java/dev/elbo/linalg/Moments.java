package dev.elbo.linalg;

import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Mean and variance of numbers that come one by one (Welford 1962).
 *
 * @hidden
 */
public final class Moments {
    private long count;
    private double mean;
    private double squares;

    /** Creates moments of several columns, each on its own. */
    public static Moments[] columns(int count) {
        return Stream.generate(Moments::new).limit(count).toArray(Moments[]::new);
    }

    /** Adds rows of as many values as there are columns. */
    public static void add(Moments[] columns, double[] rows) {
        for (int i = 0; i < rows.length; i++) {
            columns[i % columns.length].add(rows[i]);
        }
    }

    /** The variance of each column. */
    public static double[] variances(Moments[] columns) {
        return Arrays.stream(columns).mapToDouble(Moments::variance).toArray();
    }

    public void add(double value) {
        count++;
        double before = value - mean;
        mean += before / count;
        squares += before * (value - mean);
    }

    public long count() {
        return count;
    }

    public double mean() {
        return mean;
    }

    /** Σ (x − mean)² / n. */
    public double variance() {
        return squares / count;
    }

    /** Variance of the mean, from the sample variance; NaN for one number. */
    public double meanVariance() {
        return squares / (count - 1) / count;
    }

    /** Standard error of the mean; NaN for one number. */
    public double standardError() {
        return Math.sqrt(meanVariance());
    }
}
