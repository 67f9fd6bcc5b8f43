package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks as a user calls them, on the CPU. */
class BenchCommandTest {
    @TempDir
    private Path folder;

    private String out;
    private String err;

    /** Small and short. */
    @BeforeEach
    void dryRun() {
        System.setProperty("elbo.bench.host", "true");
    }

    @AfterEach
    void endRehearsal() {
        System.clearProperty("elbo.bench.host");
    }

    private int elbo(String... args) {
        StringWriter results = new StringWriter();
        StringWriter messages = new StringWriter();
        int code = Main.run(args, new PrintWriter(results), new PrintWriter(messages));
        out = results.toString();
        err = messages.toString();
        return code;
    }

    private static JsonObject read(Path file) throws IOException {
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }

    @Test
    void aStepOnTheCpu() throws IOException {
        Path file = folder.resolve("step.json");
        String line = "bench step --backend cpu --threads 1 --inputs 12 --hidden 8 --latent 3 --batch 4 --rounds 3"
                + " --objective iwae --samples 2 --json " + file;
        assertEquals(0, elbo(line.split(" ")), err);
        assertTrue(out.contains("12-8-3, relu, gaussian, iwae with 2 samples, batch 4"), out);
        assertTrue(err.contains("timing 5 rounds"), err);
        JsonObject json = read(file);
        assertEquals("elbo " + line, json.get("command").getAsString());
        for (String name : new String[] {"date", "elbo", "jdk", "os", "device", "description"}) {
            assertTrue(!json.get(name).getAsString().isEmpty(), name);
        }
        assertEquals("wall clock", json.get("clock").getAsString());
        assertEquals(1, json.get("steps_per_program").getAsInt());
        JsonObject wall = json.getAsJsonObject("wall_microseconds");
        assertEquals(3, wall.get("measurements").getAsInt());
        assertTrue(wall.get("median").getAsDouble() > 0, wall.toString());
        double images = json.getAsJsonObject("images_per_second").get("median").getAsDouble();
        assertEquals(4e6 / wall.get("median").getAsDouble(), images, 1e-6 * images);
        assertTrue(json.get("floor_over_time").getAsDouble() > 0, json.toString());
        assertTrue(json.getAsJsonObject("rates").has("copy_gigabytes_per_second"), json.toString());
        JsonObject loss = json.getAsJsonObject("loss");
        assertEquals(10, loss.get("steps").getAsInt());
        double difference = loss.get("relative_difference").getAsDouble();
        assertTrue(difference > 0 && difference < 1e-5, loss.toString());
    }

    @Test
    void anOperationOnTheCpu() throws IOException {
        Path file = folder.resolve("kernels.json");
        assertEquals(
                0, elbo("bench", "kernels", "--backend", "cpu", "--op", "gaussianKl", "--json", file.toString()), err);
        assertTrue(out.contains("copy ") && out.contains("product fp32"), out);
        assertEquals(
                2, out.lines().filter(line -> line.startsWith("gaussianKl ")).count(), out);
        JsonObject json = read(file);
        JsonObject rates = json.getAsJsonObject("rates");
        assertTrue(
                rates.getAsJsonObject("copy_gigabytes_per_second").get("median").getAsDouble() > 0);
        assertEquals(1, rates.getAsJsonObject("product_teraflops").size());
        assertEquals(2, json.getAsJsonArray("rows").size());
        for (var row : json.getAsJsonArray("rows")) {
            JsonObject cold = row.getAsJsonObject().getAsJsonObject("cold");
            double bytes = row.getAsJsonObject().get("bytes").getAsDouble();
            double micros = cold.getAsJsonObject("microseconds").get("median").getAsDouble();
            assertEquals(bytes / micros * 1e-3, cold.get("gigabytes_per_second").getAsDouble(), 1e-6 * bytes / micros);
        }
    }

    @Test
    void wrongOptionsAreUsageErrors() {
        Map.of(
                        "bench", "kernels, step, inference, growth, open",
                        "bench kernels --op nonsense", "'nonsense' is not one of activate, activateGrad, adam",
                        "bench kernels --backend cpu --bytes -1", "--bytes must be at least",
                        "bench step --preset huge", "'huge' is not one of small, large, iwae50, conv",
                        "bench step --preset small --batch 3", "--preset defines the step",
                        "bench step --rounds 0", "--rounds must be at least 1",
                        "bench step --batch 0", "--batch must be at least 1",
                        "bench step --objective ae", "'ae' is not one of vae, iwae",
                        "bench step --samples 0", "--samples must be at least 1")
                .forEach((line, message) -> {
                    assertEquals(2, elbo(line.split(" ")), line + "\n" + err);
                    assertTrue(err.contains(message), line + "\n" + err);
                    assertEquals("", out, line);
                });
    }

    @Test
    void moreDataThanAnArrayHoldsIsAUsageError() {
        assertEquals(2, elbo("bench", "step", "--backend", "cpu", "--batch", "1000000", "--inputs", "5000"), err);
        assertTrue(err.contains("use a smaller batch"), err);
    }

    @Test
    void aBackendIsOpenedTwiceAndTrainsTheSame() throws IOException {
        Path file = folder.resolve("open.json");
        assertEquals(0, elbo("bench", "open", "--backend", "cpu", "--threads", "2", "--json", file.toString()), err);
        assertTrue(out.contains("the same weights, bit for bit"), out);
        assertEquals(
                1, err.lines().filter(line -> line.startsWith("backend cpu")).count(), err);
        JsonObject json = read(file);
        assertEquals("cpu", json.get("backend").getAsString());
        assertTrue(json.get("same_bits").getAsBoolean(), json.toString());
        assertEquals(2, json.getAsJsonArray("lives").size());
        for (var each : json.getAsJsonArray("lives")) {
            JsonObject life = each.getAsJsonObject();
            double first = life.get("first_program_seconds").getAsDouble();
            assertTrue(life.get("open_seconds").getAsDouble() > 0, life.toString());
            assertTrue(first > 0 && first < life.get("training_seconds").getAsDouble(), life.toString());
        }
    }

    @Test
    void theReferenceIsNotTimed() {
        for (String what : new String[] {"kernels", "step", "inference", "open"}) {
            assertEquals(4, elbo("bench", what, "--backend", "reference"), err);
            assertTrue(err.contains("reference is not made for speed"), err);
        }
    }

    @Test
    void growthInEveryDirection() throws IOException {
        assertEquals(
                0, elbo(("bench growth --backend cpu --seconds 0 --out " + folder.resolve("new")).split(" ")), err);
        JsonObject json = read(folder.resolve("new/growth-cpu.json"));
        assertEquals(12, json.getAsJsonArray("points").size(), "two sizes each in a rehearsal");
        json.getAsJsonArray("points").forEach(each -> {
            JsonObject point = each.getAsJsonObject();
            assertTrue(point.get("microseconds_per_example").getAsDouble() > 0, point.toString());
            assertEquals(
                    point.get("memory_bytes").getAsDouble(),
                    point.get("predicted_memory_bytes").getAsDouble(),
                    0.05 * point.get("memory_bytes").getAsDouble());
        });
        assertTrue(json.getAsJsonObject("forecast").get("copy_bytes_per_second").getAsDouble() > 0);
        assertEquals(14, Files.readAllLines(folder.resolve("new/growth-cpu.md")).size());
        assertTrue(out.contains("| streamed examples | 10,240 |"), out);
        assertEquals(
                1120,
                ImageIO.read(folder.resolve("new/growth-cpu.png").toFile()).getWidth());
        assertEquals(2, elbo("bench", "growth"));
        assertEquals(4, elbo("bench", "growth", "--backend", "reference", "--out", folder.toString()), err);
    }

    @Test
    void servedModels() throws IOException {
        Path file = folder.resolve("inference.json");
        assertEquals(0, elbo(("bench inference --backend cpu --threads 1 --json " + file).split(" ")), err);
        JsonArray all = read(file).getAsJsonArray("inference");
        assertEquals(6, all.size(), "three at two sizes");
        all.forEach(each -> assertTrue(each.getAsJsonObject()
                        .getAsJsonObject("microseconds")
                        .get("median")
                        .getAsDouble()
                > 0));
        assertTrue(out.contains("score    4096 rows"), out);
        assertEquals(2, elbo("bench", "inference", "--preset", "huge"), err);
    }

    @Test
    void streamedDataOfAStep() throws IOException {
        Path file = folder.resolve("step.json");
        String line = "bench step --backend cpu --inputs 12 --hidden 8 --latent 3 --batch 4 --rounds 3 --json " + file
                + " --data-on-device ";
        assertEquals(0, elbo((line + "no").split(" ")), err);
        assertEquals("streamed", read(file).get("data").getAsString());
        assertEquals(2, elbo((line + "perhaps").split(" ")), err);
    }
}
