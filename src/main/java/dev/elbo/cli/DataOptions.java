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

    /** Training and test data; without a test set the last tenth of a seeded permutation is held out. */
    Split load(long seed, PrintWriter err) {
        Split split = Datasets.standard().open(data, new DownloadLine(err));
        return split.test().isPresent()
                ? split
                : split.withTest(Noise.permutation(seed, 0, split.train().examples()));
    }

    /** What a model is judged by and used on: the test part. */
    Dataset loadTest(long seed, PrintWriter err) {
        return load(seed, err).test().orElseThrow();
    }
}
