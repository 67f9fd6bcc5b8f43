package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.train.Checkpoint;
import dev.elbo.train.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs that are killed at any moment, before their first checkpoint too, and started by the same command line again until they
 * are done, come to the same bytes. {@code -Delbo.kills=100} kills more often than the ordinary tests do.
 */
class KillTest {
    private static final int KILLS = Integer.getInteger("elbo.kills", 5);
    private static final int THOROUGH_KILLS = 60;
    private static final String[] RUN = {
        "--hidden",
        "16",
        "--latent",
        "3",
        "--epochs",
        "8",
        "--backend",
        "cpu",
        "--checkpoint-every",
        "3steps",
        "--batch",
        "64"
    };
    /** Most processes have not got to their first checkpoint by then. */
    private static final int STARTING_MILLIS = 1500;
    /** No process has made a folder by then. */
    private static final int SOONEST_MILLIS = 100;

    @TempDir
    private Path folder;

    private final SplittableRandom random = new SplittableRandom(Long.getLong("elbo.kills.seed", 1));

    private static String[] join(String[] first, String... more) {
        return Stream.concat(Arrays.stream(first), Arrays.stream(more)).toArray(String[]::new);
    }

    @Test
    void killedRunsComeToTheSameBytes() throws IOException, InterruptedException {
        killed(RUN, KILLS);
    }

    @Test
    @Tag("thorough")
    void oftenKilledRunsComeToTheSameBytes() throws IOException, InterruptedException {
        killed(RUN, THOROUGH_KILLS);
    }

    @Test
    @Tag("thorough")
    void killedRunsFromGivenWeightsComeToTheSameBytes() throws IOException, InterruptedException {
        Path source = folder.resolve("source");
        Path err = folder.resolve("err");
        assertEquals(
                0,
                TrainProcess.start(err, join(RUN, "--out", source.toString())).waitFor(),
                () -> read(err));
        killed(join(RUN, "--init-from", source.toString()), THOROUGH_KILLS / 2);
    }

    private void killed(String[] line, int wanted) throws IOException, InterruptedException {
        Path err = folder.resolve("err");
        Path whole = folder.resolve("whole");
        long start = System.nanoTime();
        assertEquals(
                0,
                TrainProcess.start(err, join(line, "--out", whole.toString())).waitFor(),
                () -> read(err));
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        int kills = 0;
        int early = 0;
        int begun = 0;
        int runs = 0;
        int resumed = 0;
        List<Path> finished = new ArrayList<>();
        while (kills < wanted || finished.size() < runs) {
            if (finished.size() == runs) {
                runs++;
            }
            Path run = folder.resolve("run" + runs);
            resumed += RunFolder.holdsRun(run) ? 1 : 0;
            Process process = TrainProcess.start(err, join(line, "--resume", "--out", run.toString()));
            boolean over = kills >= wanted
                    ? process.waitFor(120, TimeUnit.SECONDS)
                    : isOver(process, run, kills == 0 ? SOONEST_MILLIS : millis);
            if (!over) {
                process.destroyForcibly();
                // the run may have ended by itself just before
                over = process.waitFor() == 0;
            }
            if (over) {
                assertEquals(0, process.exitValue(), () -> read(err));
                TrainProcess.mustEqual(whole, run, "run " + runs);
                checkpointsMustEqual(whole, run);
                assertEquals(-1, Files.mismatch(whole.resolve("config.json"), run.resolve("config.json")));
                try (Stream<Path> files = Files.list(run)) {
                    assertTrue(files.noneMatch(file -> file.toString().endsWith(".tmp")), "nothing half done is left");
                }
                finished.add(run);
                continue;
            }
            assertEquals(137, process.exitValue(), "killed");
            kills++;
            if (!RunFolder.holdsRun(run)) {
                early++;
                begun += Files.exists(run) ? 1 : 0;
            }
        }
        assertTrue(resumed > 0, "some went on");
        assertTrue(early > 0, "some had no checkpoint");
        System.out.println(kills + " kills within " + millis + " ms, " + early
                + " of them before the first checkpoint, " + begun + " of these in a folder that was there, " + resumed
                + " times gone on, " + runs + " runs, all with the bytes of the undisturbed one");
    }

    /**
     * Waits for a moment to kill a process at; false where it came.
     *
     * @param millis that a run takes
     */
    private boolean isOver(Process process, Path run, long millis) throws IOException, InterruptedException {
        if (millis == SOONEST_MILLIS) {
            return process.waitFor(random.nextLong(millis), TimeUnit.MILLISECONDS);
        }
        if (!Files.exists(run)) {
            if (random.nextInt(4) == 0) {
                return process.waitFor(random.nextLong(STARTING_MILLIS), TimeUnit.MILLISECONDS);
            }
            // from the making of the folder to the first checkpoint it is some milliseconds
            while (process.isAlive() && !Files.exists(run)) {
                Thread.onSpinWait();
            }
            return process.waitFor(random.nextLong(10), TimeUnit.MILLISECONDS);
        }
        if (random.nextInt(4) == 0) {
            return process.waitFor(random.nextLong(millis), TimeUnit.MILLISECONDS);
        }
        // most of the time a process is still starting: wait for its first step
        String before = newest(run);
        while (process.isAlive() && newest(run).equals(before)) {
            Thread.sleep(1);
        }
        return process.waitFor(random.nextLong(200), TimeUnit.MILLISECONDS);
    }

    /** But for the times in them. */
    private static void checkpointsMustEqual(Path undisturbed, Path run) {
        Checkpoint expected = RunFolder.newest(undisturbed);
        Checkpoint actual = RunFolder.newest(run);
        assertEquals(expected.step(), actual.step());
        assertEquals(expected.run(), actual.run());
        assertEquals(expected.notes(), actual.notes());
        assertEquals(expected.tensors().keySet(), actual.tensors().keySet());
        expected.tensors().forEach((name, tensor) -> {
            assertArrayEquals(tensor.shape(), actual.tensors().get(name).shape(), name);
            assertTrue(
                    Objects.deepEquals(
                            tensor.array(), actual.tensors().get(name).array()),
                    name);
        });
    }

    private static String newest(Path run) throws IOException {
        if (!Files.isDirectory(run)) {
            return "";
        }
        try (Stream<Path> files = Files.list(run)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("checkpoint-"))
                    .max(String::compareTo)
                    .orElse("");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
