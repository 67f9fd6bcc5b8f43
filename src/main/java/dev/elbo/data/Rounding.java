package dev.elbo.data;

/** The error of rounding float64 to float32. */
final class Rounding {
    /** The share of a feature's deviation above which rounding errors are reported: a model learns them too. */
    static final double MOST = 1e-3;

    private Rounding() {}

    /** Returns whether an error is too large for a feature of this deviation; a constant feature loses nothing. */
    static boolean isLossy(double error, double deviation) {
        return deviation > 0 && error > MOST * deviation;
    }

    /** Returns the distance of a value from the nearest float32; infinite beyond its range. */
    static double error(double value) {
        return Math.abs(value - (float) value);
    }

    /** The distance of neighbours among float32 at a magnitude; infinite beyond their range. */
    static double spacing(double magnitude) {
        float nearest = (float) magnitude;
        return Float.isInfinite(nearest) ? Double.POSITIVE_INFINITY : Math.ulp(nearest);
    }
}
