package dev.elbo.train;

import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.Backend;
import dev.elbo.backend.KlMode;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.TinyModel;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainerTest {
    private static final int INPUTS = 12;
    private static final Objective ELBO = Objectives.vae();

    /** Grey rows with two directions of variation. */
    static Dataset data(int examples, int seed) {
        float[] noise = new float[examples * (INPUTS + 2)];
        Noise.normals(seed, 0, NoiseStream.SAMPLE, 0, 0, noise.length, noise, 0);
        float[] values = new float[examples * INPUTS];
        for (int i = 0; i < examples; i++) {
            float a = noise[examples * INPUTS + 2 * i];
            float b = noise[examples * INPUTS + 2 * i + 1];
            for (int d = 0; d < INPUTS; d++) {
                double value = 0.5 + 0.2 * a * Math.sin(d) + 0.2 * b * Math.cos(2 * d) + 0.02 * noise[i * INPUTS + d];
                values[i * INPUTS + d] = (float) Math.min(1, Math.max(0, value));
            }
        }
        return Dataset.of("rows", values, INPUTS);
    }

    static VaeSpec spec(Component likelihood, boolean stochastic) {
        return VaeSpec.mlp(INPUTS, List.of(16), 3, Activation.TANH, likelihood, stochastic);
    }

    private static TrainingOptions options(int epochs, int batch, double rate, int patience, long seed) {
        return TrainingOptions.builder()
                .epochs(epochs)
                .batchSize(batch)
                .learningRate(rate)
                .seed(seed)
                .patience(patience)
                .build();
    }

    private static TrainingOptions options(int epochs, int batch, double rate) {
        return options(epochs, batch, rate, 0, 7);
    }

    private static List<EpochMetrics> train(
            Backend backend, VaeSpec spec, Objective objective, TrainingOptions options) {
        try (Trainer trainer = Trainer.builder(backend, spec, Split.of(data(105, 1), data(33, 2)))
                .objective(objective)
                .options(options)
                .build()) {
            return trainer.run(TrainingListener.NONE).epochs();
        } finally {
            assertEquals(List.of(), List.copyOf(backend.openBuffers()), "nothing is left behind");
        }
    }

    @Test
    void anUnsetPatienceIsTheObjectives() {
        Split data = Split.of(data(105, 1));
        try (Backend backend = Backends.reference()) {
            for (Objective objective : List.of(ELBO, Objectives.freeBits(1), Objectives.iwae(2), Objectives.dreg(2))) {
                assertEquals(TrainingOptions.DEFAULT_PATIENCE, patience(backend, data, objective));
            }
            for (Objective objective : List.of(
                    Objectives.constrainedKl(3),
                    Objectives.constrainedReconstruction(3),
                    Objectives.capacity(5, 10, 4))) {
                assertEquals(0, patience(backend, data, objective), "its ELBO may fall");
            }
        }
    }

    private static int patience(Backend backend, Split data, Objective objective) {
        try (Trainer trainer = Trainer.builder(backend, spec(Likelihood.GAUSSIAN, true), data)
                .objective(objective)
                .options(TrainingOptions.builder().epochs(3).build())
                .build()) {
            int patience = trainer.options().patience().orElseThrow();
            assertEquals(
                    patience,
                    trainer.identity()
                            .getAsJsonObject("training")
                            .get("patience")
                            .getAsInt(),
                    "files say it");
            return patience;
        }
    }

    @Test
    void cpuFollowsTheReferenceEpochByEpoch() {
        for (Objective objective : List.of(ELBO, new Elbo(3, KlMode.SAMPLED), Objectives.iwae(4))) {
            for (Component likelihood : TinyModel.likelihoods()) {
                String what = objective.label() + " " + likelihood;
                try (Backend cpu = Backends.builder("cpu").threads(2).open();
                        Backend reference = Backends.reference()) {
                    List<EpochMetrics> actual = train(cpu, spec(likelihood, true), objective, options(12, 16, 1e-2));
                    List<EpochMetrics> expected =
                            train(reference, spec(likelihood, true), objective, options(12, 16, 1e-2));
                    for (int i = 0; i < 12; i++) {
                        close(expected.get(i).train(), actual.get(i).train(), what + ", epoch " + (i + 1));
                        close(expected.get(i).test(), actual.get(i).test(), what + ", epoch " + (i + 1));
                    }
                    assertTrue(
                            actual.get(11).test().elbo() > actual.get(0).test().elbo(), what + " learns");
                }
            }
        }
    }

    private static void close(EpochMetrics.Part expected, EpochMetrics.Part actual, String where) {
        // 84 steps: rounding has had time to grow, but not to matter
        double tolerance = 1e-3 * Math.max(1, Math.abs(expected.reconstruction()));
        assertEquals(expected.elbo(), actual.elbo(), tolerance, where);
        assertEquals(expected.loss(), actual.loss(), tolerance, where);
        assertEquals(expected.reconstruction(), actual.reconstruction(), tolerance, where);
        assertEquals(expected.kl(), actual.kl(), tolerance, where);
    }

    @Test
    void thePartialLastBatchCountsByItsRealSize() {
        try (Backend backend = Backends.reference()) {
            // the weights hardly move, so an epoch's mean is that of the data, however they are cut
            VaeSpec spec = spec(Likelihood.GAUSSIAN, false);
            double whole = train(backend, spec, Objectives.autoencoder(), options(1, 105, 1e-12))
                    .get(0)
                    .train()
                    .reconstruction();
            for (int batch : new int[] {1, 2, 50, 52, 100, 104, 106, 1000}) {
                EpochMetrics epoch = train(backend, spec, Objectives.autoencoder(), options(1, batch, 1e-12))
                        .get(0);
                assertEquals(whole, epoch.train().reconstruction(), 1e-8, "batch " + batch);
                assertEquals((105 + batch - 1) / batch, epoch.step());
            }
        }
    }

    @Test
    void earlyStoppingKeepsTheBestWeights() {
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer = Trainer.builder(
                                backend, spec(Likelihood.GAUSSIAN_OPTIMAL, true), Split.of(data(20, 1), data(33, 2)))
                        .objective(ELBO)
                        .options(options(400, 10, 3e-2, 5, 7))
                        .build()) {
            float[][] best = new float[1][];
            double[] elbo = {Double.NEGATIVE_INFINITY};
            TrainingResult result = trainer.run(new TrainingListener() {
                @Override
                public void onEpoch(EpochMetrics epoch) {
                    if (epoch.test().elbo() > elbo[0]) {
                        elbo[0] = epoch.test().elbo();
                        best[0] = trainer.parameters().flat().toFloats();
                    }
                }
            });
            assertTrue(result.epochs().size() < 400, "twenty rows are learned by heart, and the test ELBO falls");
            assertEquals(
                    result.epochs().size() - 5,
                    result.selectedEpoch().orElseThrow().epoch());
            assertEquals(elbo[0], result.selectedEpoch().orElseThrow().test().elbo());
            assertArrayEquals(best[0], trainer.parameters().flat().toFloats());
        }
    }

    @Test
    void aLossThatIsNotFiniteNamesTheStep() {
        try (Backend backend = Backends.builder("cpu").threads(1).open()) {
            ElboException error = assertThrows(
                    ElboException.class,
                    () -> train(backend, spec(Likelihood.GAUSSIAN, true), ELBO, options(50, 35, 1e20)));
            assertEquals(ElboException.Kind.NUMERIC, error.kind());
            assertTrue(error.getMessage().matches(".*not finite at step \\d+ \\(epoch \\d+\\).*"), error.getMessage());
        }
    }

    @Test
    void theSeedDecidesEverythingAndThreadsNothing() {
        float[][] weights = new float[3][];
        for (int i = 0; i < 3; i++) {
            try (Backend backend = Backends.builder("cpu").threads(1 + i).open();
                    Trainer trainer = Trainer.builder(
                                    backend, spec(Likelihood.BERNOULLI, true), Split.of(data(105, 1), data(33, 2)))
                            .objective(new Elbo(2, KlMode.ANALYTIC))
                            .options(options(3, 32, 1e-2, 0, i == 2 ? 8 : 7))
                            .build()) {
                trainer.run(TrainingListener.NONE);
                weights[i] = trainer.parameters().flat().toFloats();
            }
        }
        assertArrayEquals(weights[0], weights[1]);
        assertFalse(Arrays.equals(weights[0], weights[2]));
    }

    /**
     * A batch has a row of each shard. 3,000 rows of a batch each are sent in three chunks. What the compiler has not come to yet on a busy machine allocates for
     * a while; what a step needs is allocated in every stretch of steps.
     */
    @ParameterizedTest
    @CsvSource({"RESIDENT,105,400,1", "STREAMED,105,400,1", "STREAMED,3000,14,1", "RESIDENT,315,400,3"})
    void aStepAllocatesNothing(DataPlacement placement, int examples, int epochs, int shards) {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int stretch = 2_000;
        List<Long> stretches = new ArrayList<>();
        TrainingListener meter = new TrainingListener() {
            private long last;
            private long within;
            private int steps;

            @Override
            public void onStep(long step, long all) {
                long now = threads.getCurrentThreadAllocatedBytes();
                // the first step of an epoch comes with the epoch's own work
                if (step % (examples / shards) != 1) {
                    within += now - last;
                    if (++steps == stretch) {
                        stretches.add(within);
                        steps = 0;
                        within = 0;
                    }
                }
                last = threads.getCurrentThreadAllocatedBytes();
            }
        };
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer = Trainer.builder(
                                backend, spec(Likelihood.GAUSSIAN, true), Split.of(data(examples, 1), data(33, 2)))
                        .objective(ELBO)
                        .options(options(epochs, shards, 1e-4).toBuilder()
                                .shards(shards)
                                .dataPlacement(placement)
                                .build())
                        .build()) {
            trainer.run(meter);
        }
        assertTrue(stretches.size() > 10);
        assertTrue(Collections.min(stretches) < stretch, "bytes in each " + stretch + " steps: " + stretches);
    }

    @Test
    void dataOfAnotherWidthAreRefused() {
        try (Backend backend = Backends.reference()) {
            VaeSpec wide = VaeSpec.mlp(13, List.of(4), 2, Activation.RELU, Likelihood.GAUSSIAN, true);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Trainer.builder(backend, wide, Split.of(data(9, 1), data(9, 2)))
                            .objective(ELBO)
                            .options(options(1, 8, 1e-3))
                            .build());
        }
    }

    @Test
    void whatDoesNotFitTogetherIsRefused() {
        Dataset rows = data(9, 1);
        float[] values = rows.values();
        values[INPUTS + 3] = 1.5f;
        Split bad = Split.of(Dataset.of("bad", values, INPUTS), rows);
        try (Backend backend = Backends.reference()) {
            refused(
                    () -> Trainer.builder(backend, spec(Likelihood.BERNOULLI, true), bad)
                            .build(),
                    "bad",
                    "row 1, column 3",
                    "1.5");
            TrainingOptions binarize = TrainingOptions.builder().binarize(true).build();
            Trainer.Builder grey = Trainer.builder(backend, spec(Likelihood.GAUSSIAN, true), bad)
                    .options(binarize);
            assertThrows(IllegalArgumentException.class, grey::build);
            Trainer.Builder plain = Trainer.builder(backend, spec(Likelihood.GAUSSIAN, false), bad);
            assertThrows(
                    IllegalArgumentException.class, () -> plain.objective(ELBO).build());
            assertEquals(List.of(), List.copyOf(backend.openBuffers()), "nothing is left behind");
            plain.objective(Objectives.autoencoder()).build().close();
            Trainer.builder(backend, spec(Likelihood.GAUSSIAN, false), bad)
                    .build()
                    .close();
        }
    }
}
