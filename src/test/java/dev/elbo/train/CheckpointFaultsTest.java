package dev.elbo.train;

import static dev.elbo.io.Failures.fails;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.error.ElboException;
import dev.elbo.error.ElboException.Kind;
import dev.elbo.io.Disk;
import dev.elbo.io.FailingDisk;
import dev.elbo.train.ResumeRuns.Job;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that fail, files that are damaged, runs that are others. */
class CheckpointFaultsTest {
    private static final Job JOB = ResumeRuns.jobs().get("constrained");
    private static final Logger LOG = Logger.getLogger(CheckpointStore.class.getName());

    @TempDir
    private Path folder;

    private final List<String> warnings = new ArrayList<>();
    private final Handler listener = new Handler() {
        @Override
        public void publish(LogRecord message) {
            warnings.add(MessageFormat.format(message.getMessage(), message.getParameters()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOG.setUseParentHandlers(false);
        LOG.addHandler(listener);
    }

    @AfterEach
    void listenNoMore() {
        LOG.removeHandler(listener);
        LOG.setUseParentHandlers(true);
    }

    private CheckpointStore checkpoints() {
        return new CheckpointStore(Disk.REAL, folder, Map.of());
    }

    /** Stops the run after so many steps, saved at each. */
    private void saveUpTo(int step) {
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer = JOB.trainer(backend)) {
            trainer.run(ResumeRuns.stoppingAfter(step), checkpoints(), CheckpointRule.everySteps(1));
        }
    }

    private List<String> names() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aDiskThatFailsLeavesTheOldCheckpointAndNothingElse() throws IOException {
        saveUpTo(3);
        byte[] before = Files.readAllBytes(checkpoints().file(3));
        List<String> names = names();
        int operations = saving();
        assertTrue(operations > 20, operations + " operations");
        for (int n = 1; n <= operations; n++) {
            FailingDisk disk = new FailingDisk(n);
            try (Backend backend = Backends.builder("cpu").threads(1).open();
                    Trainer trainer = JOB.trainer(backend)) {
                trainer.resume(checkpoints().newest());
                fails(
                        Kind.IO,
                        () -> trainer.run(
                                ResumeRuns.stoppingAfter(1),
                                new CheckpointStore(disk, folder, Map.of()),
                                CheckpointRule.everySteps(1)),
                        "checkpoint-0000000004",
                        "No space left on device");
            }
            String last = disk.done().get(n - 1);
            // with the folder not forced, the new name is there, and nobody was told
            assertEquals(
                    last.equals("forceFolder"),
                    Files.deleteIfExists(checkpoints().file(4)),
                    last);
            assertEquals(names, names(), "operation " + n + ", " + last);
            assertEquals(
                    -1, Arrays.mismatch(before, Files.readAllBytes(checkpoints().file(3))));
            assertEquals(3, checkpoints().newest().step());
        }
    }

    /** Operations of a disk from the first to the forcing of the folder, which all must succeed. */
    private int saving() {
        FailingDisk counting = new FailingDisk(Integer.MAX_VALUE);
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer = JOB.trainer(backend)) {
            trainer.resume(checkpoints().newest());
            Path elsewhere = Files.createDirectory(folder.resolve("counting"));
            trainer.run(
                    ResumeRuns.stoppingAfter(1), new CheckpointStore(counting, elsewhere, Map.of()), ResumeRuns.NEVER);
            try (Stream<Path> files = Files.list(elsewhere)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(elsewhere);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        // the run is saved where it goes on, and where it is stopped: half of it
        return counting.done().lastIndexOf("forceFolder") - counting.done().indexOf("forceFolder");
    }

    @Test
    void everyDamagedByteIsNoticedAndTheOneBeforeTaken() throws IOException {
        saveUpTo(9);
        Path file = checkpoints().file(9);
        byte[] good = Files.readAllBytes(file);
        int header =
                8 + (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < header + 400; i++) {
            int at = i < header ? i : header + random.nextInt(good.length - header);
            byte[] bad = good.clone();
            bad[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, bad);
            refused(() -> Checkpoint.read(file), file.toString());
            if (i % 100 == 0) {
                warnings.clear();
                assertEquals(8, checkpoints().newest().step());
                assertTrue(warnings.size() == 1 && warnings.get(0).contains(file.toString()), warnings.toString());
            }
        }
        for (int length = 0; length < good.length; length += length < header + 50 ? 1 : 37) {
            Files.write(file, Arrays.copyOf(good, length));
            refused(() -> Checkpoint.read(file), file.toString());
        }
        Files.write(file, good);
        assertEquals(9, checkpoints().newest().step());
    }

    @Test
    void whatIsNewerThanWhereTheRunGoesOnIsGoneWithTheNextCheckpoint() throws IOException {
        saveUpTo(9);
        Files.write(checkpoints().file(9), new byte[100]);
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer = JOB.trainer(backend)) {
            trainer.resume(checkpoints().newest());
            trainer.run(ResumeRuns.stoppingAfter(1), checkpoints(), CheckpointRule.everySteps(1));
        }
        assertEquals(List.of("checkpoint-0000000008.safetensors", "checkpoint-0000000009.safetensors"), names());
        warnings.clear();
        assertEquals(9, checkpoints().newest().step());
        assertEquals(List.of(), warnings);
    }

    @Test
    void withoutAValidOneThereIsNothingToGoOnFrom() throws IOException {
        refused(() -> checkpoints().newest(), folder.toString(), "no checkpoint");
        saveUpTo(1);
        Files.write(checkpoints().file(0), new byte[3]);
        Files.write(checkpoints().file(1), new byte[3]);
        refused(() -> checkpoints().newest(), "none of 2 checkpoints", "checkpoint-0000000001");
        refused(() -> RunFolder.reopen(folder.resolve("none")), "none", "start a new run");
    }

    @Test
    void anotherRunIsRefusedWithEveryDifference() {
        saveUpTo(2);
        Checkpoint checkpoint = checkpoints().newest();
        TrainingOptions o = JOB.options();
        TrainingOptions other = TrainingOptions.builder()
                .epochs(o.epochs() + 1)
                .batchSize(17)
                .adam(o.adam())
                .learningRate(o.learningRate())
                .klWeight(o.klWeight())
                .seed(8)
                .patience(0)
                .dataPlacement(o.dataPlacement())
                .dropLast(true)
                .onNan(OnNan.ROLLBACK)
                .build();
        Job changed = new Job(
                JOB.spec(),
                ResumeRuns.jobs().get("capacity").objective(),
                other,
                TrainerTest.data(105, 3),
                TrainerTest.data(34, 2));
        try (Backend backend = Backends.reference();
                Trainer trainer = changed.trainer(backend)) {
            ElboException refusal = fails(
                    Kind.USAGE,
                    () -> trainer.resume(checkpoint),
                    "data.train_sha256 is",
                    "data.test_sha256",
                    "data.test_examples is 33 there and 34 here",
                    "objective is Elbo",
                    "training.batch is 16 there and 17 here",
                    "training.seed is 7 there and 8 here",
                    "training.drop_last",
                    "training.epochs is 3 there and 4 here",
                    "backend.name is cpu there and reference here",
                    "backend.rounding");
            assertTrue(!refusal.getMessage().contains("on_nan")
                    && !refusal.getMessage().contains("placement"));
        }
    }

    @Test
    void twoRunsDoNotShareAFolder() {
        Path run = folder.resolve("deep/run");
        try (RunFolder first = RunFolder.create(run)) {
            fails(Kind.IO, () -> RunFolder.create(run), run.toString(), "another run");
            first.beginMetrics(List.of(), null);
        }
        RunFolder.create(run).close();
        fails(Kind.IO, () -> RunFolder.create(Path.of("/proc/run")), "/proc/run");
    }

    /** A device that takes nothing, and a link to it where the metrics are. */
    @Test
    void metricsThatCannotBeWrittenEndTheRun() throws IOException {
        Path run = folder.resolve("run");
        Disk full = new Disk() {
            @Override
            public Output create(Path file) throws IOException {
                return REAL.create(file);
            }

            @Override
            public Output append(Path file) throws IOException {
                return REAL.append(Path.of("/dev/full"));
            }

            @Override
            public void rename(Path from, Path to) throws IOException {
                REAL.rename(from, to);
            }

            @Override
            public void forceFolder(Path forced) throws IOException {
                REAL.forceFolder(forced);
            }

            @Override
            public void delete(Path file) throws IOException {
                REAL.delete(file);
            }
        };
        try (RunFolder open = RunFolder.create(full, run);
                Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer = JOB.trainer(backend)) {
            open.beginMetrics(List.of(), null);
            CheckpointStore saved = open.checkpoints(Map.of());
            fails(
                    Kind.IO,
                    () -> trainer.run(
                            new TrainingListener() {
                                @Override
                                public void onEpoch(EpochMetrics metrics) {
                                    open.append(metrics);
                                }
                            },
                            saved,
                            CheckpointRule.everySteps(1)),
                    "metrics.jsonl",
                    "No space left");
            assertEquals(6, saved.newest().step(), "the last step before the epoch's metrics");
        }
        Files.delete(run.resolve("metrics.jsonl"));
        Files.createSymbolicLink(run.resolve("metrics.jsonl"), Path.of("/dev/full"));
        try (RunFolder open = RunFolder.reopen(run)) {
            fails(Kind.IO, () -> open.beginMetrics(List.of(), null), "metrics.jsonl", "device");
        } finally {
            Files.delete(run.resolve("metrics.jsonl"));
        }
        assertEquals(6, new CheckpointStore(Disk.REAL, run, Map.of()).newest().step());
    }
}
