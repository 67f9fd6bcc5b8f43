package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One command line begins a run with {@code --resume}, and goes on with it. */
class StartOrResumeTest {
    private static final String LINE =
            "train --data digits --hidden 16 --latent 3 --likelihood bernoulli --batch 100 --epochs 2 --backend cpu --resume";

    @TempDir
    private static Path undisturbed;

    @TempDir
    private Path folder;

    @BeforeAll
    static void undisturbed() {
        elbo(LINE.replace(" --resume", ""), undisturbed).mustWork();
    }

    private static Result elbo(String command, Path out) {
        return Result.of(Stream.concat(Stream.of(command.split(" ")), Stream.of("--out", out.toString()))
                .toArray(String[]::new));
    }

    private record Content(FileTime written, int hash) {}

    /** By their names, so that a file that was written again is another. */
    private static Map<Path, Content> files(Path run) throws IOException {
        Map<Path, Content> found = new TreeMap<>();
        try (Stream<Path> files = Files.list(run)) {
            for (Path file : files.toList()) {
                found.put(
                        file, new Content(Files.getLastModifiedTime(file), Arrays.hashCode(Files.readAllBytes(file))));
            }
        }
        return found;
    }

    @Test
    void itBeginsWhereThereIsNoFolder() throws IOException {
        Path run = folder.resolve("a/b/run");
        elbo(LINE, run).mustWork();
        TrainProcess.mustEqual(undisturbed, run, "no folder");
        assertEquals(-1, Files.mismatch(undisturbed.resolve("config.json"), run.resolve("config.json")));
    }

    /** What a process leaves that is killed before its first checkpoint, moment by moment. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".lock",
                ".lock .config.json.0123456789abcdef.tmp",
                ".lock config.json",
                ".lock config.json .metrics.jsonl.0123456789abcdef.tmp",
                ".lock config.json metrics.jsonl",
                ".lock config.json metrics.jsonl .checkpoint-0000000000.safetensors.0123456789abcdef.tmp"
            })
    void itBeginsWhereARunHadNoCheckpointYet(String left) throws IOException {
        for (String name : left.isEmpty() ? new String[0] : left.split(" ")) {
            boolean empty = name.equals(".lock") || name.equals("metrics.jsonl");
            Files.writeString(folder.resolve(name), empty ? "" : "{\"half\":");
        }
        elbo(LINE, folder).mustWork();
        TrainProcess.mustEqual(undisturbed, folder, left);
        assertEquals(-1, Files.mismatch(undisturbed.resolve("config.json"), folder.resolve("config.json")));
        assertFalse(
                files(folder).keySet().stream().anyMatch(file -> file.toString().endsWith(".tmp")));
    }

    @Test
    void otherFilesInTheFolderStay() throws IOException {
        Files.writeString(folder.resolve("photo.png"), "mine");
        Files.createDirectory(folder.resolve("more"));
        elbo(LINE, folder).mustWork();
        TrainProcess.mustEqual(undisturbed, folder, "beside other files");
        assertEquals("mine", Files.readString(folder.resolve("photo.png")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", "metrics.jsonl"})
    void whatLooksLikeAnotherRunIsNotReplaced(String name) throws IOException {
        Files.writeString(folder.resolve(name), "mine");
        Map<Path, Content> before = files(folder);
        elbo(LINE, folder).mustFail(2, "holds a run already, without a checkpoint", "remove this one");
        elbo("train --resume", folder).mustFail(2, "holds no checkpoint");
        assertEquals(before, files(folder));
    }

    @Test
    void aFileIsNoFolder() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");
        elbo(LINE, file).mustFail(7, "is a file, not a folder");
        assertEquals("mine", Files.readString(file));
    }

    /** What may be given anew to a run that goes on does not say what to train where there is none. */
    @Test
    void aTypingErrorInTheFolderBeginsNothing() {
        Path none = folder.resolve("none");
        for (String options : new String[] {
            "",
            " --epochs 9",
            " --backend cpu --threads 1 --precision fp32 --on-nan rollback --data-on-device no",
            " --checkpoint-every 2epochs --gap-every 1 --gap-samples 9",
            " --dry-run"
        }) {
            elbo("train --resume" + options, none)
                    .mustFail(2, none.toString(), "holds no checkpoint", "give the --out of a run");
        }
        assertFalse(Files.exists(none));
    }

    @Test
    void itGoesOnWithWhatIsThereAndSaysWhenItIsDone() throws IOException {
        elbo(LINE, folder).mustWork();
        Map<Path, Content> before = files(folder);
        Result again = elbo(LINE, folder).mustWork();
        assertTrue(again.out().contains("the run is finished, after epoch 2 of 2"), again.out());
        assertEquals(before, files(folder));
        elbo(LINE.replace("--latent 3", "--latent 4 --seed 5"), folder)
                .mustFail(2, "model.latent is 3 there and 4 here", "training.seed is 0 there and 5 here");
        assertEquals(before, files(folder));
        Files.delete(folder.resolve("model.safetensors"));
        Result on = elbo(LINE, folder).mustWork();
        assertTrue(on.err().contains("resuming after step 34 of 34"), on.err());
        TrainProcess.mustEqual(undisturbed, folder, "gone on");
    }

    @Test
    void aDamagedRunIsNotBegunAnew() throws IOException {
        elbo(LINE, folder).mustWork();
        Path checkpoint = folder.resolve("checkpoint-0000000034.safetensors");
        byte[] bytes = Files.readAllBytes(checkpoint);
        bytes[bytes.length / 2] ^= 1;
        Files.write(checkpoint, bytes);
        Map<Path, Content> before = files(folder);
        elbo(LINE, folder).mustFail(3, checkpoint.toString(), "digest");
        assertEquals(before, files(folder));
    }

    @Test
    void aDryRunTellsOfTheWholeRunAndWritesNothing() {
        Path none = folder.resolve("none");
        Result told = elbo(LINE + " --dry-run --json", none).mustWork();
        assertTrue(told.out().contains("\"steps_done\": 0"), told.out());
        assertFalse(Files.exists(none));
    }
}
