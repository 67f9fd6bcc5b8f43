package dev.elbo.cli;

import dev.elbo.data.Dataset;
import dev.elbo.data.Standardization;
import dev.elbo.error.ElboException;
import dev.elbo.io.Text;
import dev.elbo.model.Likelihood;
import java.util.Optional;
import picocli.CommandLine.Option;

/** In which unit a model is trained. */
final class StandardizeOptions {
    @Option(
            names = "--standardize",
            paramLabel = "HOW",
            defaultValue = "none",
            description =
                    "none; per-feature: each feature has mean 0 and deviation 1 over the training part; shared: all values"
                            + " have, as is usual for pictures. The model keeps the numbers: later commands read and write"
                            + " values as they were given, and evaluate and score tell nats of these, while the numbers of"
                            + " the training itself are of standardised values (default: ${DEFAULT-VALUE}).")
    private String how;

    String name() {
        return how;
    }

    /** @throws ElboException usage, for a word that is none, or a likelihood that needs its own unit */
    void check(Likelihood likelihood) {
        if (!how.equals("none") && !how.equals("per-feature") && !how.equals("shared")) {
            throw ElboException.usage("--standardize '" + how + "' is none of none, per-feature, shared");
        }
        if (!how.equals("none") && likelihood == Likelihood.BERNOULLI) {
            throw ElboException.usage("--standardize " + how
                    + ": the Bernoulli likelihood needs values in [0, 1]; take a Gaussian likelihood, or none");
        }
    }

    /** The map that the training part asks for. */
    Optional<Standardization> of(Dataset training) {
        return switch (how) {
            case "per-feature" -> Optional.of(Standardization.perFeature(training));
            case "shared" -> Optional.of(Standardization.shared(training));
            default -> Optional.empty();
        };
    }

    /** Which unit the numbers of a training are in. */
    static String note(Standardization standardization) {
        return Text.format(
                "note: these are nats of standardised values; the ELBO of the values as given is lower by %.4f",
                standardization.logDeviation());
    }
}
