package dev.elbo.report;

import dev.elbo.analysis.LatentUnits;
import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.data.DataNotes;
import dev.elbo.data.Description;
import dev.elbo.io.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Warnings about a run: overfitting, collapsed units, unreliable estimates. */
final class Warnings {
    /** The share of the KL divergence above which a gap says that the encoder misses much of what it could tell. */
    private static final double LARGE_GAP = 0.2;
    /** The share of the ELBO that test data may lose to the training data, or to an earlier epoch, without a warning. */
    private static final double LARGE_LOSS = 0.05;

    /** The names of settings that {@link DataNotes} adds for programmers. */
    private static final Pattern SETTINGS = Pattern.compile(" \\((pixelMax|Standardization)[^)]*\\)");

    private Warnings() {}

    static List<String> of(RunRecord run, Optional<ReportContent> findings) {
        List<String> warnings = new ArrayList<>();
        if (findings.isEmpty()) {
            warnings.add(
                    "The folder has no model: the run is in progress or was interrupted. Pictures, latent units and the"
                            + " evaluation need a model.");
        }
        // problems of the data come first: a larger encoder solves none of them
        int others = warnings.size();
        findings.flatMap(ReportContent::data)
                .flatMap(data -> DataNotes.unscaled(Description.of(data)))
                .ifPresent(line ->
                        warnings.add("The data: " + SETTINGS.matcher(line).replaceAll("") + "."));
        run.kept().ifPresent(kept -> constant(run, kept, warnings));
        boolean learnt = warnings.size() == others;
        run.kept().ifPresent(kept -> training(run, kept, warnings));
        findings.flatMap(ReportContent::units).ifPresent(units -> collapse(units, warnings));
        findings.flatMap(ReportContent::estimate).ifPresent(estimate -> likelihood(estimate, learnt, warnings));
        return warnings;
    }

    private static void constant(RunRecord run, Epoch kept, List<String> warnings) {
        run.constantModelElbo()
                .filter(constant -> run.score(kept) < constant)
                .ifPresent(constant -> warnings.add(Text.format(
                        "The model is worse than a constant model: its ELBO of %.4g on held-out data is below %.4g,"
                                + " that of reconstructing every example as the mean of the training data. Check the scale"
                                + " of the data, lower the learning rate, or train longer.",
                        run.score(kept), constant)));
    }

    private static void training(RunRecord run, Epoch kept, List<String> warnings) {
        double test = kept.value(run.judging().orElse(""), "elbo");
        double train = kept.value("train", "elbo");
        if (train - test > LARGE_LOSS * Math.abs(test)) {
            warnings.add(Text.format(
                    "Overfitting: the ELBO is %.3f on held-out data, %.3f nats below that of training.",
                    test, train - test));
        }
        for (Epoch epoch : run.epochs()) {
            if (run.score(epoch) - run.score(kept) > LARGE_LOSS * Math.abs(run.score(kept))) {
                warnings.add(Text.format(
                        "Epoch %d was better than epoch %d, whose weights the model has; patience keeps the best epoch's weights.",
                        epoch.number(), kept.number()));
                return;
            }
        }
    }

    private static void collapse(LatentUnits units, List<String> warnings) {
        int inactive = units.count() - units.active();
        if (inactive > 0) {
            warnings.add(
                    "Posterior collapse: " + inactive + " of " + units.count() + " latent units hardly depend on x."
                            + (units.active() == 0
                                    ? " The model reconstructs every example alike."
                                    : " A smaller latent space would do as well; free bits and a warm-up of beta keep more units active."));
        }
    }

    private static void likelihood(LikelihoodEstimate estimate, boolean learnt, List<String> warnings) {
        if (learnt && estimate.gap() > LARGE_GAP * estimate.kl()) {
            warnings.add("The posterior gap of " + RunReport.nats(estimate.gap())
                    + " nats is more than a fifth of the KL divergence: the encoder is far from the"
                    + " model's true posterior. A larger encoder, or the DReG objective, may close it.");
        }
        if (estimate.unreliable() > 0) {
            warnings.add(Text.format(
                    "%,d of %,d examples have fewer than %d effective importance samples: −log p(x) is an upper bound"
                            + " there, and more importance samples tighten it.",
                    estimate.unreliable(), estimate.examples(), LikelihoodEstimate.RELIABLE));
        }
    }
}
