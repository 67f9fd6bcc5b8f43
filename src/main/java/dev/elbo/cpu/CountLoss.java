package dev.elbo.cpu;

import dev.elbo.backend.ColumnOps;
import dev.elbo.backend.LogDispersion;
import java.util.Arrays;

/**
 * The losses of counts, with their gradients, operation by operation as kernels/counts.cuh has them, which gives the formulas: the
 * bits are those of a GPU. A call leaves its results here, so that none allocates.
 */
final class CountLoss {
    private static final double P0 = 0.0833333341688246589;
    private static final double P1 = -7.95092327047640333e-8;
    private static final double P2 = -0.00277613273549901035;
    private static final double P3 = -0.0000142643159247269507;
    private static final double P4 = 0.000854207757991759276;
    private static final double P5 = -0.000111961152008295975;
    private static final double P6 = -0.000651869816905055947;
    private static final double P7 = 0.000676709606238701548;
    private static final double P8 = -0.000302858218351951475;
    private static final double P9 = 0.000054381001277618839;

    private static final double TWO_PI = 6.283185307179586;

    private static final double[] FACTORIAL_RESTS = new double[256];

    static {
        Arrays.setAll(FACTORIAL_RESTS, CountLoss::computeFactorialRest);
    }

    private double loss;
    private double byLogMean;
    private double byLogDispersion;

    /** −log p. */
    double loss() {
        return loss;
    }

    /** The derivative of −log p with respect to the log of the mean. */
    double byLogMean() {
        return byLogMean;
    }

    /** The derivative of −log p with respect to the log of the dispersion, of a negative binomial count. */
    double byLogDispersion() {
        return byLogDispersion;
    }

    /** What all counts of a column share: the dispersion θ, and Stirling's remainder of it. */
    static final class Dispersion {
        private double log;
        private double theta;
        private double remainder;
        private double slope;

        /** @param logDispersion which is clamped */
        void set(float logDispersion) {
            log = LogDispersion.clamp(logDispersion);
            theta = Elementary.exp(log);
            remainder = CountLoss.remainder(theta);
            slope = CountLoss.slope(theta);
        }
    }

    private static double inverse(double a) {
        return 1 / (a < 1 ? a + 1 : a);
    }

    private static double logOfStep(double a) {
        double step = 1 / a;
        return Elementary.log(1 + step, step);
    }

    /** Stirling's remainder δ(a) = lnΓ(a) − ((a − ½) ln a − a + ½ ln 2π) of a above 0. */
    static double remainder(double a) {
        double u = inverse(a);
        double p = Math.fma(P9, u, P8);
        p = Math.fma(p, u, P7);
        p = Math.fma(p, u, P6);
        p = Math.fma(p, u, P5);
        p = Math.fma(p, u, P4);
        p = Math.fma(p, u, P3);
        p = Math.fma(p, u, P2);
        p = Math.fma(p, u, P1);
        p = Math.fma(p, u, P0);
        return a < 1 ? u * p + ((a + 0.5) * logOfStep(a) - 1) : u * p;
    }

    /** The derivative of {@link #remainder}, ψ(a) − ln a + 1 / (2a). */
    static double slope(double a) {
        double u = inverse(a);
        double d = Math.fma(10 * P9, u, 9 * P8);
        d = Math.fma(d, u, 8 * P7);
        d = Math.fma(d, u, 7 * P6);
        d = Math.fma(d, u, 6 * P5);
        d = Math.fma(d, u, 5 * P4);
        d = Math.fma(d, u, 4 * P3);
        d = Math.fma(d, u, 3 * P2);
        d = Math.fma(d, u, 2 * P1);
        d = Math.fma(d, u, P0);
        double slope = -(u * u) * d;
        return a < 1 ? slope + (logOfStep(a) - (a + 0.5) / (a * (a + 1))) : slope;
    }

    /** ln x! − (x ln x − x) of x above 0, computed once of each small integer. */
    private static double factorialRest(double x) {
        int whole = (int) x;
        return whole == x && whole < FACTORIAL_RESTS.length ? FACTORIAL_RESTS[whole] : computeFactorialRest(x);
    }

    private static double computeFactorialRest(double x) {
        double square = TWO_PI * x;
        return 0.5 * Elementary.log(square, square - 1) + remainder(x);
    }

    /** less1 − ln x where x = 1 + less1, which is never negative. */
    private static double excess(double x, double less1) {
        return less1 - Elementary.log(x, less1);
    }

    /** A count; NaN for a number below 0. */
    private static double count(float x) {
        return x >= 0 ? x : Double.NaN;
    }

    static float clampLogMean(float o) {
        return o < -ColumnOps.MAX_LOG_MEAN
                ? -ColumnOps.MAX_LOG_MEAN
                : o > ColumnOps.MAX_LOG_MEAN ? ColumnOps.MAX_LOG_MEAN : o;
    }

    static boolean isInside(float o) {
        return !(o < -ColumnOps.MAX_LOG_MEAN || o > ColumnOps.MAX_LOG_MEAN);
    }

    /**
     * Computes the loss of a Poisson variable.
     *
     * @param o the log of its mean, which is clamped
     */
    void poisson(float value, float o) {
        double x = count(value);
        double m = Elementary.exp(clampLogMean(o));
        loss = m;
        if (x != 0) {
            double by = 1 / x;
            loss = x * excess(m * by, (m - x) * by) + factorialRest(x);
        }
        byLogMean = m - x;
    }

    /**
     * Computes the loss of a negative binomial variable.
     *
     * @param o the log of its mean, which is clamped
     */
    void negativeBinomial(float value, float o, Dispersion d) {
        double x = count(value);
        double m = Elementary.exp(clampLogMean(o));
        double by = 1 / (d.theta + m);
        double r = (x - m) * by;
        double both = x + d.theta;
        double pull = d.theta * r;
        double own = d.theta * excess(both * by, r);
        loss = own - pull;
        byLogDispersion = own;
        if (x != 0) {
            double byX = 1 / x;
            loss = own
                    + x * excess(m * both * by * byX, -pull * byX)
                    + factorialRest(x)
                    + (d.remainder - remainder(both))
                    + 0.5 * (Elementary.log(both, both - 1) - d.log);
            byLogDispersion = own + d.theta * (d.slope - slope(both)) - 0.5 * x / both;
        }
        byLogMean = -pull;
    }
}
