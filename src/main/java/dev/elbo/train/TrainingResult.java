package dev.elbo.train;

import java.util.List;

/**
 * What a run came to.
 *
 * @param epochs all that are complete
 * @param kept the epoch whose weights the model has: the best on the test data with a patience, else the last; null while
 *     none is complete. Without a patience a run that was stopped has the weights of {@code step}
 * @param step steps done
 * @param stopped whether it was stopped before its end
 */
public record TrainingResult(List<EpochMetrics> epochs, EpochMetrics kept, long step, boolean stopped) {
    /** {@return the model's ELBO on the test data, in nats per example} NaN while no epoch is complete, and for a plain autoencoder. */
    public double testElbo() {
        return kept == null ? Double.NaN : kept.test().elbo();
    }
}
