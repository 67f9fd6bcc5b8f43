package dev.elbo.data;

/** The loss of numbers that are held as float64 and rounded to float32. */
final class Rounding {
    /** Errors of rounding above this share of a feature's deviation are worth a word: they are part of what a model learns. */
    static final double MOST = 1e-3;

    private Rounding() {}

    /** Whether errors of that size are too large for a feature that varies so much; of one that does not vary nothing is lost. */
    static boolean isLossy(double error, double deviation) {
        return deviation > 0 && error > MOST * deviation;
    }

    /** How far a value is from the float32 that is nearest; infinite beyond its range. */
    static double error(double value) {
        return Math.abs(value - (float) value);
    }

    /** The distance of neighbours among float32 at a magnitude; infinite beyond their range. */
    static double spacing(double magnitude) {
        float nearest = (float) magnitude;
        return Float.isInfinite(nearest) ? Double.POSITIVE_INFINITY : Math.ulp(nearest);
    }
}
