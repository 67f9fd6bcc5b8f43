package dev.elbo.bench;

import com.google.gson.JsonObject;
import java.util.Arrays;

/**
 * The median and quartiles of repeated measurements of one quantity.
 *
 * @param median half of them are below
 * @param lower quartile
 * @param upper quartile
 * @param count number of measurements
 */
public record Distribution(double median, double lower, double upper, int count) {
    /** A normal distribution's interquartile range in standard deviations. */
    private static final double INTERQUARTILE_RANGE = 1.349;
    /** √(π / 2): the standard error of a normal sample's median over that of its mean. */
    private static final double MEDIAN_OVER_MEAN = 1.2533;

    /** Computes quantiles of at least one value by linear interpolation between the order statistics. */
    public static Distribution of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("values must have at least one measurement");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Distribution(quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75), sorted.length);
    }

    private static double quantile(double[] sorted, double q) {
        double place = q * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /** {@return the standard error of the median, relative to it; from the quartiles, so that outliers hardly count} */
    public double relativeDeviation() {
        return MEDIAN_OVER_MEAN * (upper - lower) / INTERQUARTILE_RANGE / Math.sqrt(count) / median;
    }

    /** {@return the distribution in another unit} */
    public Distribution times(double factor) {
        return new Distribution(median * factor, lower * factor, upper * factor, count);
    }

    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("median", median);
        json.addProperty("lower_quartile", lower);
        json.addProperty("upper_quartile", upper);
        json.addProperty("measurements", count);
        return json;
    }
}
