package dev.elbo.backend;

/** Columns of the table that {@link Ops#stepMetrics} writes, a row a step: means over the batch, in nats per example. */
public final class Metrics {
    /** The minimised loss. */
    public static final int LOSS = 0;
    /** −log p(x|z), constants included. */
    public static final int RECONSTRUCTION = 1;
    /** KL divergence of the posterior from the prior, unweighted; 0 without one. */
    public static final int KL = 2;
    /** Variance of a shared Gaussian output; NaN without one. */
    public static final int OUTPUT_VARIANCE = 3;
    /** Weight of the KL divergence in the loss. */
    public static final int BETA = 4;
    /** Number of columns. */
    public static final int COLUMNS = 5;

    private Metrics() {}
}
