package dev.elbo.train;

import java.util.List;

/**
 * What a run came to.
 *
 * @param epochs all that are complete
 * @param kept the epoch whose weights the model has: the best on the data that it is judged by with a patience, else the
 *     last; null while none is complete. Without a patience a run that was stopped has the weights of {@code step}
 * @param test the model on the test data; null where there are none, while no epoch is complete, and where validation data
 *     judge the epochs and the run was stopped before its end
 * @param step steps done
 * @param stopped whether it was stopped before its end
 */
public record TrainingResult(
        List<EpochMetrics> epochs, EpochMetrics kept, EpochMetrics.Part test, long step, boolean stopped) {
    /** {@return the model's ELBO on the test data, in nats per example} NaN where there is no {@link #test}, and for a plain autoencoder. */
    public double testElbo() {
        return test == null ? Double.NaN : test.elbo();
    }
}
