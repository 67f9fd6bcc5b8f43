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
     * A step was handed to the backend, which may still be at work on it.
     *
     * <p>Called for every step, so it must be quick.
     *
     * @param step how many were, over the whole run
     * @param steps of the whole run, should it not stop early
     */
    default void onStep(long step, long steps) {}

    /**
     * Asked at the end of an epoch for the posterior gap, to be kept with the epoch's metrics.
     *
     * @param epoch from 1
     * @return the estimate; null where it is not measured
     */
    default LikelihoodEstimate measureGap(int epoch) {
        return null;
    }

    /**
     * An epoch is over, and measured on the test data.
     *
     * @param metrics of it, in nats per example
     */
    default void onEpoch(EpochMetrics metrics) {}

    /**
     * The run goes back, see {@link OnNan#ROLLBACK}.
     *
     * @param why what was not finite, where it goes on and how
     * @param epochs those that still count; the others will come again
     */
    default void onRollback(String why, List<EpochMetrics> epochs) {}

    /**
     * There is something that somebody should know: of the data before the first step, of the results after the last.
     *
     * @param line one line
     */
    default void onNote(String line) {}

    /**
     * Whether to stop now; asked between steps, so it must be quick. A run in a folder is saved then and can be gone on with.
     *
     * @return true to stop
     */
    default boolean shouldStop() {
        return false;
    }
}
