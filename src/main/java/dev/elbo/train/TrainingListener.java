package dev.elbo.train;

import dev.elbo.analysis.LikelihoodEstimate;
import java.util.List;

/** Hears of a run's progress, on the thread that trains. */
public interface TrainingListener {
    /** Steps done of all; called often, must be quick. */
    default void onStep(long step, long steps) {}

    /** The posterior gap after an epoch, to be kept with its metrics; null where it is not measured. */
    default LikelihoodEstimate measureGap(int epoch) {
        return null;
    }

    /** An epoch is over. */
    default void onEpoch(EpochMetrics metrics) {}

    /**
     * The run goes back, see {@link OnNan#ROLLBACK}.
     *
     * @param why what was not finite, where it goes on and how
     * @param epochs those that still count; the others will come again
     */
    default void onRollback(String why, List<EpochMetrics> epochs) {}

    /** Whether to stop now; asked between steps, must be quick. An interrupt of the thread stops a run too. */
    default boolean stop() {
        return false;
    }
}
