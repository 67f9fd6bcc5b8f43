package dev.elbo.train;

import static dev.elbo.io.Failures.fails;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.InputSchema;
import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.backend.Backend;
import dev.elbo.data.ValueRange;
import dev.elbo.error.ElboException.Kind;
import dev.elbo.error.Interruption;
import dev.elbo.io.Disk;
import dev.elbo.net.ModelFile;
import dev.elbo.train.ResumeRuns.Job;
import dev.elbo.train.ResumeRuns.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run in a folder from the library alone: what it leaves, and what an interrupt does to it. */
class TrainingRunTest {
    /** Three epochs of seven steps. */
    private static final Job JOB = ResumeRuns.jobs().get("vae");

    @TempDir
    private Path folder;

    @AfterEach
    void clear() {
        Thread.interrupted();
    }

    /** What one process does; true where it was interrupted. */
    private static boolean runs(Job job, Path in, TrainingListener listener, List<Outcome> outcomes) {
        try (Backend backend = Backends.builder("cpu").threads(2).open();
                Trainer trainer = job.trainer(backend);
                RunFolder run = RunFolder.open(in)) {
            TrainingResult result = TrainingRun.builder(trainer, run)
                    .checkpointEvery(ResumeRuns.NEVER)
                    .build()
                    .run(listener);
            outcomes.add(Outcome.of(trainer, result));
            return false;
        } catch (CancellationException interrupted) {
            assertTrue(interrupted.getMessage().endsWith(" was interrupted"), interrupted.getMessage());
            assertTrue(Thread.interrupted(), "the status stays");
            return true;
        }
    }

    private static Outcome whole(Job job) {
        return job.undisturbed(() -> Backends.builder("cpu").threads(2).open());
    }

    private static List<String> names(Path run) throws IOException {
        try (Stream<Path> files = Files.list(run)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void itLeavesWhatTheCommandLeaves() throws IOException {
        Path run = folder.resolve("deep/run");
        List<Outcome> outcomes = new ArrayList<>();
        assertFalse(runs(JOB, run, TrainingListener.NONE, outcomes));
        outcomes.get(0).mustEqual(whole(JOB), "in a folder");
        assertEquals(
                List.of(
                        ".lock",
                        "checkpoint-0000000021.safetensors",
                        "config.json",
                        "curves.png",
                        "metrics.jsonl",
                        "model.safetensors"),
                names(run),
                "twelve values are no picture");
        assertEquals(3, Files.readAllLines(run.resolve("metrics.jsonl")).size());
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                ModelFile.Loaded loaded = ModelFile.read(run.resolve("model.safetensors"), backend)) {
            assertArrayEquals(
                    outcomes.get(0).weights(), loaded.parameters().flat().toDoubles());
            assertEquals(
                    Set.of(InputSchema.DATA, "elbo.objective", ValueRange.KEY),
                    loaded.metadata().keySet());
            assertEquals("rows", loaded.metadata().get(InputSchema.DATA));
            assertEquals("vae", loaded.metadata().get("elbo.objective"));
        }
        byte[] model = Files.readAllBytes(run.resolve("model.safetensors"));
        var written = Files.getLastModifiedTime(run.resolve("model.safetensors"));
        assertFalse(runs(JOB, run, TrainingListener.NONE, outcomes), "a finished run is told of again");
        outcomes.get(1).mustEqual(outcomes.get(0), "again");
        assertArrayEquals(model, Files.readAllBytes(run.resolve("model.safetensors")));
        assertEquals(written, Files.getLastModifiedTime(run.resolve("model.safetensors")));
    }

    @Test
    void notesAreToldOnce() {
        List<String> notes = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void onNote(String line) {
                notes.add(line);
            }
        };
        assertFalse(runs(JOB, folder.resolve("run"), listener, new ArrayList<>()));
        assertEquals(2, notes.size(), notes.toString());
        assertTrue(notes.get(0).contains("constant model"), "three short epochs are too few: " + notes.get(0));
        assertTrue(notes.get(1).startsWith("12 values are not an image"), notes.get(1));
    }

    @Test
    void anotherRunInTheFolderIsRefused() throws IOException {
        Path run = folder.resolve("run");
        runs(JOB, run, TrainingListener.NONE, new ArrayList<>());
        List<String> before = names(run);
        Job other = ResumeRuns.jobs().get("iwae");
        fails(
                Kind.USAGE,
                () -> runs(other, run, TrainingListener.NONE, new ArrayList<>()),
                "belongs to another run",
                "objective");
        assertEquals(before, names(run));
        Path foreign = Files.createDirectory(folder.resolve("foreign"));
        Files.writeString(foreign.resolve("model.safetensors"), "mine");
        fails(Kind.USAGE, () -> RunFolder.open(foreign), "holds a run already");
    }

    /** In the middle of an epoch, at its last step, and at the last of all. */
    @ParameterizedTest
    @ValueSource(longs = {1, 4, 7, 10, 21})
    void anInterruptEndsItAtAStepAndItGoesOnToTheSameBits(long at) throws IOException {
        Path run = folder.resolve("run");
        List<Outcome> outcomes = new ArrayList<>();
        assertTrue(runs(JOB, run, interruptingAfter(at), outcomes));
        assertFalse(Files.exists(run.resolve("model.safetensors")), "the run is not over");
        Checkpoint saved = new CheckpointStore(Disk.REAL, run, Map.of()).newest();
        assertEquals(at, saved.step());
        assertEquals((at - 1) / 7, saved.epochs().size(), "an epoch at whose end it came is not measured");
        assertFalse(runs(JOB, run, TrainingListener.NONE, outcomes));
        outcomes.get(0).mustEqual(whole(JOB), "interrupted after step " + at);
        assertEquals(3, Files.readAllLines(run.resolve("metrics.jsonl")).size());
        assertEquals(
                3,
                new CheckpointStore(Disk.REAL, run, Map.of()).newest().epochs().size(),
                "the last checkpoint is of the whole run");
    }

    private static TrainingListener interruptingAfter(long at) {
        return new TrainingListener() {
            @Override
            public void onStep(long step, long steps) {
                if (step == at) {
                    Thread.currentThread().interrupt();
                }
            }
        };
    }

    /** With a variance, a multiplier and a patience that the measurement of an epoch moves, interrupted at each of its moments. */
    @ParameterizedTest
    @ValueSource(strings = {"constrained", "gaussian-optimal with patience", "plain autoencoder"})
    void anInterruptAtAnyMomentOfAnEpochsEndLosesNothing(String kind) {
        Job job = ResumeRuns.jobs().get(kind);
        Outcome whole = whole(job);
        for (int moment = 0; moment < 2; moment++) {
            Path run = folder.resolve(kind + moment);
            List<Outcome> outcomes = new ArrayList<>();
            int processes = 0;
            while (runs(job, run, moment == 0 ? whileMeasuring() : inOnEpoch(), outcomes)) {
                processes++;
                if (moment == 0) {
                    assertFalse(runs(job, run, stoppingAfterAnEpoch(), new ArrayList<>()));
                }
            }
            assertTrue(processes >= 2, processes + " interrupts");
            outcomes.get(0).mustEqual(whole, kind + ", moment " + moment);
        }
    }

    private static TrainingListener whileMeasuring() {
        return new TrainingListener() {
            @Override
            public LikelihoodEstimate measureGap(int epoch) {
                Thread.currentThread().interrupt();
                Interruption.throwIfInterrupted("measuring");
                return null;
            }
        };
    }

    private static TrainingListener inOnEpoch() {
        return new TrainingListener() {
            @Override
            public void onEpoch(EpochMetrics metrics) {
                Thread.currentThread().interrupt();
                Interruption.throwIfInterrupted("looking at the model");
            }
        };
    }

    private static TrainingListener stoppingAfterAnEpoch() {
        return new TrainingListener() {
            private boolean over;

            @Override
            public void onEpoch(EpochMetrics metrics) {
                over = true;
            }

            @Override
            public boolean shouldStop() {
                return over;
            }
        };
    }

    @Test
    void withoutAFolderAnInterruptEndsItToo() {
        try (Backend backend = Backends.builder("cpu").threads(1).open()) {
            try (Trainer trainer = JOB.trainer(backend)) {
                assertThrows(CancellationException.class, () -> trainer.run(interruptingAfter(9)));
                assertTrue(Thread.interrupted(), "the status stays");
                assertEquals(9, trainer.step());
                assertEquals(1, trainer.epochs().size());
                assertThrows(IllegalStateException.class, trainer::run);
            }
            assertEquals(List.of(), List.copyOf(backend.openBuffers()), "nothing is left behind");
        }
    }

    /** Whoever stops a run by its listener is told so, and has the model. */
    @Test
    void aListenerStopsItInPeace() {
        Path run = folder.resolve("run");
        List<Outcome> outcomes = new ArrayList<>();
        assertFalse(runs(JOB, run, stoppingAfterAnEpoch(), outcomes));
        assertEquals(1, outcomes.get(0).epochs().size());
        assertTrue(Files.exists(run.resolve("model.safetensors")));
        assertFalse(runs(JOB, run, TrainingListener.NONE, outcomes));
        outcomes.get(1).mustEqual(whole(JOB), "stopped");
    }
}
