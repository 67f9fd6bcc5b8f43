package dev.elbo.noise;

/**
 * The complementary error function in float64, relative error below 1e-13. Source: Abramowitz and Stegun 7.1.6 (a series of
 * positive terms) for small arguments and 7.1.14 (a continued fraction) for large ones.
 */
final class Erfc {
    private static final double TWO_OVER_SQRT_PI = 1.1283791670955126;
    private static final double SPLIT = 2.2;

    private Erfc() {}

    /** erfc(x) for x ≥ 0. */
    static double of(double x) {
        double square = x * x;
        if (x < SPLIT) {
            double term = x;
            double sum = x;
            for (int n = 1; term > sum * 1e-17; n++) {
                term *= 2 * square / (2 * n + 1);
                sum += term;
            }
            return 1 - TWO_OVER_SQRT_PI * Math.exp(-square) * sum;
        }
        double fraction = x;
        for (int n = 70; n > 0; n--) {
            fraction = x + n / 2.0 / fraction;
        }
        return TWO_OVER_SQRT_PI / 2 * Math.exp(-square) / fraction;
    }
}
