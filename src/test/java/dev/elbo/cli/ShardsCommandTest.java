package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code train --shards}: S decides the bytes of a run, threads do not. */
class ShardsCommandTest {
    @TempDir
    private Path folder;

    private static Result train(Path out, String... more) {
        return Result.of(Stream.concat(
                        Stream.of("train", "--hidden", "16", "--latent", "3", "--out", out.toString()), Stream.of(more))
                .toArray(String[]::new));
    }

    private byte[] model(String name, String... more) throws IOException {
        Path out = folder.resolve(name);
        List<String> given = new ArrayList<>(List.of("--backend", "cpu"));
        given.addAll(List.of(more));
        if (!given.contains("--epochs")) {
            given.addAll(List.of("--epochs", "1"));
        }
        train(out, given.toArray(String[]::new)).mustWork();
        return Files.readAllBytes(out.resolve("model.safetensors"));
    }

    @Test
    void threadsDoNotDecideTheBytes() throws IOException {
        byte[] one = model("1", "--shards", "4", "--threads", "1");
        assertArrayEquals(one, model("2", "--shards", "4", "--threads", "2"));
        assertArrayEquals(one, model("4", "--shards", "4", "--threads", "4", "--data-on-device", "no"));
        byte[] today = model("today");
        assertArrayEquals(today, model("one", "--shards", "1"));
        assertFalse(Arrays.equals(one, today), "another number of shards is another run");
        String configuration = Files.readString(folder.resolve("1/config.json"));
        assertTrue(configuration.contains("\"shards\": 4"), configuration);
        assertFalse(Files.readString(folder.resolve("today/config.json")).contains("shards"));
    }

    @Test
    void aTableIsStandardisedOverTheShards() throws IOException {
        Path table = folder.resolve("table.csv");
        StringBuilder rows = new StringBuilder("a,b,c\n");
        for (int i = 0; i < 200; i++) {
            rows.append(i % 7 * 0.37 + 1e3)
                    .append(',')
                    .append(i % 3 == 0 ? "" : Math.sqrt(i))
                    .append(',')
                    .append(i % 2 == 0 ? "yes" : "no")
                    .append('\n');
        }
        Files.writeString(table, rows);
        String[] given = {"--data", table.toString(), "--likelihood", "columns", "--shards", "8", "--batch", "64"};
        byte[] one = model("a", given);
        assertArrayEquals(
                one,
                model(
                        "b",
                        Stream.concat(Stream.of(given), Stream.of("--threads", "3"))
                                .toArray(String[]::new)));
    }

    @Test
    void theRunIsResumedWithItsShards() throws IOException {
        byte[] whole = model("whole", "--shards", "2", "--epochs", "3");
        Path out = folder.resolve("part");
        train(out, "--shards", "2", "--backend", "cpu", "--epochs", "1").mustWork();
        Result.of("train", "--resume", "--epochs", "3", "--threads", "3", "--out", out.toString())
                .mustWork();
        assertArrayEquals(whole, Files.readAllBytes(out.resolve("model.safetensors")));
        Result.of("train", "--resume", "--epochs", "4", "--shards", "4", "--out", out.toString())
                .mustFail(2, "training.shards is 2 there and 4 here");
    }

    @Test
    void localStepsAreThoseOfTheRun() throws IOException {
        String[] given = {"--shards", "2", "--local-steps", "5"};
        byte[] one = model("local", given);
        assertArrayEquals(one, model("threads", "--shards", "2", "--local-steps", "5", "--threads", "3"));
        assertFalse(Arrays.equals(one, model("each", "--shards", "2")), "averages of several steps are other steps");
        Path out = folder.resolve("local");
        Result.of("train", "--resume", "--epochs", "2", "--local-steps", "6", "--out", out.toString())
                .mustFail(2, "training.local_steps is 5 there and 6 here");
        Result.of("train", "--resume", "--epochs", "2", "--out", out.toString()).mustWork();
        assertArrayEquals(
                Files.readAllBytes(out.resolve("model.safetensors")),
                model("two", "--shards", "2", "--local-steps", "5", "--epochs", "2"));
        train(folder.resolve("x"), "--local-steps", "0").mustFail(2, "--local-steps must be at least 1, not 0");
        train(folder.resolve("x"), "--local-steps", "2", "--objective", "constrained", "--kl-target", "5")
                .mustFail(2, "--local-steps is 2, but the multiplier of a constraint");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--shards 3 | --shards must divide --batch, 128, and 3 does not",
                "--shards 0 | --shards must be at least 1, not 0",
                "--shards 4 --backend cpu,cpu | --backend cpu,cpu: several backends are devices, such as cuda:0,cuda:1",
                "--shards 4 --backend cuda:0,cuda:0 | names cuda:0 twice",
                "--shards 4 --backend cuda:0, | several backends are devices",
                "--shards 2048 --batch 2048 --backend cpu | --shards must be at most the number of training examples, 1618",
            })
    void whatCannotBeIsRefused(String options, String message) {
        train(folder.resolve("x"), options.split(" ")).mustFail(2, message.split("\\|"));
        assertFalse(Files.exists(folder.resolve("x/model.safetensors")));
    }

    @ParameterizedTest
    @CsvSource({"--batch,96,--shards,7", "--preset,small,--shards,3", "--batch,96,--shards,0"})
    void aBenchmarkRefusesShardsThatDoNotDivideItsBatch(String first, String value, String option, String shards) {
        Result.of("bench", "step", first, value, option, shards)
                .mustFail(2, "--shards must divide batch, " + (value.equals("96") ? 96 : 128) + ", and " + shards);
    }

    @Test
    void onlyTrainingTakesSeveralBackends() throws IOException {
        model("m");
        Path model = folder.resolve("m/model.safetensors");
        for (List<String> command : List.of(
                List.of(
                        "score",
                        model.toString(),
                        "--data",
                        "digits",
                        "--out",
                        folder.resolve("s.csv").toString()),
                List.of("evaluate", model.toString(), "--data", "digits"))) {
            Result.of(Stream.concat(command.stream(), Stream.of("--backend", "cuda:0,cuda:1"))
                            .toArray(String[]::new))
                    .mustFail(2, "only 'train --shards' computes on several backends; name one");
        }
    }
}
