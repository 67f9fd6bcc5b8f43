package dev.elbo.net;

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

    /**
     * {@return P(X ≤ count)}
     *
     * @param count from 0 on
     */
    public double cumulative(long count) {
        return dispersion == 0
                ? RegularizedGamma.Q.value(count + 1.0, mean)
                : RegularizedBeta.value(dispersion / (dispersion + mean), dispersion, count + 1.0);
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
        long above = 0;
        long below = -1;
        while (above < MAX && !(cumulative.value(above) > share)) {
            below = above;
            above = 2 * above + 1;
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
