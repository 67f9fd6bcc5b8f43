package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.Backend;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.io.CrashingDisk;
import dev.elbo.io.CrashingDisk.Crash;
import dev.elbo.io.CrashingDisk.Fault;
import dev.elbo.io.Disk;
import dev.elbo.io.SafeTensors;
import dev.elbo.model.Likelihood;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever a power cut leaves of the folder of a run, the newest checkpoint that loads is what it was when it was saved; what
 * was said to be saved is never lost; and a model is never beside a state that is not its own.
 */
class PowerCutTest {
    private static final Logger WARNINGS = Logger.getLogger(CheckpointStore.class.getName());

    @TempDir
    private Path folder;

    private final Map<Long, double[]> weights = new HashMap<>();

    /** Damaged checkpoints are what this is about: thousands of warnings are not printed. */
    @BeforeEach
    void quietly() {
        WARNINGS.setUseParentHandlers(false);
        WARNINGS.addHandler(new Handler() {
            @Override
            public void publish(LogRecord record) {}

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
    }

    /** Two steps an epoch. */
    private static TrainingOptions options(int epochs) {
        return TrainingOptions.builder()
                .epochs(epochs)
                .batchSize(10)
                .learningRate(1e-2)
                .seed(7)
                .patience(0)
                .dataPlacement(DataPlacement.RESIDENT)
                .build();
    }

    /** A run that saves itself at every step, is finished, and trained on. */
    private CrashingDisk record(Fault fault) {
        Path run = folder.resolve("run");
        CrashingDisk disk = new CrashingDisk(run, fault);
        try (RunFolder fresh = RunFolder.create(disk, make(run))) {
            train(fresh, disk, 2, null);
        }
        try (RunFolder again = RunFolder.reopen(disk, run)) {
            train(again, disk, 3, again.checkpoints(Map.of()).newest());
        }
        return disk;
    }

    private static Path make(Path run) {
        try {
            // folders outside of what is recorded
            return Files.createDirectories(run);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void train(RunFolder run, CrashingDisk disk, int epochs, Checkpoint from) {
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer = Trainer.builder(
                                backend,
                                TrainerTest.spec(Likelihood.GAUSSIAN, true),
                                Split.of(TrainerTest.data(20, 1), TrainerTest.data(9, 2)))
                        .options(options(epochs))
                        .build()) {
            if (from != null) {
                trainer.resume(from);
                disk.said(from.step() + " goes on");
            }
            TrainingListener listener = new TrainingListener() {
                @Override
                public boolean shouldStop() {
                    weights.put(trainer.step(), trainer.parameters().flat().toDoubles());
                    disk.said(Long.toString(trainer.step()));
                    return false;
                }

                @Override
                public void onStep(long step, long steps) {
                    weights.put(step, trainer.parameters().flat().toDoubles());
                }
            };
            TrainingRun.builder(trainer, run)
                    .checkpointEvery(CheckpointRule.everySteps(1))
                    .metadata(Map.of("step", Long.toString(trainer.steps())))
                    .build()
                    .run(listener);
            disk.said(trainer.steps() + " and its model");
        }
    }

    private int verify(CrashingDisk disk) throws IOException {
        int number = 0;
        for (Crash crash : disk.crashes()) {
            Path left = folder.resolve("crash" + number++);
            crash.write(left);
            verify(left, crash.said());
            delete(left);
        }
        return number;
    }

    private void verify(Path left, String said) {
        String what = "after '" + said + "' was said";
        long promised = said.isEmpty() ? -1 : Long.parseLong(said.split(" ")[0]);
        boolean any = CheckpointStore.in(left);
        assertTrue(any || promised < 0, what);
        if (!any || promised < 0 && !loads(left)) {
            return;
        }
        Checkpoint newest = assertDoesNotThrow(() -> new CheckpointStore(Disk.REAL, left, Map.of()).newest(), what);
        assertTrue(newest.step() >= promised, what + ", step " + newest.step() + " is there");
        if (newest.step() > 0) {
            float[] saved = newest.tensors().get(StepTensors.PARAMETERS).values();
            double[] doubles = new double[saved.length];
            for (int i = 0; i < saved.length; i++) {
                doubles[i] = saved[i];
            }
            assertArrayEquals(weights.get(newest.step()), doubles, what);
        }
        Path model = left.resolve("model.safetensors");
        assertTrue(Files.exists(model) || !said.endsWith("model"), what);
        if (Files.exists(model)) {
            String step = SafeTensors.readSealed(model).metadata().get("step");
            assertEquals(Long.toString(newest.step()), step, what + ": the model beside it");
            assertEquals(newest.epochs().size(), lines(left.resolve("metrics.jsonl")), what + ": metrics");
        }
    }

    /** Before the first is saved there may be one that is torn. */
    private static boolean loads(Path left) {
        try {
            new CheckpointStore(Disk.REAL, left, Map.of()).newest();
            return true;
        } catch (ElboException e) {
            return false;
        }
    }

    private static long lines(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.endsWith("}")).count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void delete(Path left) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(left)) {
            files = all.toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
        Files.delete(left);
    }

    @Test
    void everyCutLeavesTheOldOrTheNew() throws IOException {
        int crashes = verify(record(Fault.NONE));
        assertTrue(crashes > 1000, crashes + " crashes");
    }

    /** A process that is killed leaves one of these, too: the next one begins where it left no checkpoint. */
    @Test
    void aCutBeforeTheFirstCheckpointLeavesAFolderToBeginIn() throws IOException {
        CrashingDisk disk = record(Fault.NONE);
        Map<Long, double[]> undisturbed = Map.copyOf(weights);
        Set<List<String>> seen = new HashSet<>();
        int number = 0;
        for (Crash crash : disk.crashes()) {
            Path left = folder.resolve("crash" + number++);
            crash.write(left);
            if (!CheckpointStore.in(left)) {
                try (RunFolder again = RunFolder.open(left)) {
                    // the rest of what may be in a folder is gone by now
                    if (seen.add(names(left))) {
                        weights.clear();
                        train(again, new CrashingDisk(left, Fault.NONE), 2, null);
                        assertEquals(5, weights.size(), "from the start to the end");
                        weights.forEach((step, values) -> assertArrayEquals(undisturbed.get(step), values, left + ""));
                    }
                }
            }
            delete(left);
        }
        assertTrue(seen.size() >= 3, "nothing, a configuration, metrics: " + seen);
    }

    private static List<String> names(Path left) throws IOException {
        try (Stream<Path> files = Files.list(left)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** What would happen without one of the promises of the protocol. */
    @ParameterizedTest
    @EnumSource(names = {"NO_FORCE", "NO_FOLDER_FORCE"})
    void aBrokenPromiseIsNoticed(Fault fault) {
        CrashingDisk disk = record(fault);
        assertThrows(AssertionError.class, () -> verify(disk));
    }
}
