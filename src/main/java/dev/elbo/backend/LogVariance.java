package dev.elbo.backend;

/**
 * Bounds of every log σ². A value outside them counts as the bound, with zero gradient, on every backend. They keep σ²
 * and 1/σ² finite in float32.
 */
public final class LogVariance {
    /** Least log σ². */
    public static final float MIN = -30;
    /** Largest log σ². */
    public static final float MAX = 20;
    /** Lower bound of the mean squared error in {@link Ops#optimalLogVar}. */
    public static final double FLOOR = 1e-6;

    private LogVariance() {}

    /**
     * {@return the value within the bounds; NaN stays NaN}
     *
     * @param logVar log σ²
     */
    public static double clamp(double logVar) {
        return logVar < MIN ? MIN : logVar > MAX ? MAX : logVar;
    }

    /**
     * {@return the value within the bounds; NaN stays NaN}
     *
     * @param logVar log σ²
     */
    public static float clamp(float logVar) {
        return logVar < MIN ? MIN : logVar > MAX ? MAX : logVar;
    }

    /**
     * {@return whether a gradient passes}
     *
     * @param logVar log σ²
     */
    public static boolean isInside(double logVar) {
        return !(logVar < MIN || logVar > MAX);
    }
}
