package dev.elbo.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Notes on a finished run's result. */
final class TrainingNotes {
    private TrainingNotes() {}

    /** Returns notes, a line each: the test data selected the epoch; the model is worse than a constant one. */
    static List<String> of(
            TrainingResult result, boolean validated, boolean patient, boolean stochastic, double constantElbo) {
        List<String> notes = new ArrayList<>();
        result.selectedEpoch().filter(epoch -> epoch.judged() != null).ifPresent(epoch -> {
            if (patient && !validated) {
                notes.add("the test data selected the epoch, so their result is slightly optimistic;"
                        + " with withValidationSet(0.1), other data select it");
            }
            double elbo = TrainingState.score(epoch);
            if (elbo < constantElbo) {
                notes.add(String.format(
                        Locale.ROOT,
                        "the model is worse than a constant model: its %s %s of %.4g is below %.4g, that of reconstructing"
                                + " every example as the mean of the training data; check the scale of the data, lower"
                                + " the learningRate, or train longer",
                        validated ? "validation" : "test",
                        stochastic ? "ELBO" : "log likelihood",
                        elbo,
                        constantElbo));
            }
        });
        return notes;
    }
}
