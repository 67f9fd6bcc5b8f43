package dev.elbo.cli;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.data.Dataset;
import dev.elbo.data.Datasets;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.noise.Noise;
import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** Which data a command reads. */
final class DataOptions {
    @Option(
            names = "--data",
            paramLabel = "D",
            defaultValue = "digits",
            description = "A name (see 'elbo data list'), an IDX file, plain or .gz, or a folder with the four files of"
                    + " MNIST (default: ${DEFAULT-VALUE}).")
    private String data;

    @Option(
            names = "--data-on-device",
            paramLabel = "WHEN",
            defaultValue = "auto",
            description =
                    "yes keeps the data in the backend's memory, no streams them to it in chunks, auto streams what"
                            + " takes more than half of it (default: ${DEFAULT-VALUE}). Results do not depend on it.")
    private String onDevice;

    /** @throws ElboException usage, for a word that is none */
    DataPlacement placement() {
        return switch (onDevice) {
            case "auto" -> DataPlacement.AUTO;
            case "yes" -> DataPlacement.RESIDENT;
            case "no" -> DataPlacement.STREAMED;
            default -> throw ElboException.usage("--data-on-device '" + onDevice + "' is none of auto, yes, no");
        };
    }

    String name() {
        return data;
    }

    /**
     * Training and test data; without a test set the last tenth of one permutation is held out. It is the same whatever
     * --seed says, so that no later command judges a model by what it was trained on.
     */
    Split load(PrintWriter err) {
        return load(data, err);
    }

    /** The same of other data. */
    static Split load(String data, PrintWriter err) {
        Split split = Datasets.standard().open(data, new DownloadLine(err));
        return split.test().isPresent()
                ? split
                : split.withTest(Noise.permutation(0, 0, split.train().examples()));
    }

    /** The test set, or all examples in their order where there is none. */
    Dataset loadAll(PrintWriter err) {
        Split split = Datasets.standard().open(data, new DownloadLine(err));
        return split.test().orElse(split.train());
    }

    /** What a model is judged by and used on: the test part. */
    Dataset loadTest(PrintWriter err) {
        return load(err).test().orElseThrow();
    }

    /** @throws ElboException usage, naming the option, for numbers of examples that are not there */
    static void requireExamples(String option, int[] numbers, Dataset data) {
        for (int number : numbers) {
            if (number < 0 || number >= data.examples()) {
                throw ElboException.usage(
                        option + " " + number + ": " + data.name() + " has examples 0 to " + (data.examples() - 1));
            }
        }
    }
}
