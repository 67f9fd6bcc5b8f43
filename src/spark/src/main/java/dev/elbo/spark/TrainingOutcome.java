package dev.elbo.spark;

import dev.elbo.error.ElboException;
import java.io.Serializable;
import java.util.List;

/** What a worker returns to the driver. */
sealed interface TrainingOutcome extends Serializable {
    /**
     * The model, from the first worker.
     *
     * @param file bytes of the model's file
     * @param epochs all of the run
     * @param exchanged bytes that the first worker has sent and received
     * @param exchangeSeconds that it has spent on that, waiting included
     * @param trainingSeconds of this attempt, those included
     */
    record Trained(byte[] file, List<EpochText> epochs, long exchanged, double exchangeSeconds, double trainingSeconds)
            implements TrainingOutcome {}

    /** An error that another attempt would end with too: one of the caller's, of the data or of the numbers. */
    record Failed(ElboException.Kind kind, String message) implements TrainingOutcome {
        static boolean isFinal(ElboException failure) {
            return switch (failure.kind()) {
                case USAGE, DATA, NUMERIC -> true;
                default -> false;
            };
        }

        static Failed of(ElboException failure) {
            return new Failed(failure.kind(), failure.getMessage());
        }

        ElboException exception() {
            return switch (kind) {
                case USAGE -> ElboException.usage(message);
                case NUMERIC -> ElboException.numeric(message);
                default -> ElboException.data(message);
            };
        }
    }
}
