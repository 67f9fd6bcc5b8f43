package dev.elbo.train;

import static dev.elbo.io.Failures.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.Backend;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.error.ElboException.Kind;
import dev.elbo.io.Disk;
import dev.elbo.model.Likelihood;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not finite ends a run, or takes it back; it never gets into a checkpoint. */
class NumericFailureTest {
    @TempDir
    private Path folder;

    /** Seven steps an epoch. */
    private static Trainer trainer(Backend backend, double rate, double warmup, OnNan onNan) {
        return Trainer.builder(
                        backend,
                        TrainerTest.spec(Likelihood.GAUSSIAN, true),
                        Split.of(TrainerTest.data(105, 1), TrainerTest.data(33, 2)))
                .options(TrainingOptions.builder()
                        .epochs(4)
                        .batchSize(16)
                        .learningRate(new LearningRate(rate, warmup, LearningRate.Decay.CONSTANT))
                        .seed(7)
                        .patience(0)
                        .dataPlacement(DataPlacement.RESIDENT)
                        .onNan(onNan)
                        .build())
                .build();
    }

    private static CheckpointRule every(int steps) {
        return CheckpointRule.everySteps(steps);
    }

    private static void mustBeFinite(Checkpoint checkpoint) {
        checkpoint.tensors().forEach((name, tensor) -> {
            if (!name.equals(StepTensors.METRICS)) {
                assertEquals(-1, tensor.firstNotFinite(), name);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 1000})
    void theFailureSaysWhereAndTheLastCheckpointIsGood(int steps) {
        CheckpointStore checkpoints = new CheckpointStore(Disk.REAL, folder, Map.of());
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer = trainer(backend, 1e20, 0, OnNan.STOP)) {
            ElboException failure = fails(
                    Kind.NUMERIC,
                    () -> trainer.run(TrainingListener.NONE, checkpoints, every(steps)),
                    "is not finite",
                    "log σ² of its codes",
                    "gradient",
                    "learningRate");
            assertTrue(failure.getMessage().contains("at step 2 (epoch 1)"), failure.getMessage());
        }
        Checkpoint last = checkpoints.newest();
        assertTrue(last.step() < 2, "step " + last.step());
        mustBeFinite(last);
    }

    @Test
    void withoutAFolderItSaysWhatIsKnown() {
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer = trainer(backend, 1e20, 0, OnNan.STOP)) {
            fails(Kind.NUMERIC, () -> trainer.run(TrainingListener.NONE), "the loss is not finite at step 2 (epoch 1)");
        }
    }

    /** A rate that is too high by far at first, and not after it was halved. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRollbackHalvesTheRateAndGoesOn(boolean saved) {
        List<String> said = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void onRollback(String why, List<EpochMetrics> epochs) {
                said.add(why);
            }
        };
        CheckpointStore checkpoints = new CheckpointStore(Disk.REAL, folder, Map.of());
        double rate = leastThatFails();
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer = trainer(backend, rate, 0, OnNan.ROLLBACK)) {
            TrainingResult result = saved ? trainer.run(listener, checkpoints, every(1000)) : trainer.run(listener);
            assertEquals(4, result.epochs().size());
            assertEquals(1, said.size(), said.toString());
            assertTrue(said.get(0).contains("back to step 0, with 0.5 of the learning rate"), said.toString());
            assertEquals(rate / 2, result.selectedEpoch().orElseThrow().learningRate());
        }
        if (saved) {
            assertEquals(1, checkpoints.newest().progress().rollbacks());
        }
    }

    /** By halves; half of it works. */
    private static double leastThatFails() {
        double rate = 1e20;
        while (breaks(rate)) {
            rate /= 2;
        }
        return 2 * rate;
    }

    private static boolean breaks(double rate) {
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer = trainer(backend, rate, 0, OnNan.STOP)) {
            trainer.run(TrainingListener.NONE);
            return false;
        } catch (ElboException e) {
            assertEquals(Kind.NUMERIC, e.kind());
            return true;
        }
    }

    @Test
    void afterAFewTimesItGivesUp() {
        int[] times = new int[1];
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer = trainer(backend, 1e30, 0, OnNan.ROLLBACK)) {
            fails(
                    Kind.NUMERIC,
                    () -> trainer.run(
                            new TrainingListener() {
                                @Override
                                public void onRollback(String why, List<EpochMetrics> epochs) {
                                    times[0]++;
                                }
                            },
                            new CheckpointStore(Disk.REAL, folder, Map.of()),
                            every(3)),
                    "halved 5 times");
        }
        assertEquals(5, times[0]);
    }
}
