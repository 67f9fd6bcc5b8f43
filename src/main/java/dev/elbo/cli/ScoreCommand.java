package dev.elbo.cli;

import dev.elbo.analysis.AnomalyScore;
import dev.elbo.analysis.Calibration;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.LogJacobian;
import dev.elbo.analysis.Scores;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.net.ModelFile;
import dev.elbo.net.Vae;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "score",
        description = "Writes an anomaly score for each example, in nats: how badly the model explains it; higher is"
                + " stranger.",
        footer = {
            "",
            "A score is a function of the example: identical in every row and file, up to some units in the"
                    + " seventh digit of its largest term, since the rounding of products depends on the row.",
            "A score is not a probability of being anomalous. Neither is the fraction of --reference; but if"
                    + " an example is exchangeable with the references, its fraction is at most t with a probability of"
                    + " at most t: an alarm at t is false for at most that share of ordinary examples."
        })
final class ScoreCommand extends Action {
    @Mixin
    private ModelOptions model;

    @Mixin
    private DataOptions data;

    @Mixin
    private ClassOptions classes;

    @Mixin
    private PartOptions part;

    @Option(
            names = "--kind",
            paramLabel = "K",
            defaultValue = "elbo",
            converter = KindConverter.class,
            description = "Score: elbo, the negative ELBO −(1/L) Σ log p(x|z) + KL; reconstruction, the negative"
                    + " reconstruction probability −(1/L) Σ log p(x|z); or likelihood, −log p(x), importance-sampled"
                    + " (default: ${DEFAULT-VALUE}).")
    private AnomalyScore kind;

    @Option(
            names = "--samples",
            paramLabel = "L",
            description = "Latent samples per example from the posterior, with the same noise for each (default:"
                    + " ${DEFAULT-VALUE}).")
    private int samples = 16;

    @Option(
            names = "--reference",
            paramLabel = "D2",
            description =
                    "Data of ordinary examples, read as --data is: their test set, or the tenth that training held"
                            + " out. Adds the fraction (1 + references at least as high) / (references + 1) to each score.")
    private String reference;

    @Option(names = "--seed", paramLabel = "S", description = "Random seed for the sampling noise (default: 0).")
    private long seed;

    @Mixin
    private OutputOptions output;

    @Mixin
    private BackendOptions backendOptions;

    @Override
    public Integer call() {
        Check.atLeast("--samples", samples, 1);
        output.check(false);
        return model.compute(backendOptions, data, classes, (loaded, inputs) -> {
            if (!loaded.vae().network().stochastic() && kind != AnomalyScore.RECONSTRUCTION) {
                throw ElboException.usage("--kind " + kind
                        + ": the model is a plain autoencoder, which has no posterior; take --kind reconstruction");
            }
            Dataset examples = part.load(data, inputs, err());
            Calibration calibration = null;
            if (reference != null) {
                Dataset ordinary = data.loadOther(inputs, reference, err());
                // the noise is the same, so both scores are one function of the example
                calibration = new Calibration(score(loaded, ordinary));
                err().println("compared with " + ordinary.size() + " examples of " + ordinary.name());
            }
            double[] scores = score(loaded, examples);
            boolean calibrated = calibration != null;
            double[] values = calibrated ? rows(scores, calibration.quantiles(scores)) : scores;
            List<String> columns =
                    calibrated ? List.of(kind.column(), "reference_fraction_at_least_as_high") : List.of(kind.column());
            output.write(new RowsOutput(columns, scores.length, false, true, into -> into.accept(values)));
            err().println(scores.length + " scores of " + examples.name() + output.where());
            return 0;
        });
    }

    /** The converter of a label in upper case or lower case. */
    static final class KindConverter implements ITypeConverter<AnomalyScore> {
        @Override
        public AnomalyScore convert(String value) {
            List<String> labels = new ArrayList<>();
            for (AnomalyScore score : AnomalyScore.values()) {
                if (score.label().equalsIgnoreCase(value)) {
                    return score;
                }
                labels.add(score.label().toUpperCase(Locale.ROOT));
            }
            throw new TypeConversionException(
                    "expected one of " + labels + " (case-insensitive) but was '" + value + "'");
        }
    }

    private static double[] rows(double[] scores, double[] fractions) {
        return IntStream.range(0, 2 * scores.length)
                .mapToDouble(i -> i % 2 == 0 ? scores[i / 2] : fractions[i / 2])
                .toArray();
    }

    private double[] score(ModelFile.Loaded loaded, Dataset examples) {
        Vae vae = loaded.vae();
        if (vae.network().likelihood().binary()) {
            examples.requireUnitInterval();
        }
        try (DataSource source = classes.on(data, loaded, examples)) {
            double[] scores = new Scores(vae, kind, samples, seed).compute(source, examples.name());
            return LogJacobian.of(examples).undo(scores);
        }
    }
}
