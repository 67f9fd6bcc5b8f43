package dev.elbo.cli;

import dev.elbo.analysis.LogJacobian;
import dev.elbo.data.Dataset;
import dev.elbo.data.Shards;
import dev.elbo.data.Standardization;
import dev.elbo.error.ElboException;
import dev.elbo.io.Text;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Network;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The unit that a model is trained in. */
final class StandardizeOptions {
    @Option(
            names = "--standardize",
            paramLabel = "HOW",
            description =
                    "Standardisation of the data: none; per-feature (each feature has mean 0 and deviation 1 over the"
                            + " training part); or shared (all values together have, as is usual for pictures). The model"
                            + " stores the map: later commands read and write original values, and evaluate and score report"
                            + " nats of original values. The training itself reports numbers of standardised values (default:"
                            + " none, for --likelihood columns per-feature, of the gaussian columns).")
    private String how;

    String name() {
        return how;
    }

    /** @throws ElboException usage, for an unknown word, or a likelihood that needs values as they are */
    void check(VaeSpec model) {
        boolean columns = Network.of(model).likelihood().columns().isPresent();
        if (how == null) {
            how = columns ? "per-feature" : "none";
        }
        if (columns && how.equals("shared")) {
            throw ElboException.usage("--standardize shared: the columns of a table have units of their own; use"
                    + " --standardize per-feature or none");
        }
        Check.oneOf("--standardize", how, List.of("none", "per-feature", "shared"));
        if (!how.equals("none") && Network.of(model).likelihood().binary()) {
            throw ElboException.usage("--standardize " + how
                    + ": the likelihood " + model.likelihood().kind()
                    + " needs values in [0, 1]; use a Gaussian likelihood, or --standardize none");
        }
    }

    /** @param shards of the run, over which the statistics are summed */
    Optional<Standardization> of(Dataset training, int shards) {
        if (training.table()
                .filter(table -> table.modelled().count(ColumnKind.GAUSSIAN) == 0)
                .isPresent()) {
            // words and counts have no unit
            return Optional.empty();
        }
        return switch (how) {
            case "per-feature" -> Optional.of(Standardization.perFeature(training, Shards.all(shards)));
            case "shared" -> Optional.of(Standardization.shared(training, Shards.all(shards)));
            default -> Optional.empty();
        };
    }

    /** {@return a note on the unit of a training's numbers, for training data that are standardised} */
    static String note(Dataset train) {
        LogJacobian nats = LogJacobian.of(train);
        return Text.format(
                "note: these are nats of standardised values; the ELBO of the values as given is lower by %.4f%s",
                nats.mean(train.size()), nats.varies() ? " on average over the training examples" : "");
    }
}
