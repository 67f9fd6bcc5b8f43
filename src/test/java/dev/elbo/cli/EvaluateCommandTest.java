package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code elbo evaluate} as a user calls it. */
class EvaluateCommandTest {
    @TempDir
    private static Path folder;

    private static Result elbo(String... args) {
        return Result.of(args);
    }

    private static String[] command(String model, String... more) {
        return Stream.concat(
                        Stream.of("evaluate", folder.resolve(model).toString()),
                        List.of(more).contains("--backend")
                                ? Stream.of(more)
                                : Stream.concat(Stream.of("--backend", "cpu"), Stream.of(more)))
                .toArray(String[]::new);
    }

    private static JsonObject evaluate(String model, String... more) {
        Result result = elbo(command(
                model, Stream.concat(Stream.of("--json"), Stream.of(more)).toArray(String[]::new)));
        assertEquals(0, result.code(), result.err());
        return JsonParser.parseString(result.out()).getAsJsonObject();
    }

    private static void train(String name, String... more) {
        String[] base = {
            "train",
            "--hidden",
            "32",
            "--latent",
            "4",
            "--epochs",
            "4",
            "--backend",
            "cpu",
            "--out",
            folder.resolve(name).toString()
        };
        Result result = elbo(Stream.concat(Stream.of(base), Stream.of(more)).toArray(String[]::new));
        assertEquals(0, result.code(), result.err());
    }

    @BeforeAll
    static void train() {
        train("bernoulli", "--likelihood", "bernoulli");
        train("gaussian");
        train("plain", "--objective", "ae");
    }

    private static double number(JsonObject object, String name) {
        return object.get(name).getAsDouble();
    }

    @Test
    void theNumbersFitTogether() {
        JsonObject e = evaluate("bernoulli", "--importance-samples", "500", "--examples", "100", "--binarize");
        assertEquals(100, number(e, "examples"));
        assertEquals(100, number(e, "examples_total"));
        assertFalse(e.get("partial").getAsBoolean());
        assertEquals(-number(e, "reconstruction") - number(e, "kl"), number(e, "elbo"), 1e-9);
        assertTrue(number(e, "nll") <= number(e, "reconstruction") + number(e, "sampled_kl"));
        assertTrue(number(e, "nll") <= -number(e, "elbo") + 0.05);
        assertEquals(number(e, "kl"), number(e, "sampled_kl"), 0.05);
        JsonArray bounds = e.getAsJsonArray("bounds");
        assertEquals(4, bounds.size());
        double last = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < 4; i++) {
            JsonObject bound = bounds.get(i).getAsJsonObject();
            assertEquals(new int[] {1, 5, 50, 500}[i], bound.get("samples").getAsInt());
            assertTrue(number(bound, "bound") >= last);
            last = number(bound, "bound");
        }
        assertEquals(-number(e, "nll"), last);
        JsonObject gap = e.getAsJsonObject("posterior_gap");
        assertEquals(last - number(bounds.get(0).getAsJsonObject(), "bound"), number(gap, "value"), 1e-9);
        assertTrue(number(gap, "low") < number(gap, "value") && number(gap, "value") < number(gap, "high"));
        assertTrue(number(e, "nll_error_over_examples") > 5 * number(e, "nll_monte_carlo_error"));
        assertEquals(number(e, "nll") / (64 * Math.log(2)), number(e, "bits_per_dimension"), 1e-9);
        JsonObject effective = e.getAsJsonObject("effective_samples");
        assertTrue(number(effective, "least") >= 1 && number(effective, "mean") <= 500);
        double kl = 0;
        for (var unit : e.getAsJsonObject("units").getAsJsonArray("kl")) {
            kl += unit.getAsDouble();
        }
        assertEquals(number(e, "kl"), kl, 1e-4);
    }

    @Test
    void theElboIsThatOfTheDataAsAWhole() {
        JsonObject plain = evaluate("gaussian");
        JsonObject drawn = evaluate("gaussian", "--importance-samples", "200");
        assertEquals(number(plain, "elbo"), number(drawn, "elbo"), 1);
        assertEquals(number(plain, "kl"), number(drawn, "kl"), 1e-4);
        assertEquals(plain.get("units"), drawn.get("units"));
        assertEquals(number(plain, "examples"), number(drawn, "examples"));
        // 17 grey values a pixel: the density on [0, 1] times a step of 1/16
        assertEquals(number(drawn, "nll") / (64 * Math.log(2)) + 4, number(drawn, "bits_per_dimension"), 1e-6);
    }

    @Test
    void theTestMetricsOfTheRunAreRepeated() throws IOException {
        List<String> lines = Files.readAllLines(folder.resolve("gaussian/metrics.jsonl"));
        double trained = number(
                JsonParser.parseString(lines.get(lines.size() - 1))
                        .getAsJsonObject()
                        .getAsJsonObject("test"),
                "elbo");
        assertEquals(trained, number(evaluate("gaussian"), "elbo"), 1e-9);
        assertEquals(trained, number(evaluate("gaussian", "--backend", "reference"), "elbo"), 1e-4);
    }

    @Test
    void samplesRaiseTheBound() {
        JsonObject e = evaluate("gaussian", "--samples", "20");
        assertTrue(number(e, "bound") > number(e, "elbo"));
    }

    @Test
    void aTableAndAPicture() throws IOException {
        for (String samples : List.of("2", "60")) {
            Path picture = folder.resolve("p" + samples + ".png");
            Result result = elbo(command(
                    "bernoulli", "--importance-samples", samples, "--out", picture.toString(), "--examples", "40"));
            assertEquals(0, result.code(), result.err());
            assertEquals(1120, ImageIO.read(picture.toFile()).getWidth());
            for (String row : List.of(
                    "40 of 40 examples",
                    "ELBO ",
                    "NLL ",
                    "Monte Carlo s.e.",
                    "s.e. over examples",
                    "bound L_" + samples,
                    "posterior gap",
                    "effective samples",
                    "active units",
                    "posterior of this very model")) {
                assertTrue(result.out().contains(row), row + " in\n" + result.out());
            }
            assertFalse(result.out().contains("bits per dimension"), "grey targets have no likelihood");
        }
        Path units = folder.resolve("units.png");
        assertEquals(0, elbo(command("bernoulli", "--out", units.toString())).code());
        assertEquals(560, ImageIO.read(units.toFile()).getWidth());
    }

    @ParameterizedTest
    @CsvSource({
        "bernoulli, --importance-samples 1, --importance-samples must be at least 2",
        "bernoulli, --importance-samples 2000000000, at most 1000000000",
        "bernoulli, --importance-samples 9 --samples 9, one of them",
        "bernoulli, --examples 0, --examples must be at least 1",
        "bernoulli, --out x.pdf, .png",
        "gaussian, --importance-samples 9 --binarize, bernoulli",
        "plain, --importance-samples 9, plain autoencoder",
        "plain, --out x.png, plain autoencoder"
    })
    void mistakes(String model, String options, String named) {
        Result result = elbo(command(model, options.split(" ")));
        assertEquals(2, result.code(), result.err());
        String last = result.err().lines().reduce((first, second) -> second).orElseThrow();
        assertTrue(last.startsWith("elbo: ") && last.contains(named), result.err());
        assertEquals("", result.out());
    }

    @Test
    void trainingFollowsTheGap() throws IOException {
        train("gap", "--likelihood", "bernoulli", "--gap-every", "2", "--gap-samples", "100");
        List<JsonObject> lines = Files.readAllLines(folder.resolve("gap/metrics.jsonl")).stream()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .toList();
        assertEquals(
                List.of(false, true, false, true),
                lines.stream().map(line -> line.has("gap")).toList());
        // all 179 held-out examples are in it, and the weights are those of the last epoch
        JsonObject last = evaluate("gap", "--importance-samples", "100");
        assertEquals(number(last.getAsJsonObject("posterior_gap"), "value"), number(lines.get(3), "gap"), 1e-9);
        assertTrue(number(lines.get(3), "gap_monte_carlo_error") > 0);
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("bernoulli/model.safetensors")),
                Files.readAllBytes(folder.resolve("gap/model.safetensors")),
                "measuring changes nothing");
        for (String wrong : List.of("--gap-every -1", "--gap-samples 1", "--gap-every 1 --objective ae")) {
            String[] args = ("train --out " + folder.resolve("no") + " " + wrong).split(" ");
            assertEquals(2, elbo(args).code(), wrong);
        }
    }

    /** The process says how long it will take, hears the signal, and answers for what is finished. */
    @Test
    void aSignalCutsItShort() throws IOException, InterruptedException {
        Path out = folder.resolve("signal.json");
        List<String> command =
                JavaCommand.of(Main.class, command("bernoulli", "--json", "--importance-samples", "60000"));
        Process process = new ProcessBuilder(JavaCommand.interruptible(command))
                .redirectOutput(out.toFile())
                .start();
        try (BufferedReader err =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            boolean announced = false;
            String line = err.readLine();
            // the first group is through when a line says so
            while (line != null && !line.matches("(32|64|96|128|160) of 179 examples, .* left")) {
                announced |= line.matches("179 examples × 60,000 samples will take about .*");
                line = err.readLine();
            }
            assertTrue(announced && line != null, "announced " + announced + ", then " + line);
            assertEquals(
                    0,
                    new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                            .start()
                            .waitFor());
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it stops");
            assertEquals(130, process.exitValue());
            assertEquals("stopping", err.readLine());
        } finally {
            process.destroyForcibly();
        }
        JsonObject e = JsonParser.parseString(Files.readString(out)).getAsJsonObject();
        assertTrue(e.get("partial").getAsBoolean());
        assertEquals(179, number(e, "examples_total"));
        assertTrue(number(e, "examples") >= 32 && number(e, "examples") % 32 == 0, e.toString());
        assertTrue(number(e, "nll") > 0 && number(e, "nll_monte_carlo_error") > 0);
    }
}
