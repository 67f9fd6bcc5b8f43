package dev.elbo.analysis;

/** Mean and variance of numbers that come one by one (Welford 1962). */
final class Moments {
    private long count;
    private double mean;
    private double squares;

    static Moments of(double[] values) {
        Moments moments = new Moments();
        for (double value : values) {
            moments.add(value);
        }
        return moments;
    }

    void add(double value) {
        count++;
        double before = value - mean;
        mean += before / count;
        squares += before * (value - mean);
    }

    long count() {
        return count;
    }

    double mean() {
        return mean;
    }

    /** Σ (x − mean)² / n. */
    double variance() {
        return squares / count;
    }

    /** Variance of the mean, from the sample variance; NaN for one number. */
    double meanVariance() {
        return squares / (count - 1) / count;
    }

    /** Standard error of the mean; NaN for one number. */
    double standardError() {
        return Math.sqrt(meanVariance());
    }
}
