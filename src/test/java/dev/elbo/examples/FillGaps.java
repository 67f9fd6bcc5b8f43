package dev.elbo.examples;

import dev.elbo.Backends;
import dev.elbo.analysis.Imputation;
import dev.elbo.analysis.ImputedData;
import dev.elbo.analysis.MarginalLikelihood;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.data.Standardization;
import dev.elbo.data.TableText;
import dev.elbo.model.Likelihood;
import dev.elbo.model.Table;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Objectives;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingOptions;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/** A survey with gaps: its columns, a model of them, and what the missing answers may have been. */
public final class FillGaps {
    /** The columns of the survey, in the order of its rows. */
    public static final Table TABLE = Table.builder()
            .gaussian("age")
            .gaussian("income")
            .bernoulli("owner", "no", "yes")
            .categorical("district", "north", "centre", "south")
            .poisson("visits")
            .build();

    private FillGaps() {}

    /** @param arguments none */
    public static void main(String[] arguments) {
        fill(survey(2000), 60, System.out);
    }

    /** Answers of some people, (count, places of the table) row-major, NaN where there is none; a fifth are missing. */
    public static float[] survey(int count) {
        SplittableRandom random = new SplittableRandom(1);
        TableText text = new TableText(TABLE);
        float[] rows = new float[count * TABLE.features()];
        for (int i = 0; i < count; i++) {
            double wealth = random.nextDouble();
            String[] answers = {
                "" + (int) (20 + 50 * wealth + 10 * random.nextDouble()),
                "" + (int) (15000 + 60000 * wealth + 8000 * random.nextDouble()),
                wealth + 0.3 * random.nextDouble() > 0.65 ? "yes" : "no",
                wealth > 0.7 ? "north" : random.nextBoolean() ? "centre" : "south",
                "" + random.nextInt(1 + (int) (6 * wealth))
            };
            for (int column = 0; column < answers.length; column++) {
                answers[column] = random.nextInt(5) == 0 ? null : answers[column];
            }
            float[] row = text.encode(answers);
            System.arraycopy(row, 0, rows, i * row.length, row.length);
        }
        return rows;
    }

    /** Trains on what is there, tells the first gaps and how they are filled, and returns the complete survey. */
    public static Dataset fill(float[] rows, int epochs, PrintStream out) {
        Dataset survey = Dataset.of("survey", TABLE, rows);
        Dataset standardized = survey.standardized(Standardization.perFeature(survey));
        VaeSpec spec = VaeSpec.builder(TABLE.features())
                .hidden(32)
                .latent(2)
                .likelihood(Likelihood.columns(TABLE.modelled()))
                .build();
        TrainingOptions options = TrainingOptions.builder().epochs(epochs).build();
        try (Backend backend = Backends.open("auto");
                Trainer trainer = Trainer.builder(backend, spec, Split.of(standardized))
                        .objective(Objectives.iwae(20))
                        .options(options)
                        .build()) {
            trainer.run();
            // [shown
            // 1000 importance samples and 5 draws of each gap, with the seed 0
            try (Imputation imputation = new Imputation(trainer.vae(), standardized, 1000, 5, 0)) {
                ImputedData imputed = imputation.run(MarginalLikelihood.Progress.NONE);
                print(survey, imputed, out);
                return imputed.fill(survey);
            }
            // shown]
        }
    }

    private static void print(Dataset survey, ImputedData imputed, PrintStream out) {
        TableText text = new TableText(TABLE);
        for (int row = 0; row < 5; row++) {
            out.println(Arrays.toString(text.decode(survey.row(row))));
            out.println("  " + Arrays.toString(text.decode(imputed.fill(survey).row(row))));
            for (int draw = 0; draw < imputed.draws(); draw++) {
                out.println("    or "
                        + Arrays.toString(text.decode(imputed.fill(survey, draw).row(row))));
            }
            double deviation = imputed.uncertainty(row, 0);
            if (!Double.isNaN(deviation)) {
                out.printf(Locale.ROOT, "  age %.1f, standard deviation %.1f%n", imputed.value(row, 0), deviation);
            }
        }
    }
}
