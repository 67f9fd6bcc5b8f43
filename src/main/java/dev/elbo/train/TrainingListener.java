package dev.elbo.train;

import dev.elbo.analysis.LikelihoodEstimate;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/**
 * Receives progress events on the training thread, and can stop the run. Every method has an empty default. An exception from a
 * method ends the run as it is, with nothing saved that was not saved before; a {@link CancellationException} ends it as an
 * interrupt does. While a method runs the model may be read, see {@link Trainer#vae()}, but not changed.
 */
public interface TrainingListener {
    /** Ignores all events. */
    TrainingListener NONE = new TrainingListener() {};

    /**
     * {@return a listener to the end of each epoch alone}
     *
     * @param action as {@link #onEpoch}
     */
    static TrainingListener onEachEpoch(Consumer<EpochMetrics> action) {
        Objects.requireNonNull(action, "action");
        return new TrainingListener() {
            @Override
            public void onEpoch(EpochMetrics metrics) {
                action.accept(metrics);
            }
        };
    }

    /**
     * Called when a step was queued on the backend, which may still be computing it.
     *
     * <p>Called for every step, so it must be quick.
     *
     * @param step steps queued so far, over the whole run
     * @param steps of the whole run, should it not stop early
     */
    default void onStep(long step, long steps) {}

    /**
     * Called at the end of an epoch to measure the posterior gap, which is stored with the epoch's metrics.
     *
     * @param epoch from 1
     * @return the estimate; null if it is not measured
     */
    default LikelihoodEstimate measureGap(int epoch) {
        return null;
    }

    /**
     * Called when an epoch is complete and evaluated.
     *
     * @param metrics of it, in nats per example
     */
    default void onEpoch(EpochMetrics metrics) {}

    /**
     * Called when the run returns to a checkpoint, see {@link OnNan#ROLLBACK}.
     *
     * @param why names the value that was not finite, and the step and learning rate that the run continues with
     * @param epochs those that still count; the others will come again
     */
    default void onRollback(String why, List<EpochMetrics> epochs) {}

    /**
     * Called with a remark on the data before the first step, or on the results after the last.
     *
     * @param line one line
     */
    default void onNote(String line) {}

    /**
     * Returns whether to stop now. Called between steps, so it must be quick. A run in a folder is saved then and can
     * be resumed.
     *
     * @return true to stop
     */
    default boolean shouldStop() {
        return false;
    }
}
