package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.JavaCommand;
import dev.elbo.io.Npy;
import dev.elbo.io.NpyArray;
import dev.elbo.io.SafeTensors;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command as a user calls it: results, messages, exit codes, files. */
class CommandLineTest {
    private static final String[] SMALL = {"--hidden", "32", "--latent", "4", "--epochs", "3", "--backend", "cpu"};

    @TempDir
    private Path folder;

    private static Result elbo(String... args) {
        return Result.of(args);
    }

    private static String[] join(String[] first, String... more) {
        return Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new);
    }

    private Path train(String name, String... more) {
        Path out = folder.resolve(name);
        Result result = elbo(join(join(new String[] {"train", "--out", out.toString()}, SMALL), more));
        assertEquals(0, result.code(), result.err());
        return out;
    }

    @Test
    void trainLeavesEverythingThatItPromises() throws IOException {
        Path run = train("run");
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        assertEquals(3, lines.size());
        JsonObject last = JsonParser.parseString(lines.get(2)).getAsJsonObject();
        assertEquals(3, last.get("epoch").getAsInt());
        assertEquals(3 * 13, last.get("step").getAsInt());
        JsonObject test = last.getAsJsonObject("test");
        assertEquals(
                test.get("elbo").getAsDouble(),
                -test.get("reconstruction").getAsDouble() - test.get("kl").getAsDouble(),
                1e-9);
        assertTrue(last.get("examples_per_second").getAsDouble() > 0);
        double first = JsonParser.parseString(lines.get(0))
                .getAsJsonObject()
                .getAsJsonObject("test")
                .get("elbo")
                .getAsDouble();
        assertTrue(test.get("elbo").getAsDouble() > first, "the ELBO rises");
        JsonObject configuration = JsonParser.parseString(Files.readString(run.resolve("config.json")))
                .getAsJsonObject();
        assertEquals(4, configuration.getAsJsonObject("model").get("latent").getAsInt());
        JsonObject training = configuration.getAsJsonObject("training");
        assertEquals(1e-3, training.getAsJsonObject("learning_rate").get("rate").getAsDouble());
        assertEquals(
                "constant",
                training.getAsJsonObject("learning_rate").get("decay").getAsString());
        SafeTensors model = SafeTensors.read(run.resolve("model.safetensors"));
        assertArrayEquals(
                new int[] {32, 64}, model.tensors().get("encoder.0.weight").shape());
        assertArrayEquals(
                new int[] {4, 32}, model.tensors().get("log_var.weight").shape());
        assertArrayEquals(new int[] {1}, model.tensors().get("output.log_var").shape());
        for (String picture : List.of("reconstructions.png", "samples.png", "curves.png")) {
            assertTrue(ImageIO.read(run.resolve(picture).toFile()).getWidth() > 100, picture);
        }
        try (Stream<Path> files = Files.list(run)) {
            assertEquals(
                    List.of(
                            ".lock",
                            "checkpoint-0000000039.safetensors",
                            "config.json",
                            "curves.png",
                            "metrics.jsonl",
                            "model.safetensors",
                            "reconstructions.png",
                            "samples.png"),
                    files.map(file -> file.getFileName().toString()).sorted().toList(),
                    "nothing else is left behind");
        }
    }

    @Test
    void theSameCommandGivesTheSameBytesForAnyNumberOfThreads() throws IOException {
        byte[] one = Files.readAllBytes(train("one", "--threads", "1").resolve("model.safetensors"));
        byte[] again = Files.readAllBytes(train("again", "--threads", "1").resolve("model.safetensors"));
        byte[] two = Files.readAllBytes(train("two", "--threads", "2").resolve("model.safetensors"));
        byte[] three = Files.readAllBytes(train("three", "--threads", "3").resolve("model.safetensors"));
        byte[] other = Files.readAllBytes(train("other", "--seed", "1").resolve("model.safetensors"));
        assertArrayEquals(one, again);
        assertArrayEquals(one, two);
        assertArrayEquals(one, three);
        assertFalse(Arrays.equals(one, other));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--likelihood gaussian",
                "--likelihood gaussian-learned",
                "--likelihood gaussian-learned --variance per-dimension",
                "--likelihood bernoulli",
                "--likelihood bernoulli --binarize",
                "--objective beta --beta-warmup 2",
                "--objective iwae --samples 3",
                "--objective ae",
                "--objective ae --likelihood bernoulli",
                "--samples 2 --kl sampled",
                "--hidden 24,16 --activation tanh --learning-rate-warmup 1 --learning-rate-decay cosine",
                "--batch 100000 --activation softplus",
                "--patience 2 --activation elu"
            })
    void everyKindOfModelTrainsAndIsUsed(String options) {
        Path run = train("run", options.split(" "));
        String model = run.toString();
        for (String[] use : new String[][] {
            {"evaluate", model, "--json"},
            {
                "reconstruct",
                model,
                "--count",
                "5",
                "--out",
                folder.resolve("r.npy").toString()
            },
            {"sample", model, "--count", "6", "--out", folder.resolve("s.png").toString()},
            {"encode", model, "--out", folder.resolve("e.npy").toString()}
        }) {
            Result result = elbo(join(use, "--backend", "cpu"));
            assertEquals(0, result.code(), result.err());
        }
        assertArrayEquals(new int[] {5, 64}, Npy.read(folder.resolve("r.npy")).shape());
        assertArrayEquals(new int[] {179, 4}, Npy.read(folder.resolve("e.npy")).shape());
    }

    @Test
    void whereTheDataAreIsSaidAndChangesNothing() throws IOException {
        Path resident = train("resident", "--data-on-device", "yes");
        Path streamed = folder.resolve("streamed");
        Result result =
                elbo(join(new String[] {"train", "--out", streamed.toString(), "--data-on-device", "no"}, SMALL));
        assertTrue(result.err().lines().findFirst().orElse("").endsWith("; data streamed from the host's memory"));
        assertArrayEquals(
                Files.readAllBytes(resident.resolve("model.safetensors")),
                Files.readAllBytes(streamed.resolve("model.safetensors")));
        assertTrue(Files.readString(streamed.resolve("config.json")).contains("\"data_placement\": \"streamed\""));
        for (String command : List.of("evaluate", "encode", "reconstruct")) {
            List<String> outputs = new ArrayList<>();
            for (String where : List.of("auto", "yes", "no")) {
                Path out = folder.resolve("out.npy");
                String[] use = {command, resident.toString(), "--backend", "cpu", "--data-on-device", where};
                Result used = elbo(command.equals("evaluate") ? use : join(use, "--out", out.toString()));
                assertEquals(0, used.code(), used.err());
                outputs.add(
                        command.equals("evaluate")
                                ? used.out()
                                : Arrays.toString(Npy.read(out).values()));
            }
            assertEquals(1, outputs.stream().distinct().count(), command);
        }
    }

    @Test
    void theHeldOutExamplesAreTheSameForEverySeed() throws IOException {
        Path first = train("first");
        Path second = train("second", "--seed", "5");
        JsonObject[] data = new JsonObject[2];
        for (int i = 0; i < 2; i++) {
            data[i] = JsonParser.parseString(Files.readString((i == 0 ? first : second).resolve("config.json")))
                    .getAsJsonObject()
                    .getAsJsonObject("data");
        }
        assertEquals(data[0], data[1]);
    }

    @Test
    void whatDoesNotFitIsSaidInOneLine() {
        Path run = train("run");
        String out = folder.resolve("x.png").toString();
        Result result = elbo("sample", run.toString(), "--count", "2000000", "--out", out, "--backend", "cpu");
        assertEquals(2, result.code(), result.err());
        assertTrue(result.err().contains("too large; show fewer"), result.err());
        assertEquals(2, elbo("evaluate", run.toString(), "--binarize").code());
    }

    @Test
    void whatAPlainAutoencoderLacksIsNullInItsMetrics() throws IOException {
        String line = Files.readAllLines(train("plain", "--objective", "ae").resolve("metrics.jsonl"))
                .get(0);
        JsonObject test = JsonParser.parseString(line).getAsJsonObject().getAsJsonObject("test");
        assertTrue(test.get("elbo").isJsonNull() && test.get("kl").isJsonNull(), line);
        assertTrue(test.get("reconstruction").isJsonPrimitive(), line);
    }

    @Test
    void encodeGivesMeansAndNoiseOnlyOnRequest() {
        Path run = train("run");
        double[] means = codes(run, "means");
        double[] again = codes(run, "again");
        double[] drawn = codes(run, "drawn", "--noise");
        double[] sameSeed = codes(run, "same", "--noise", "--seed", "0");
        assertArrayEquals(means, again);
        assertArrayEquals(drawn, sameSeed);
        assertNotEquals(means[0], drawn[0]);
    }

    private double[] codes(Path run, String name, String... more) {
        Path out = folder.resolve(name + ".npy");
        Result result = elbo(join(new String[] {"encode", run.toString(), "--out", out.toString()}, more));
        assertEquals(0, result.code(), result.err());
        NpyArray array = Npy.read(out);
        return array.values();
    }

    @Test
    void greyTargetsAreReadAsProbabilitiesAndSaidOnce() {
        Path out = folder.resolve("run");
        Result result = elbo(join(new String[] {"train", "--out", out.toString(), "--likelihood", "bernoulli"}, SMALL));
        assertEquals(0, result.code());
        assertEquals(
                1, result.err().lines().filter(line -> line.contains("grey")).count(), result.err());
    }

    static List<Arguments> mistakes() {
        List<Arguments> rows = new ArrayList<>();
        rows.add(Arguments.of(2, "train --no-such-option", "--no-such-option"));
        rows.add(Arguments.of(2, "no-such-command", "no-such-command"));
        rows.add(Arguments.of(2, "train --latent 0", "latent must be at least 1, not 0"));
        rows.add(Arguments.of(2, "train --latent x", "--latent"));
        rows.add(Arguments.of(2, "train --hidden 10,0", "hidden"));
        rows.add(Arguments.of(2, "train --activation gelu", "gelu"));
        rows.add(Arguments.of(2, "train --likelihood poisson", "poisson"));
        rows.add(Arguments.of(2, "train --objective gan", "gan"));
        rows.add(Arguments.of(2, "train --epochs 0", "epochs must be at least 1, not 0"));
        rows.add(Arguments.of(2, "train --batch -1", "batch must be at least 1, not -1"));
        rows.add(Arguments.of(2, "train --learning-rate 0", "learning-rate"));
        rows.add(Arguments.of(2, "train --learning-rate NaN", "learning-rate"));
        rows.add(Arguments.of(2, "train --beta -1", "beta must be at least 0"));
        rows.add(Arguments.of(2, "train --samples 0", "samples"));
        rows.add(Arguments.of(2, "train --objective iwae --beta 2", "beta"));
        rows.add(Arguments.of(2, "train --objective iwae --beta-warmup 2", "beta-warmup"));
        rows.add(Arguments.of(2, "train --objective ae --kl sampled", "--kl"));
        rows.add(Arguments.of(2, "train --kl exact", "exact"));
        rows.add(Arguments.of(
                2, "train --objective constrained", "exactly one of --kl-target and --reconstruction-target"));
        rows.add(Arguments.of(
                2, "train --objective constrained --kl-target 3 --reconstruction-target 9", "exactly one of"));
        rows.add(Arguments.of(
                2, "train --objective constrained --kl-target 0", "--kl-target: the target must be above 0"));
        rows.add(Arguments.of(2, "train --objective constrained --kl-target 3 --beta 2", "beta"));
        rows.add(Arguments.of(2, "train --kl-target 3", "--objective constrained"));
        rows.add(Arguments.of(2, "train --free-bits -1", "--free-bits must be above 0"));
        rows.add(Arguments.of(2, "train --free-bits 1 --kl sampled", "analytic"));
        rows.add(Arguments.of(2, "train --capacity 5", "--objective beta"));
        rows.add(Arguments.of(2, "train --objective beta --capacity 5 --free-bits 1", "exclude"));
        rows.add(Arguments.of(2, "train --objective dreg --beta 2", "beta"));
        rows.add(Arguments.of(2, "train --multiplier-rate 1", "--objective constrained"));
        rows.add(Arguments.of(2, "train --objective ae --samples 2", "samples"));
        rows.add(Arguments.of(2, "train --out  --epochs 1", "--out"));
        rows.add(Arguments.of(2, "train --epochs 1 --data  --batch 9", "data source is empty"));
        rows.add(Arguments.of(4, "train --samples 2000000000", "2^31 rows"));
        rows.add(Arguments.of(2, "train --data fashion-minst", "fashion-mnist"));
        rows.add(Arguments.of(2, "data", "list"));
        rows.add(Arguments.of(2, "train --binarize --likelihood gaussian", "bernoulli"));
        rows.add(Arguments.of(2, "train --backend tpu", "tpu"));
        rows.add(Arguments.of(2, "train --threads -1", "--threads"));
        rows.add(Arguments.of(2, "train --data-on-device maybe", "not one of auto, yes, no"));
        rows.add(Arguments.of(2, "train --threads 200000", "--threads"));
        rows.add(Arguments.of(6, "train --epochs 1 --batch 5000 --learning-rate 1e30", "after step 1 (epoch 1)"));
        rows.add(Arguments.of(2, "train --backend cuda:x", "cuda:x"));
        rows.add(Arguments.of(2, "train --precision fp8", "fp8"));
        rows.add(Arguments.of(4, "train --backend cpu --precision tf32", "tf32"));
        rows.add(Arguments.of(3, "train --data /no/such/file", "/no/such/file"));
        rows.add(Arguments.of(3, "train --data $/truncated.idx", "truncated.idx"));
        rows.add(Arguments.of(3, "train --data $/magic.idx", "magic.idx"));
        rows.add(Arguments.of(7, "train --out /proc/elbo-cannot-write", "/proc/elbo-cannot-write"));
        rows.add(Arguments.of(7, "train --out $/truncated.idx", "truncated.idx"));
        rows.add(Arguments.of(3, "evaluate $/no-model", "no-model"));
        rows.add(Arguments.of(3, "evaluate $/magic.idx", "magic.idx"));
        rows.add(Arguments.of(2, "evaluate $/no-model --samples 0", "--samples"));
        rows.add(Arguments.of(2, "sample $/no-model --out x.gif", ".npy"));
        rows.add(Arguments.of(2, "encode $/no-model --out x.npy --data-on-device 1", "--data-on-device '1'"));
        rows.add(Arguments.of(2, "verify --op nothing", "nothing"));
        rows.add(Arguments.of(3, "verify --golden $/nowhere", "nowhere"));
        return rows;
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void mistakesGetOneClearLineAndTheirExitCode(int code, String command, String named) throws IOException {
        Files.write(folder.resolve("truncated.idx"), new byte[] {0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 2, 0, 0, 0, 2, 1});
        Files.write(folder.resolve("magic.idx"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        List<String> args = new ArrayList<>();
        for (String arg : command.replace("$", folder.toString()).split(" ")) {
            args.add(arg);
        }
        boolean needsOut = args.get(0).equals("train") && !args.contains("--out");
        if (needsOut) {
            args.addAll(List.of("--out", folder.resolve("out").toString()));
        }
        Result result = elbo(args.toArray(String[]::new));
        assertEquals(code, result.code(), result.err());
        List<String> lines = result.err()
                .lines()
                .filter(line -> !line.startsWith("backend "))
                .toList();
        assertEquals(1, lines.size(), result.err());
        assertTrue(lines.get(0).startsWith("elbo: ") && lines.get(0).contains(named), result.err());
        assertFalse(Files.exists(folder.resolve("out/model.safetensors")));
    }

    @Test
    void helpIsEverywhere() {
        for (String command : List.of(
                "", "train", "evaluate", "reconstruct", "sample", "encode", "score", "probe", "verify", "data")) {
            Result result = elbo((command + " --help").trim().split(" "));
            assertEquals(0, result.code(), command);
            assertTrue(result.out().contains("Usage: elbo"), result.out());
        }
    }

    @Test
    void stdoutThatIsGoneEndsQuietly() {
        PrintWriter gone = new PrintWriter(new Writer() {
            @Override
            public void write(char[] chars, int from, int count) throws IOException {
                throw new IOException("Broken pipe");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
        StringWriter err = new StringWriter();
        assertEquals(7, Main.run(new String[] {"data", "list"}, gone, new PrintWriter(err)));
        assertEquals("", err.toString());
    }

    @Test
    void resultsThatCannotBeWrittenAreNoSuccess() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(JavaCommand.of(Main.class, "data", "list"))
                .redirectOutput(new File("/dev/full"))
                .redirectError(folder.resolve("err").toFile())
                .start();
        assertEquals(7, process.waitFor());
        assertEquals("", Files.readString(folder.resolve("err")));
    }
}
