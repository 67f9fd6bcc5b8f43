package dev.elbo.cli;

import dev.elbo.analysis.InputSchema;
import dev.elbo.data.Dataset;
import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** The part of the data that a command works on. */
final class PartOptions {
    @Option(
            names = "--all",
            description = "Use all examples of data without a test set, in their order, not the held-out tenth.")
    private boolean all;

    /**
     * Reads the test part or all, in the model's unit; notes values that seem to be in another than the training data.
     */
    Dataset load(DataOptions data, InputSchema inputs, PrintWriter err) {
        Dataset part = all ? data.loadAll(inputs, err) : data.loadTest(inputs, err);
        inputs.range().flatMap(range -> range.outside(part)).ifPresent(line -> err.println("note: " + line));
        return part;
    }
}
