package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.train.Checkpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs that are killed at any moment, and gone on with until they are done, come to the same bytes. {@code
 * -Delbo.kills=100} kills more often than the ordinary tests do.
 */
class KillTest {
    private static final int KILLS = Integer.getInteger("elbo.kills", 5);
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

    @TempDir
    private Path folder;

    private static String[] join(String[] first, String... more) {
        return Stream.concat(Arrays.stream(first), Arrays.stream(more)).toArray(String[]::new);
    }

    @Test
    void killedRunsComeToTheSameBytes() throws IOException, InterruptedException {
        Path err = folder.resolve("err");
        Path whole = folder.resolve("whole");
        long start = System.nanoTime();
        assertEquals(
                0, TrainProcess.start(err, join(RUN, "--out", whole.toString())).waitFor(), () -> read(err));
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        SplittableRandom random = new SplittableRandom(Long.getLong("elbo.kills.seed", 1));
        int kills = 0;
        int runs = 0;
        int resumed = 0;
        List<Path> finished = new ArrayList<>();
        while (kills < KILLS || finished.size() < runs) {
            if (finished.size() == runs) {
                runs++;
            }
            Path run = folder.resolve("run" + runs);
            boolean goesOn = Files.isDirectory(run) && Checkpoints.in(run);
            Process process = goesOn
                    ? TrainProcess.start(err, "--resume", "--out", run.toString())
                    : TrainProcess.start(err, join(RUN, "--out", run.toString()));
            resumed += goesOn ? 1 : 0;
            boolean over;
            if (kills >= KILLS) {
                over = process.waitFor(120, TimeUnit.SECONDS);
            } else if (random.nextInt(4) == 0) {
                over = process.waitFor(random.nextLong(millis), TimeUnit.MILLISECONDS);
            } else {
                // most of the time a process is still starting: wait for its first step
                String before = newest(run);
                while (process.isAlive() && newest(run).equals(before)) {
                    Thread.sleep(1);
                }
                over = process.waitFor(random.nextLong(200), TimeUnit.MILLISECONDS);
            }
            if (!over) {
                process.destroyForcibly();
                assertEquals(137, process.waitFor(), "killed");
                kills++;
                continue;
            }
            assertEquals(0, process.exitValue(), () -> read(err));
            TrainProcess.mustEqual(whole, run, "run " + runs);
            try (Stream<Path> files = Files.list(run)) {
                assertTrue(files.noneMatch(file -> file.toString().endsWith(".tmp")), "nothing half done is left");
            }
            finished.add(run);
        }
        assertTrue(resumed > 0, "some went on");
        System.out.println(kills + " kills within " + millis + " ms, " + resumed + " times gone on, " + runs
                + " runs, all with the bytes of the undisturbed one");
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
