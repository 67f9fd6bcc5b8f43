package dev.elbo.train;

import java.util.List;
import java.util.Optional;

/**
 * The outcome of a training run.
 *
 * @param epochs all that are complete
 * @param selectedEpoch the epoch whose weights the model has: with a patience the best on the data that judge the epochs, else
 *     the last; empty while none is complete. Without a patience a run that was stopped has the weights of {@code step}
 * @param test the model on the test data; null if there are none, while no epoch is complete, and if validation data
 *     judge the epochs and the run was stopped before its end
 * @param step steps done
 * @param stopped whether it was stopped before its end
 */
public record TrainingResult(
        List<EpochMetrics> epochs,
        Optional<EpochMetrics> selectedEpoch,
        EpochMetrics.Part test,
        long step,
        boolean stopped) {
    /** {@return the model's ELBO on the test data, in nats per example} NaN if there is no {@link #test}, and for a plain autoencoder. */
    public double testElbo() {
        return test == null ? Double.NaN : test.elbo();
    }
}
