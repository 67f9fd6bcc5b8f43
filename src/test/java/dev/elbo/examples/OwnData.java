package dev.elbo.examples;

import dev.elbo.Backends;
import dev.elbo.analysis.AnomalyScore;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.data.Standardization;
import dev.elbo.model.VaeSpec;
import dev.elbo.serve.VaeService;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingOptions;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Measurements of a program's own, in units of their own: a model of what is usual, and what it says of two new ones. */
public final class OwnData {
    private OwnData() {}

    /** @param arguments where the model goes */
    public static void main(String[] arguments) {
        Path model = Path.of(arguments[0]);
        train(measurements(2000), model, 60);
        judge(model, System.out);
    }

    /** Engines, (count, 3) row-major: the faster, the hotter and the higher the pressure. */
    public static float[] measurements(int count) {
        SplittableRandom random = new SplittableRandom(1);
        float[] rows = new float[count * 3];
        for (int i = 0; i < count; i++) {
            double speed = 1000 + 4000 * random.nextDouble();
            rows[3 * i] = (float) speed;
            rows[3 * i + 1] = (float) (60 + 0.008 * speed + 2 * random.nextDouble());
            rows[3 * i + 2] = (float) (1.2e5 + 20 * speed + 2000 * random.nextDouble());
        }
        return rows;
    }

    /** Trains on standardised values; the model remembers the names and the unit. */
    public static void train(float[] rows, Path model, int epochs) {
        Dataset engines = Dataset.of("engines", rows, 3).withColumns("speed", "temperature", "pressure");
        Split split = Split.of(engines);
        Split standardized = split.standardized(Standardization.perFeature(split.train()));
        VaeSpec spec = VaeSpec.builder(3).hidden(32).latent(2).build();
        TrainingOptions options = TrainingOptions.builder().epochs(epochs).build();
        try (Backend backend = Backends.open("auto");
                Trainer trainer = Trainer.builder(backend, spec, standardized)
                        .options(options)
                        .build()) {
            trainer.run();
            trainer.save(model);
        }
    }

    /** Scores and reconstructs a usual engine and a cold one; values go in and come out as they were measured. */
    public static double[] judge(Path model, PrintStream out) {
        float[][] engines = {{3000, 85, 1.81e5f}, {3000, 62, 1.81e5f}};
        try (VaeService service = VaeService.builder(model).replicas(1).build()) {
            double[] scores = service.anomalyScores(engines, AnomalyScore.NEGATIVE_ELBO);
            float[][] usual = service.reconstruct(engines);
            List<String> names = service.inputs().columns();
            for (int i = 0; i < engines.length; i++) {
                out.printf(Locale.ROOT, "negative ELBO %.2f nats;", scores[i]);
                for (int j = 0; j < names.size(); j++) {
                    out.printf(Locale.ROOT, " %s %.0f, expected %.0f;", names.get(j), engines[i][j], usual[i][j]);
                }
                out.println();
            }
            return scores;
        }
    }
}
