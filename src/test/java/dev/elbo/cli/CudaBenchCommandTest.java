package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.cuda.OnDevice;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks on the host CUDA device: refused to users, rehearsed here. */
@OnDevice(hostOnly = true, checked = false)
class CudaBenchCommandTest {
    @TempDir
    private Path folder;

    private String out;
    private String err;

    private int elbo(String... args) {
        StringWriter results = new StringWriter();
        StringWriter messages = new StringWriter();
        int code = Main.run(args, new PrintWriter(results), new PrintWriter(messages));
        out = results.toString();
        err = messages.toString();
        return code;
    }

    private JsonObject rehearsed(String line) throws IOException {
        Path file = folder.resolve("result.json");
        System.setProperty("elbo.bench.host", "true");
        try {
            assertEquals(0, elbo((line + " --json " + file).split(" ")), line + "\n" + err);
        } finally {
            System.clearProperty("elbo.bench.host");
        }
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }

    @Test
    void theTestDeviceIsRefused() {
        for (String what : new String[] {"kernels", "step", "inference", "growth --out " + folder, "open"}) {
            assertEquals(4, elbo(("bench " + what + " --backend cuda").split(" ")), err);
            assertTrue(err.contains("host CUDA device, a test device whose times say nothing"), err);
            assertFalse(out.contains("µs"), out);
        }
    }

    @Test
    void ratesOfEveryPrecisionAndRows() throws IOException {
        for (String line : new String[] {
            "bench kernels --backend cuda --op adam", "bench kernels --backend cuda:0 --op dense --precision bf16"
        }) {
            JsonObject json = rehearsed(line);
            assertEquals("host CUDA device running the PTX", json.get("device").getAsString());
            assertEquals("device events", json.get("clock").getAsString());
            assertFalse(json.get("cublas").getAsString().isEmpty());
            assertEquals(
                    Set.of("fp32", "tf32", "bf16"),
                    json.getAsJsonObject("rates")
                            .getAsJsonObject("product_teraflops")
                            .keySet());
            assertFalse(json.getAsJsonArray("rows").isEmpty());
            json.getAsJsonArray("rows")
                    .forEach(row -> assertTrue(row.getAsJsonObject().has("hot"), row.toString()));
        }
    }

    @Test
    void aStepIsAGraph() throws IOException {
        JsonObject json =
                rehearsed("bench step --backend cuda --inputs 70 --hidden 67 --latent 3 --batch 8 --rounds 2");
        assertEquals(16, json.get("steps_per_program").getAsInt());
        assertEquals(32, json.get("steps_per_round").getAsInt());
        assertTrue(
                json.getAsJsonObject("device_microseconds").get("median").getAsDouble() >= 0,
                json.get("device_microseconds").toString());
        // of an odd width, so that all operations are launches of their own: gather; 4 layers forward of 2, but the
        // decoder's first, whose input is thin; sample; loss; 4 layers backward
        // of 3, the first without dX; sample's gradient;
        // metrics; adam; and two launches a graph for its clocks
        assertEquals(
                1 + 7 + 1 + 1 + 11 + 1 + 1 + 1 + 2 / 16.0,
                json.get("launches_per_step").getAsDouble());
        // StepGraphTest says what they are
        assertEquals(14 + 1 / 16.0, json.get("depth_per_step").getAsDouble());
        double difference =
                json.getAsJsonObject("loss").get("relative_difference").getAsDouble();
        assertTrue(difference < 1e-4, json.get("loss").toString());
    }

    @Test
    void theSecondOfTwoOpeningsTrainsTheSame() throws IOException {
        JsonObject json = rehearsed("bench open --backend cuda");
        assertTrue(out.contains("the same weights, bit for bit"), out);
        assertTrue(json.get("same_bits").getAsBoolean(), json.toString());
        JsonObject second = json.getAsJsonArray("lives").get(1).getAsJsonObject();
        assertEquals(16, second.get("steps_of_program").getAsInt());
        assertTrue(second.get("open_seconds").getAsDouble() > 0, second.toString());
    }

    @Test
    @Tag("thorough")
    void growthIsPredictedHereToo() throws IOException {
        System.setProperty("elbo.bench.host", "true");
        try {
            assertEquals(
                    0, elbo("bench", "growth", "--backend", "cuda", "--seconds", "0", "--out", folder.toString()), err);
        } finally {
            System.clearProperty("elbo.bench.host");
        }
        JsonObject json = JsonParser.parseString(Files.readString(folder.resolve("growth-cuda.json")))
                .getAsJsonObject();
        assertEquals(12, json.getAsJsonArray("points").size());
        json.getAsJsonArray("points").forEach(each -> {
            JsonObject point = each.getAsJsonObject();
            assertEquals(point.get("memory_bytes"), point.get("predicted_memory_bytes"), point.toString());
        });
    }

    @Test
    void aDryRunTellsWhatADeviceWouldHold() {
        assertEquals(0, elbo("train", "--dry-run", "--backend", "cuda", "--likelihood", "bernoulli"), err);
        assertTrue(out.contains("workspace"), out);
        assertTrue(out.contains("not predicted: backend cuda runs on the host CUDA device"), out);
    }
}
