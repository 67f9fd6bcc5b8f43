package dev.elbo.cli;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.InputSchema;
import dev.elbo.data.Dataset;
import dev.elbo.data.Datasets;
import dev.elbo.data.ReadOptions;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.net.ModelFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The data that a command reads. */
final class DataOptions {
    @Option(
            names = "--data",
            paramLabel = "D",
            defaultValue = "digits",
            description =
                    "Data to read: a name (see 'elbo data list'), a file (IDX, NPY or CSV, also gzipped, or NPZ), or"
                            + " a folder with the four files of MNIST or with pictures: its subfolders are classes, or train"
                            + " and test with classes as subfolders. Repeat the option to read the examples of several sources,"
                            + " one after the other (default: ${DEFAULT-VALUE}).")
    private List<String> data;

    @Mixin
    private ReadingOptions reading = new ReadingOptions();

    @Option(
            names = "--data-on-device",
            paramLabel = "WHEN",
            description =
                    "Placement of the data: yes keeps them in the backend's memory, no streams them to it in chunks,"
                            + " auto streams data that take more than half of that memory (default: ${DEFAULT-VALUE}). Results"
                            + " do not depend on it.")
    private String onDevice = "auto";

    DataPlacement placement() {
        return placement(onDevice);
    }

    /** Puts examples where a model computes. */
    DataSource on(ModelFile.Loaded model, Dataset examples) {
        return DataSource.of(
                model.vae().backend(), examples, placement(), model.vae().spec().classes());
    }

    static DataPlacement placement(String onDevice) {
        return switch (onDevice) {
            case "auto" -> DataPlacement.AUTO;
            case "yes" -> DataPlacement.RESIDENT;
            case "no" -> DataPlacement.STREAMED;
            default -> throw Check.none("--data-on-device", onDevice, "auto, yes, no");
        };
    }

    ColumnOptions columns() {
        return reading.columns();
    }

    /** {@return the names or paths, joined by " + "} */
    String name() {
        return String.join(" + ", data);
    }

    Split parts(PrintWriter err) {
        return open(data, reading.options(), err);
    }

    /** Reads a further file in the same way: its test part, or all examples if it has none. */
    Dataset beside(Dataset train, String file, PrintWriter err) {
        ReadOptions options = reading.forOther(file).withColumnsOf(train);
        Split split = open(List.of(file), options, err);
        return split.test().orElse(split.train());
    }

    /** Reads as {@link #beside(Dataset, String, PrintWriter)}, in the model's unit. */
    Dataset beside(InputSchema inputs, String file, PrintWriter err) {
        Split split = open(List.of(file), inputs.readOptions(reading.forOther(file)), err);
        return inputs.standardize(split.test().orElse(split.train()));
    }

    /**
     * Reads training and test data in the model's unit. Without a test set, the last tenth of one permutation is held
     * out: the same for any --seed, so that no command evaluates a model on its training data.
     */
    Split load(InputSchema inputs, PrintWriter err) {
        return fit(
                inputs, open(data, inputs.readOptions(reading.options()), err).withTestSet());
    }

    /** Reads the test part of other data, without labels, in the same way and split alike. */
    Dataset loadOther(InputSchema inputs, String other, PrintWriter err) {
        Split split = open(List.of(other), inputs.readOptions(reading.forOther(other)), err)
                .withTestSet();
        return fit(inputs, split).test().orElseThrow();
    }

    /** Reads the test set, or all examples in their order if there is none. */
    Dataset loadAll(InputSchema inputs, PrintWriter err) {
        Split split = open(data, inputs.readOptions(reading.options()), err);
        return inputs.standardize(split.test().orElse(split.train()));
    }

    /**
     * A file whose copy is written.
     *
     * @param path of the file
     * @param options that it was read with
     * @param rows all of its rows, in their order and their own unit
     */
    record Whole(Path path, ReadOptions options, Dataset rows) {}

    /** Reads all rows of one file. */
    Whole loadWhole(InputSchema inputs, PrintWriter err) {
        if (data.size() > 1) {
            throw ElboException.usage("--data " + name() + ": give one file, of which a filled copy is written");
        }
        ReadOptions options = inputs.readOptions(reading.options());
        Split split = open(data, options, err);
        if (split.test().isPresent() || split.validation().isPresent()) {
            throw ElboException.usage("--data " + name() + ": holds several arrays of rows; choose one with --array");
        }
        return new Whole(Path.of(data.get(0)), options, split.train());
    }

    private static Split fit(InputSchema inputs, Split split) {
        return Split.of(
                inputs.standardize(split.train()),
                inputs.standardize(split.test().orElseThrow()));
    }

    private static Split open(List<String> data, ReadOptions reading, PrintWriter err) {
        return Datasets.standard().open(data, reading, new DownloadLine(err));
    }

    Dataset loadTest(InputSchema inputs, PrintWriter err) {
        return load(inputs, err).test().orElseThrow();
    }

    /** @throws ElboException usage, naming the option, for numbers of missing examples */
    static void requireExamples(String option, int[] numbers, Dataset data) {
        for (int number : numbers) {
            if (number < 0 || number >= data.size()) {
                throw ElboException.usage(
                        option + " " + number + ": " + data.name() + " has examples 0 to " + (data.size() - 1));
            }
        }
    }
}
