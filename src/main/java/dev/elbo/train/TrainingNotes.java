package dev.elbo.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Notes on a finished run's result. */
final class TrainingNotes {
    private TrainingNotes() {}

    /** Notes, a line each: that the test data chose what they judge; that the model is worse than one that learnt nothing. */
    static List<String> of(
            TrainingResult result, boolean validated, boolean patient, boolean stochastic, double constantElbo) {
        List<String> notes = new ArrayList<>();
        result.selectedEpoch().filter(epoch -> epoch.judged() != null).ifPresent(epoch -> {
            if (patient && !validated) {
                notes.add("the test data selected the epoch, so their result is slightly optimistic;"
                        + " withValidationSet(0.1) selects it by other data");
            }
            double elbo = TrainingState.score(epoch);
            if (elbo < constantElbo) {
                notes.add(String.format(
                        Locale.ROOT,
                        "the %s %s of %.4g is below %.4g, that of a constant model, which makes the mean of the training data"
                                + " of every example: the model is worse than none; see to the scale of the data, lower"
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
