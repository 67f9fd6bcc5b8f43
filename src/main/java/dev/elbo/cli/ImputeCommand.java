package dev.elbo.cli;

import dev.elbo.analysis.Imputation;
import dev.elbo.analysis.ImputedData;
import dev.elbo.analysis.InputSchema;
import dev.elbo.data.Dataset;
import dev.elbo.data.TableCopy;
import dev.elbo.error.ElboException;
import dev.elbo.net.ModelFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "impute",
        description =
                "Fills the gaps of a table: writes a copy of the file with all of its rows, in their order, in which"
                        + " everything that was there is as it was.",
        footer = {
            "",
            "A gap is filled with the mean of a gaussian column, the most probable word of a bernoulli or categorical one,"
                    + " and the median of counts, given what is observed in its row (importance sampling, Mattei and"
                    + " Frellsen 2019). Values are presumed to be missing at random: whether one is missing depends on what"
                    + " is observed alone.",
            "Columns that the model does not have stay as they are, with their gaps. A gap of a column that had one value"
                    + " only in training gets that value. With --unknown missing, words that the model does not have are"
                    + " replaced, too.",
            "Ctrl-C stops early and writes the rows before the first one that still has gaps."
        })
final class ImputeCommand extends Action {
    @Mixin
    private ModelOptions model;

    @Mixin
    private DataOptions data;

    @Mixin
    private ClassOptions classes;

    @Option(
            names = "--out",
            paramLabel = "F",
            required = true,
            description =
                    "File to write, in the format of the data: text (CSV) with the same delimiter, decimal sign and encoding,"
                            + " packed with gzip if the name ends in .gz; or an array (.npy) of the same type.")
    private String out;

    @Option(
            names = "--samples",
            paramLabel = "K",
            description = "Importance samples of each row that has gaps (default: ${DEFAULT-VALUE}).")
    private int samples = 1000;

    @Option(
            names = "--draws",
            paramLabel = "M",
            description =
                    "Multiple imputation: write M files instead of one, with -1 to -M before the ending of their names. Each"
                            + " holds a draw of what is missing, given what is observed (sampling importance resampling), so that"
                            + " what differs between them is what is not known.")
    private Integer draws;

    @Option(
            names = "--uncertainty",
            description =
                    "Also write how sure each filled value is: the standard deviation of a number, in a column NAME (sd), the"
                            + " probability of a word, in a column NAME (p). These follow the other columns, one for each that has"
                            + " gaps, and are empty where a value was there. Those of an array are in another one, with"
                            + " -uncertainty before the ending of its name and NaN where a value was there.")
    private boolean uncertainty;

    @Option(names = "--seed", paramLabel = "S", description = "Random seed for the sampling noise (default: 0).")
    private long seed;

    @Mixin
    private BackendOptions backendOptions;

    @Option(names = "--json", description = "Print one JSON object with what was filled.")
    private boolean json;

    @Override
    public Integer call() {
        check();
        return model.compute(backendOptions, data, classes, (loaded, inputs) -> {
            if (inputs.table().isEmpty()) {
                throw ElboException.usage(
                        "impute fills the gaps of tables, and the model is not one of a table; train one with --likelihood columns");
            }
            DataOptions.Whole file = data.loadWhole(inputs, err());
            FilledFiles files =
                    new FilledFiles(out, draws == null ? 0 : draws, TableCopy.of(file.path(), file.options()));
            files.requireRoom(file.path());
            Dataset rows = inputs.standardize(file.rows());
            inputs.range().flatMap(range -> range.outside(rows)).ifPresent(line -> err().println("note: " + line));
            return impute(loaded, inputs, classes.told(loaded.vae().spec(), rows), files);
        });
    }

    private void check() {
        Check.atLeast("--samples", samples, 1);
        Check.atLeast("--draws", draws, 1);
        if (samples > Imputation.MAX_SAMPLES) {
            throw ElboException.usage("--samples must be at most " + Imputation.MAX_SAMPLES + ", not " + samples);
        }
    }

    private int impute(ModelFile.Loaded loaded, InputSchema inputs, Dataset rows, FilledFiles files) {
        ImputedData imputed;
        double seconds;
        try (StopSignal stop = new StopSignal(err())) {
            try (Imputation imputation = new Imputation(loaded.vae(), rows, samples, files.draws(), seed);
                    SamplingProgress progress =
                            new SamplingProgress(imputation.incomplete(), samples, err(), stop::given)) {
                imputed = imputation.run(progress);
                seconds = progress.seconds();
            }
            if (imputed.completeRows() == 0) {
                err().println("stopped before a row was complete; nothing is written");
            } else {
                int[] filled = files.write(imputed, inputs, uncertainty);
                new ImputeReport(out(), inputs.table().orElseThrow(), imputed, files.names())
                        .print(rows, filled, seed, seconds, json);
            }
            out().flush();
            return imputed.partial() ? StopSignal.EXIT_CODE : 0;
        }
    }
}
