package dev.elbo.backend;

/** The rule by which {@link Ops#klWeight} finds the weight of the KL divergence from its target. */
public enum KlWeighting {
    /** A Lagrange multiplier, found by gradient ascent on its logarithm. */
    MULTIPLIER,
    /** The sign of the distance to a capacity. */
    CAPACITY;

    /** Elements of the state: log β, the moving average, and 1 if that average has begun. */
    public static final int STATE = 3;
    /** Limit of log β, which stays between −LOG_LIMIT and LOG_LIMIT. */
    public static final double LOG_LIMIT = 14;
    /** Weight of the newest violation in the moving average. */
    public static final double NEWEST = 0.1;
    /** Limit of the violation that counts in one step, in nats: a start far from the target must not run away. */
    public static final double MOST = 10;
}
