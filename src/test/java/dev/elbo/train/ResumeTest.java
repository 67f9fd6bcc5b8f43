package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.Backend;
import dev.elbo.error.ElboException;
import dev.elbo.io.Disk;
import dev.elbo.io.SafeTensors;
import dev.elbo.reference.DeferredBackend;
import dev.elbo.reference.DeferredBackend.Copies;
import dev.elbo.reference.DeferredBackend.Fault;
import dev.elbo.train.ResumeRuns.Job;
import dev.elbo.train.ResumeRuns.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that goes on has the bits of one that was never broken off. */
class ResumeTest {
    private static final Supplier<Backend> CPU =
            () -> Backends.builder("cpu").threads(2).open();
    private static final Supplier<Backend> FOUR_STEPS =
            () -> new DeferredBackend(Copies.LATE, Fault.NONE, 4, Long.MAX_VALUE);

    @TempDir
    private Path folder;

    static Set<String> kinds() {
        return new TreeSet<>(ResumeRuns.jobs().keySet());
    }

    private Path fresh(String name) {
        try {
            return Files.createDirectories(folder.resolve(name));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Broken off after every program, of one step and of four. */
    @ParameterizedTest
    @MethodSource("kinds")
    void everyKindOfRunGoesOnFromEveryStep(String kind) {
        Job job = ResumeRuns.jobs().get(kind);
        int backends = 0;
        for (Supplier<Backend> open : List.of(CPU, Backends::reference, FOUR_STEPS)) {
            Outcome whole = job.undisturbed(open);
            for (DataPlacement placement : List.of(DataPlacement.RESIDENT, DataPlacement.STREAMED)) {
                String what = kind + " " + placement + " " + backends;
                job.on(placement)
                        .broken(open, fresh(what), 1, UnaryOperator.identity())
                        .mustEqual(whole, what);
            }
            backends++;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void streamedDataGoOnInTheirChunk(int programs) {
        Job job = ResumeRuns.streamed();
        for (Copies copies : Copies.values()) {
            Supplier<Backend> open = () -> new DeferredBackend(copies, Fault.NONE, 4, Long.MAX_VALUE);
            Outcome whole = job.on(DataPlacement.RESIDENT).undisturbed(open);
            job.broken(open, fresh("" + copies), programs, UnaryOperator.identity())
                    .mustEqual(whole, "" + copies);
        }
    }

    /** Where the data are and how many steps a program has may be others than before. */
    @Test
    void aCheckpointOfAnyStepServesProgramsOfAnyLength() {
        Job job = ResumeRuns.streamed();
        Outcome whole = job.undisturbed(FOUR_STEPS);
        CheckpointStore checkpoints = new CheckpointStore(Disk.REAL, folder, Map.of());
        for (int stop = 1; stop < 43; stop += 5) {
            try (Backend backend = new DeferredBackend(Copies.EARLY, Fault.NONE, 1, Long.MAX_VALUE);
                    Trainer trainer = job.on(DataPlacement.RESIDENT).trainer(backend)) {
                trainer.run(ResumeRuns.stoppingAfter(stop), checkpoints, ResumeRuns.NEVER);
            }
            assertEquals(stop, checkpoints.newest().step());
            try (Backend backend = FOUR_STEPS.get();
                    Trainer trainer = job.trainer(backend)) {
                trainer.resume(checkpoints.newest());
                Outcome.of(trainer, trainer.run(TrainingListener.NONE)).mustEqual(whole, "from step " + stop);
            }
        }
    }

    /** Everything in a checkpoint is needed: with any of it forgotten the run is another. */
    @Test
    void whateverIsForgottenIsNoticed() {
        Map<String, Job> jobs = ResumeRuns.jobs();
        Job patient = jobs.get("gaussian-optimal with patience");
        Job steered = jobs.get("constrained");
        for (String tensor : List.of("parameters", "first_moment", "second_moment", "metrics", "steering")) {
            forgotten(
                    steered,
                    tensor,
                    c -> new Checkpoint(c.run(), c.notes(), c.progress(), c.epochs(), zeroed(c.tensors(), tensor)));
        }
        forgotten(
                patient,
                "best",
                c -> new Checkpoint(
                        c.run(), c.notes(), c.progress(), c.epochs(), zeroed(c.tensors(), Checkpoint.BEST)));
        forgotten(
                patient,
                "kept",
                c -> with(
                        c,
                        new Checkpoint.Progress(
                                c.step(),
                                0,
                                0,
                                Math.min(1, c.progress().kept()),
                                c.progress().logVar(),
                                c.progress().bestLogVar())));
        forgotten(
                patient,
                "variance of the best",
                c -> with(
                        c,
                        new Checkpoint.Progress(
                                c.step(),
                                0,
                                0,
                                c.progress().kept(),
                                c.progress().logVar(),
                                0)));
        forgotten(
                steered,
                "rollbacks",
                c -> with(
                        c,
                        new Checkpoint.Progress(c.step(), 0, 1, 0, c.progress().logVar(), 0)));
    }

    private void forgotten(Job job, String what, UnaryOperator<Checkpoint> loss) {
        Outcome whole = job.undisturbed(CPU);
        assertTrue(job.options().patience().orElseThrow() == 0
                || whole.kept().epoch() < whole.epochs().size());
        assertFalse(job.broken(CPU, fresh(what), 9, loss).sameAs(whole), what);
    }

    private static Checkpoint with(Checkpoint c, Checkpoint.Progress progress) {
        return new Checkpoint(c.run(), c.notes(), progress, c.epochs(), c.tensors());
    }

    private static Map<String, SafeTensors.Entry> zeroed(Map<String, SafeTensors.Entry> tensors, String name) {
        Map<String, SafeTensors.Entry> some = new LinkedHashMap<>(tensors);
        some.computeIfPresent(
                name,
                (key, entry) -> new SafeTensors.Entry(
                        entry.shape(), entry.isDouble() ? new double[entry.length()] : new float[entry.length()]));
        return some;
    }

    @Test
    void savingAlongTheWayChangesNothingAndTwoAreKept() throws IOException {
        Job job = ResumeRuns.jobs().get("vae");
        Outcome whole = job.undisturbed(CPU);
        try (Backend backend = CPU.get();
                Trainer trainer = job.trainer(backend)) {
            Outcome.of(
                            trainer,
                            trainer.run(
                                    TrainingListener.NONE,
                                    new CheckpointStore(Disk.REAL, folder, Map.of()),
                                    CheckpointRule.everySteps(2)))
                    .mustEqual(whole, "saved every other step");
            assertThrows(IllegalStateException.class, () -> trainer.run(TrainingListener.NONE), "it is over");
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(
                    List.of("checkpoint-0000000020.safetensors", "checkpoint-0000000021.safetensors"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void aFinishedRunIsTrainedOnWhereTheRateDoesNotDecay() {
        Job job = ResumeRuns.jobs().get("vae");
        Job constant = constant(job, 2);
        Outcome whole = constant(job, 5).undisturbed(CPU);
        CheckpointStore checkpoints = new CheckpointStore(Disk.REAL, folder, Map.of());
        try (Backend backend = CPU.get();
                Trainer trainer = constant.trainer(backend)) {
            trainer.run(TrainingListener.NONE, checkpoints, ResumeRuns.NEVER);
        }
        try (Backend backend = CPU.get();
                Trainer trainer = constant(job, 5).trainer(backend)) {
            trainer.resume(checkpoints.newest());
            Outcome.of(trainer, trainer.run(TrainingListener.NONE)).mustEqual(whole, "five epochs");
        }
    }

    @Test
    void aRunInALaterEpochDoesNotEndInTheMiddleOfIt() {
        Job job = constant(ResumeRuns.jobs().get("vae"), 2);
        CheckpointStore checkpoints = new CheckpointStore(Disk.REAL, folder, Map.of());
        try (Backend backend = CPU.get();
                Trainer trainer = job.trainer(backend)) {
            trainer.run(ResumeRuns.stoppingAfter(8), checkpoints, ResumeRuns.NEVER);
            assertEquals(8, trainer.step(), "one step of the second epoch");
        }
        try (Backend backend = CPU.get();
                Trainer trainer = constant(job, 1).trainer(backend)) {
            ElboException refused = assertThrows(ElboException.class, () -> trainer.resume(checkpoints.newest()));
            assertTrue(
                    refused.getMessage().contains("training.epochs is 1 here, 1 are done and the next is begun"),
                    refused.getMessage());
        }
    }

    private static Job constant(Job job, int epochs) {
        TrainingOptions o = job.options();
        return new Job(
                job.spec(),
                job.objective(),
                TrainingOptions.builder()
                        .epochs(epochs)
                        .batchSize(o.batchSize())
                        .adam(o.adam())
                        .learningRate(new LearningRate(1e-2, 1, LearningRate.Decay.CONSTANT))
                        .klWeight(o.klWeight())
                        .seed(o.seed())
                        .binarize(o.binarize())
                        .patience(0)
                        .build(),
                job.train(),
                job.test());
    }
}
