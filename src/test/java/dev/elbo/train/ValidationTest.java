package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Evaluation;
import dev.elbo.analysis.Evaluator;
import dev.elbo.analysis.InputSchema;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.model.Likelihood;
import dev.elbo.net.StoredModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which data choose the weights, and which judge them. */
class ValidationTest {
    private static final Dataset TRAIN = TrainerTest.data(20, 1);
    private static final Dataset VALIDATION = TrainerTest.data(33, 2);
    /** Far from all else: the more a model learns, the less it expects them, so that the first epoch is the best for them. */
    private static final Dataset TEST = far();

    private static final int PATIENCE = 5;

    @TempDir
    private Path folder;

    private static Dataset far() {
        float[] values = new float[4 * TRAIN.features()];
        Arrays.fill(values, 5);
        return Dataset.of("far", values, TRAIN.features());
    }

    private static Trainer trainer(Backend backend, Split data) {
        return Trainer.builder(backend, TrainerTest.spec(Likelihood.GAUSSIAN_OPTIMAL, true), data)
                .options(TrainingOptions.builder()
                        .epochs(60)
                        .batchSize(10)
                        .learningRate(3e-2)
                        .seed(7)
                        .patience(PATIENCE)
                        .build())
                .build();
    }

    private static Split three() {
        return new Split(TRAIN, Optional.of(TEST), Optional.of(VALIDATION), false);
    }

    @Test
    void theValidationDataChooseAndTheTestDataJudgeWhatIsKept() {
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer validated = trainer(backend, three());
                Trainer byValidation = trainer(backend, Split.of(TRAIN, VALIDATION));
                Trainer byTest = trainer(backend, Split.of(TRAIN, TEST));
                DataSource test = DataSource.of(backend, TEST, DataPlacement.RESIDENT)) {
            TrainingResult result = validated.run();
            TrainingResult chosen = byValidation.run();
            assertEquals(
                    1,
                    byTest.run().selectedEpoch().orElseThrow().epoch(),
                    "the test data would have chosen another epoch");
            assertNotEquals(1, result.selectedEpoch().orElseThrow().epoch());
            assertEquals(
                    chosen.selectedEpoch().orElseThrow().epoch(),
                    result.selectedEpoch().orElseThrow().epoch());
            assertEquals(
                    result.epochs().size() - PATIENCE,
                    result.selectedEpoch().orElseThrow().epoch());
            assertArrayEquals(
                    byValidation.parameters().flat().toFloats(),
                    validated.parameters().flat().toFloats());
            for (int i = 0; i < result.epochs().size(); i++) {
                EpochMetrics epoch = result.epochs().get(i);
                assertEquals(chosen.epochs().get(i).test(), epoch.validation());
                assertNull(epoch.test());
            }
            try (Evaluator evaluator = new Evaluator(validated.vae(), test, 1, false, 7)) {
                Evaluation now = evaluator.run("test");
                assertEquals(now.elbo(), result.testElbo());
                assertEquals(now.reconstruction(), result.test().reconstruction());
                assertEquals(now.kl(), result.test().kl());
            }
        }
    }

    @Test
    void withoutTestDataAllEpochsRunAndTheLastWeightsAreKept() {
        List<String> notes = new ArrayList<>();
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer = trainer(backend, Split.of(TRAIN).withoutTestSet())) {
            TrainingResult result = trainer.run(new TrainingListener() {
                @Override
                public void onNote(String line) {
                    notes.add(line);
                }
            });
            assertEquals(60, result.epochs().size());
            assertEquals(60, result.selectedEpoch().orElseThrow().epoch());
            assertNull(result.selectedEpoch().orElseThrow().judged());
            assertNull(result.test());
            assertTrue(Double.isNaN(result.testElbo()));
            assertTrue(notes.get(0).startsWith("there are no test data"), notes.toString());
            Path file = folder.resolve("model.safetensors");
            trainer.save(file);
            assertEquals("none", StoredModel.read(file).metadata().get(InputSchema.HELD_OUT));
        }
    }

    @Test
    void theTestDataThatChooseAreNamedAsSuch() {
        for (Split split : List.of(three(), Split.of(TRAIN, VALIDATION))) {
            List<String> notes = new ArrayList<>();
            try (Backend backend = Backends.builder("cpu").threads(1).open();
                    Trainer trainer = trainer(backend, split)) {
                trainer.run(new TrainingListener() {
                    @Override
                    public void onNote(String line) {
                        notes.add(line);
                    }
                });
            }
            boolean named = notes.stream().anyMatch(line -> line.startsWith("the test data selected the epoch"));
            assertEquals(split.validation().isEmpty(), named, notes.toString());
        }
    }

    /** Stopped after some epochs and gone on with; the metrics without their times, and what the last line has. */
    private List<String> metrics(Split data, Integer stopAfter) throws IOException {
        Path path = Files.createTempDirectory(folder, "run");
        for (int round = 0; round < (stopAfter == null ? 1 : 2); round++) {
            boolean stops = stopAfter != null && round == 0;
            try (Backend backend = Backends.builder("cpu").threads(1).open();
                    RunFolder run = RunFolder.open(path);
                    Trainer trainer = trainer(backend, data)) {
                TrainingResult result = TrainingRun.builder(trainer, run)
                        .build()
                        .run(new TrainingListener() {
                            @Override
                            public boolean shouldStop() {
                                return stops && trainer.epochs().size() == stopAfter;
                            }
                        });
                assertEquals(stops, result.stopped());
                assertEquals(stops || data.test().isEmpty(), result.test() == null, "the test data are for the end");
            }
        }
        return Files.readAllLines(path.resolve("metrics.jsonl")).stream()
                .map(line -> line.replaceAll("\"(seconds|examples_per_second)\":[^,}]+", ""))
                .toList();
    }

    @Test
    void aRunThatGoesOnHasTheSameMetricsAndTheTestDataInItsLastLineAlone() throws IOException {
        for (Split data : List.of(three(), three().withoutTestSet())) {
            List<String> whole = metrics(data, null);
            assertEquals(whole, metrics(data, 3));
            for (int i = 0; i < whole.size(); i++) {
                boolean last = i == whole.size() - 1 && data.test().isPresent();
                assertTrue(whole.get(i).contains("\"validation\":{\"elbo\":"), whole.get(i));
                assertEquals(last, whole.get(i).contains("\"test\":{\"elbo\":"), whole.get(i));
            }
        }
        List<String> unjudged = metrics(Split.of(TRAIN).withoutTestSet(), 3);
        assertTrue(unjudged.stream().noneMatch(line -> line.contains("test") || line.contains("validation")));
    }

    @Test
    void aCheckpointIsOfTheDataThatJudgedIt() throws IOException {
        Path path = folder.resolve("run");
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                RunFolder run = RunFolder.open(path);
                Trainer trainer = trainer(backend, three())) {
            TrainingRun.builder(trainer, run).build().run();
        }
        Checkpoint checkpoint = RunFolder.newest(path);
        for (Split other :
                List.of(Split.of(TRAIN, TEST), three().withValidationSet(TEST), three().withTestSet(VALIDATION))) {
            try (Backend backend = Backends.builder("cpu").threads(1).open();
                    Trainer trainer = trainer(backend, other)) {
                String refused = assertThrows(ElboException.class, () -> trainer.resume(checkpoint))
                        .getMessage();
                assertTrue(refused.contains("data."), refused);
            }
        }
    }
}
