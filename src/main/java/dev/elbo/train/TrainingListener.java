package dev.elbo.train;

/** Hears of a run's progress, on the thread that trains. */
public interface TrainingListener {
    /** Steps done of all; called often, must be quick. */
    default void onStep(long step, long steps) {}

    /** An epoch is over. */
    default void onEpoch(EpochMetrics metrics) {}
}
