package dev.elbo.net;

import org.apache.commons.numbers.gamma.Erfc;
import org.apache.commons.numbers.gamma.RegularizedBeta;
import org.apache.commons.numbers.gamma.RegularizedGamma;

/**
 * The distribution of a count: Poisson or negative binomial.
 *
 * @param mean above 0
 * @param dispersion θ of a negative binomial; 0 for Poisson
 */
public record CountDistribution(double mean, double dispersion) {
    /** No count is larger: float32 does not tell neighbours above it. */
    private static final long MAX = 1L << 53;
    /** Above this, a Poisson variable's tails are a normal one's. */
    private static final double LARGE = 1e9;

    /**
     * {@return P(X ≤ count)}
     *
     * @param count from 0 on
     */
    public double cumulative(long count) {
        if (dispersion > 0) {
            return RegularizedBeta.value(dispersion / (dispersion + mean), dispersion, count + 1.0);
        }
        double deviations = (count + 0.5 - mean) / Math.sqrt(mean);
        // the series of so far a tail takes millions of terms, and is that of a normal variable to 1e-8
        return mean > LARGE && Math.abs(deviations) > 4
                ? Erfc.value(-deviations / Math.sqrt(2)) / 2
                : RegularizedGamma.Q.value(count + 1.0, mean);
    }

    /** The distribution function of a count, or of a mixture of counts. */
    @FunctionalInterface
    public interface Cumulative {
        /**
         * {@return P(X ≤ count)}
         *
         * @param count from 0 on
         */
        double value(long count);
    }

    /**
     * {@return the least count whose cumulative probability exceeds a share}
     *
     * @param share in [0, 1)
     * @param cumulative distribution function
     */
    public static long quantile(double share, Cumulative cumulative) {
        return quantile(share, cumulative, 0);
    }

    /**
     * {@return the same count, in fewer steps if it is near a guess}
     *
     * @param share in [0, 1)
     * @param cumulative distribution function
     * @param guess from 0 on
     */
    public static long quantile(double share, Cumulative cumulative, long guess) {
        long above = Math.min(guess, MAX);
        long below = -1;
        if (above > 0 && cumulative.value(above) > share) {
            for (long step = 1; above > 0 && below < 0; step *= 2) {
                long next = Math.max(0, above - step);
                if (cumulative.value(next) > share) {
                    above = next;
                } else {
                    below = next;
                }
            }
        } else {
            for (long step = 1; above < MAX && !(cumulative.value(above) > share); step *= 2) {
                below = above;
                above = Math.min(MAX, above + step);
            }
        }
        while (above - below > 1) {
            long middle = below + (above - below) / 2;
            if (cumulative.value(middle) > share) {
                above = middle;
            } else {
                below = middle;
            }
        }
        return above;
    }
}
