package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.cuda.OnDevice;
import dev.elbo.io.Npy;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on the CUDA backend: what they write is what the CPU writes. */
@OnDevice(checked = false)
class CudaCommandTest {
    @TempDir
    private Path folder;

    private String err;

    private String elbo(String... args) {
        StringWriter out = new StringWriter();
        StringWriter messages = new StringWriter();
        int code = Main.run(args, new PrintWriter(out), new PrintWriter(messages));
        err = messages.toString();
        assertEquals(0, code, String.join(" ", args) + "\n" + err);
        return out.toString();
    }

    private Path train(String backend, String... more) {
        Path out = folder.resolve(String.join("", more) + backend);
        elbo(Stream.concat(
                        Stream.of(
                                "train",
                                "--backend",
                                backend,
                                "--out",
                                out.toString(),
                                "--hidden",
                                "32",
                                "--latent",
                                "4",
                                "--epochs",
                                "2"),
                        Stream.of(more))
                .toArray(String[]::new));
        return out;
    }

    private static JsonObject lastEpoch(Path run) throws IOException {
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        return JsonParser.parseString(lines.get(lines.size() - 1)).getAsJsonObject();
    }

    @Test
    void trainEvaluateEncodeReconstructAndSample() throws IOException {
        Path cpu = train("cpu");
        Path cuda = train("cuda");
        assertTrue(err.contains("backend cuda: cuda:0 ("), err);
        for (String part : List.of("train", "test")) {
            JsonObject expected = lastEpoch(cpu).getAsJsonObject(part);
            JsonObject actual = lastEpoch(cuda).getAsJsonObject(part);
            for (String value : List.of("elbo", "loss", "reconstruction", "kl")) {
                double e = expected.get(value).getAsDouble();
                assertEquals(e, actual.get(value).getAsDouble(), 1e-3 * Math.max(1, Math.abs(e)), part + " " + value);
            }
        }
        String recorded = JsonParser.parseString(Files.readString(cuda.resolve("config.json")))
                .getAsJsonObject()
                .get("backend")
                .getAsString();
        assertTrue(recorded.startsWith("cuda: cuda:0 ("), recorded);

        assertArrayEquals(codes("cpu", cpu), codes("cuda", cpu), 1e-5);
        double expected = elboOf(elbo("evaluate", cpu.toString(), "--backend", "cpu", "--json"));
        double actual = elboOf(elbo("evaluate", cpu.toString(), "--backend", "cuda", "--json"));
        assertEquals(expected, actual, 1e-5 * Math.abs(expected));
        elbo("reconstruct", cpu.toString(), "--backend", "cuda", "--out", file("images.png"));
        for (String option : List.of("--no-draw", "--draw")) {
            elbo("sample", cpu.toString(), "--backend", "cuda", "--count", "3", option, "--out", file("cuda.npy"));
            elbo("sample", cpu.toString(), "--backend", "cpu", "--count", "3", option, "--out", file("cpu.npy"));
            assertArrayEquals(
                    Npy.read(folder.resolve("cpu.npy")).values(),
                    Npy.read(folder.resolve("cuda.npy")).values(),
                    1e-5,
                    option);
        }
    }

    /** Log weights, their sums, and the gap along training; where the data are changes no bit. */
    @Test
    void marginalLikelihood() throws IOException {
        Path run = train("cuda", "--likelihood", "bernoulli", "--gap-every", "2", "--gap-samples", "40");
        assertTrue(lastEpoch(run).get("gap").getAsDouble() > 0);
        JsonObject[] estimates = new JsonObject[3];
        String[][] ways = {{"cpu", "auto"}, {"cuda", "yes"}, {"cuda", "no"}};
        for (int i = 0; i < 3; i++) {
            estimates[i] = JsonParser.parseString(elbo(
                            "evaluate",
                            run.toString(),
                            "--backend",
                            ways[i][0],
                            "--data-on-device",
                            ways[i][1],
                            "--importance-samples",
                            "40",
                            "--json"))
                    .getAsJsonObject();
            estimates[i].remove("seconds");
        }
        assertEquals(estimates[1], estimates[2]);
        for (String value : List.of("nll", "elbo", "kl", "sampled_kl", "nll_monte_carlo_error")) {
            double expected = estimates[0].get(value).getAsDouble();
            assertEquals(expected, estimates[1].get(value).getAsDouble(), 1e-4 * Math.abs(expected), value);
        }
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private double[] codes(String backend, Path model) {
        String out = file("codes-" + backend + ".npy");
        elbo("encode", model.toString(), "--backend", backend, "--out", out);
        return Npy.read(Path.of(out)).values();
    }

    private static double elboOf(String json) {
        return JsonParser.parseString(json).getAsJsonObject().get("elbo").getAsDouble();
    }

    @Test
    void everyObjectiveAndPrecisionTrains() {
        for (String options : List.of(
                "--objective iwae --samples 3",
                "--objective ae --precision tf32",
                "--likelihood gaussian-learned --precision bf16",
                "--likelihood bernoulli --binarize --data-on-device no")) {
            Path out = train("cuda", options.split(" "));
            assertTrue(Files.exists(out.resolve("model.safetensors")), options);
        }
        assertTrue(err.contains("streamed"), err);
    }

    @Test
    void autoTakesIt() {
        train("auto");
        assertTrue(err.contains("backend cuda: ") && err.contains("(auto: "), err);
    }

    @Test
    void verifyAndDoctorSayOnWhatTheyLooked() {
        String verified = elbo("verify", "--backend", "cuda", "--op", "adam");
        assertTrue(verified.contains("cuda: cuda:0 (") && verified.contains("all hold"), verified);
        String all = elbo("verify", "--op", "advance");
        assertTrue(all.contains("cuda: cuda:0 (") && all.contains("reference: "), all);
        String report = elbo("doctor");
        for (String subject : List.of("driver", "cuda:0", "cuBLAS on cuda:0", "kernels on cuda:0", "known answers")) {
            assertTrue(
                    report.lines()
                            .anyMatch(line -> line.startsWith("cuda ")
                                    && line.contains("  ok  ")
                                    && line.contains("  " + subject + ": ")),
                    subject + "\n" + report);
        }
        JsonObject json = JsonParser.parseString(elbo("doctor", "--json")).getAsJsonObject();
        assertEquals(
                report.lines().filter(line -> !line.contains(" to do: ")).count(),
                json.getAsJsonArray("findings").size(),
                String.format(Locale.ROOT, "%s%n%s", report, json));
    }
}
