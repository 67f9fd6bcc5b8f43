package dev.elbo.backend;

/**
 * Bounds of the log of every dispersion θ, as {@link LogVariance} has those of log σ². Above them a negative-binomial variable
 * cannot be told from a Poisson one.
 */
public final class LogDispersion {
    /** Least log θ. */
    public static final float MIN = -20;
    /** Largest log θ. */
    public static final float MAX = 20;

    private LogDispersion() {}

    /**
     * {@return the value within the bounds; NaN stays NaN}
     *
     * @param logDispersion log θ
     */
    public static double clamp(double logDispersion) {
        return logDispersion < MIN ? MIN : logDispersion > MAX ? MAX : logDispersion;
    }

    /**
     * {@return whether a gradient passes}
     *
     * @param logDispersion log θ
     */
    public static boolean isInside(double logDispersion) {
        return !(logDispersion < MIN || logDispersion > MAX);
    }
}
