package dev.elbo.examples;

import dev.elbo.Backends;
import dev.elbo.analysis.AnomalyScore;
import dev.elbo.backend.Backend;
import dev.elbo.data.ReadOptions;
import dev.elbo.data.Split;
import dev.elbo.data.Standardization;
import dev.elbo.data.TableOptions;
import dev.elbo.data.TableText;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Likelihood;
import dev.elbo.model.Table;
import dev.elbo.model.VaeSpec;
import dev.elbo.serve.VaeService;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingOptions;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Reads a table of words, counts and numbers with gaps, trains a model of it, and asks that for rows of words. */
public final class ServeTable {
    private ServeTable() {}

    /** @param arguments a CSV file with a column called visits, the model file to write, and the texts of a row */
    public static void main(String[] arguments) {
        String[] row = Arrays.copyOfRange(arguments, 2, arguments.length);
        run(Path.of(arguments[0]), Path.of(arguments[1]), 100, List.<String[]>of(row), System.out);
    }

    /** Returns the score of each row. */
    public static double[] run(Path csv, Path model, int epochs, List<String[]> rows, PrintStream out) {
        // [shown
        TableOptions columns =
                TableOptions.DEFAULT.withKind("visits", ColumnKind.POISSON); // the others have kinds by the rule
        Split split = Split.read(csv, ReadOptions.DEFAULT.withTable(columns));
        Table table = split.train().table().orElseThrow(); // the words and kinds of all rows
        VaeSpec spec = VaeSpec.builder(table.features())
                .likelihood(Likelihood.columns(table.modelled()))
                .latent(5)
                .build();
        TrainingOptions options = TrainingOptions.builder().epochs(epochs).build();
        try (Backend backend = Backends.open("auto");
                Trainer trainer = Trainer.builder(
                                backend, spec, split.standardized(Standardization.perFeature(split.train())))
                        .options(options)
                        .build()) {
            trainer.run();
            trainer.save(model); // with names, kinds, words and units
        }
        double[] scores = new double[rows.size()];
        try (VaeService service = VaeService.builder(model).build()) {
            TableText text = new TableText(service.inputs().table().orElseThrow());
            for (int i = 0; i < scores.length; i++) {
                float[] row = text.encode(rows.get(i)); // a text for each column; null, empty or NA is a missing value
                scores[i] = service.anomalyScores(row, AnomalyScore.NEGATIVE_ELBO)[0];
                String usual = Arrays.toString(text.decode(service.reconstruct(row)));
                out.printf(Locale.ROOT, "%.1f nats; %s, usual: %s%n", scores[i], Arrays.toString(rows.get(i)), usual);
            }
        }
        return scores;
        // shown]
    }
}
