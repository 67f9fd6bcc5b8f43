package dev.elbo.cli;

import dev.elbo.data.Dataset;
import dev.elbo.data.Datasets;
import dev.elbo.data.Split;
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

    String name() {
        return data;
    }

    /**
     * Training and test data; without a test set the last tenth of one permutation is held out. It is the same whatever
     * --seed says, so that no later command judges a model by what it was trained on.
     */
    Split load(PrintWriter err) {
        Split split = Datasets.standard().open(data, new DownloadLine(err));
        return split.test().isPresent()
                ? split
                : split.withTest(Noise.permutation(0, 0, split.train().examples()));
    }

    /** What a model is judged by and used on: the test part. */
    Dataset loadTest(PrintWriter err) {
        return load(err).test().orElseThrow();
    }
}
