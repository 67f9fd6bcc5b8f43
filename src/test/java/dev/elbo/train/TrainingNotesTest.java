package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.data.Standardization;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a training says of its data, and of a model that is worse than a constant one. */
class TrainingNotesTest {
    private record Told(List<String> notes, TrainingResult result, double constant) {}

    private static double[][] table(long seed, int examples, double mean, double deviation) {
        Random random = new Random(seed);
        double[][] rows = new double[examples][3];
        for (double[] row : rows) {
            double z = random.nextGaussian();
            Arrays.setAll(row, i -> mean + deviation * (z + 0.3 * random.nextGaussian()));
        }
        return rows;
    }

    private static Told train(Split data, Component likelihood, boolean perDimension, int epochs) {
        VaeSpec spec = VaeSpec.mlp(
                data.train().features(),
                List.of(16),
                1,
                Activation.RELU,
                perDimension ? Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION : likelihood,
                true);
        TrainingOptions options = TrainingOptions.builder()
                .epochs(epochs)
                .batchSize(32)
                .patience(0)
                .build();
        List<String> notes = new ArrayList<>();
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer =
                        Trainer.builder(backend, spec, data).options(options).build()) {
            TrainingResult result = trainer.run(new TrainingListener() {
                private boolean begun;

                @Override
                public void onStep(long step, long steps) {
                    begun = true;
                }

                @Override
                public void onNote(String line) {
                    notes.add((begun ? "end: " : "start: ") + line);
                }
            });
            return new Told(notes, result, trainer.constantElbo());
        }
    }

    @Test
    void scaledDataAreTrainedOnInSilence() {
        Split data = Split.of(Dataset.of("t", table(1, 200, 0, 1)));
        Told told = train(data, Likelihood.GAUSSIAN_OPTIMAL, false, 20);
        assertEquals(List.of(), told.notes());
        assertTrue(told.result().testElbo() > told.constant());
        Split large = Split.of(Dataset.of("t", table(1, 200, 1e9, 10)));
        Split standardized = large.standardized(Standardization.perFeature(large.train()));
        assertEquals(
                List.of(),
                train(standardized, Likelihood.GAUSSIAN_OPTIMAL, false, 20).notes());
    }

    @Test
    void unscaledDataAndWhatComesOfThemAreNamed() {
        Split data = Split.of(Dataset.of("t", table(2, 200, 100, 80)));
        Told told = train(data, Likelihood.GAUSSIAN, false, 1);
        assertTrue(
                told.notes().get(0).startsWith("start: t: looks unscaled"),
                told.notes().toString());
        assertTrue(told.result().testElbo() < told.constant());
        assertTrue(
                told.notes().get(1).startsWith("end: the model is worse than a constant model: its test ELBO"),
                told.notes().toString());
        assertTrue(told.notes().get(1).contains("constant model"), told.notes().toString());
    }

    /**
     * Tables with columns that never change, and hardly ever: where each column has a variance of its own, these may not take the
     * whole training. The ELBO with a constant column, which any variance below 1/2πe adds to, is not below that without.
     */
    @Test
    void columnsThatHardlyChangeDoNotSpoilTheOthers() {
        for (long seed = 0; seed < 3; seed++) {
            Random random = new Random(seed);
            double[][] rows = table(seed, 400, 0, 0.5);
            double[][] more = Arrays.stream(rows)
                    .map(row -> new double[] {row[0], 0.25, row[1], random.nextInt(200) == 0 ? 1 : 0, row[2]})
                    .toArray(double[][]::new);
            double without = train(Split.of(Dataset.of("t", rows)), Likelihood.GAUSSIAN_LEARNED, true, 20)
                    .result()
                    .testElbo();
            Told with = train(Split.of(Dataset.of("t", more)), Likelihood.GAUSSIAN_LEARNED, true, 20);
            assertTrue(with.result().testElbo() > without, with.result().testElbo() + ", without " + without);
            assertTrue(
                    with.notes().get(0).contains("constant: column 1 (from 0)"),
                    with.notes().toString());
        }
    }
}
