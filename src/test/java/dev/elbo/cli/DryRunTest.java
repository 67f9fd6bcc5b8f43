package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train --dry-run}: what it tells, and that it leaves nothing. */
class DryRunTest {
    @TempDir
    private Path folder;

    private String out;
    private String err;

    private int elbo(String line) {
        StringWriter results = new StringWriter();
        StringWriter messages = new StringWriter();
        int code = Main.run(line.split(" "), new PrintWriter(results), new PrintWriter(messages));
        out = results.toString();
        err = messages.toString();
        return code;
    }

    private JsonObject told(String options) {
        assertEquals(0, elbo("train --dry-run --json --threads 1 " + options), err);
        return JsonParser.parseString(out).getAsJsonObject();
    }

    @Test
    void everyNumberIsThere() {
        JsonObject told = told("--backend cpu --batch 100 --epochs 7 --out " + folder.resolve("run"));
        assertEquals("cpu", told.get("backend").getAsString());
        assertEquals(76_104, told.get("parameters").getAsLong());
        JsonObject bytes = told.getAsJsonObject("bytes");
        assertEquals(
                List.of("weights", "gradients", "moments", "activations", "data", "evaluation", "workspace"),
                List.copyOf(bytes.keySet()));
        assertEquals(
                told.get("memory_bytes").getAsLong(),
                bytes.asMap().values().stream()
                        .mapToLong(JsonElement::getAsLong)
                        .sum());
        assertTrue(told.get("fits").getAsBoolean());
        assertEquals("resident", told.get("data").getAsString());
        // 1,618 of 1,797 digits
        assertEquals(17, told.get("steps_per_epoch").getAsInt());
        assertEquals(7 * 17, told.get("steps").getAsLong());
        double step = told.get("seconds_per_step").getAsDouble();
        assertTrue(step > 0 && told.get("seconds").getAsDouble() > 7 * 16 * step, out);
        assertTrue(told.getAsJsonObject("measured").get("copy_bytes_per_second").getAsDouble() > 0);
        assertFalse(Files.exists(folder.resolve("run")), "nothing is written");
    }

    @Test
    void theLinesForPeople() {
        assertEquals(0, elbo("train --dry-run --backend cpu --gap-every 1 --gap-samples 50"), err);
        for (String line : List.of("parameters", "weights", "moments", "a step", "measured", "time")) {
            assertTrue(out.contains(line), out);
        }
        assertEquals(0, elbo("train --dry-run --backend reference"), err);
        assertTrue(out.contains("not predicted: backend reference is not made for speed"), out);
    }

    @Test
    void whatFollowsTheEpochsIsCounted() {
        JsonObject plain = told("--backend reference").getAsJsonObject("bytes");
        JsonObject gap = told("--backend reference --gap-every 1").getAsJsonObject("bytes");
        assertTrue(gap.get("evaluation").getAsLong() > plain.get("evaluation").getAsLong() + (1 << 20), gap.toString());
        assertEquals(plain.get("activations"), gap.get("activations"));
        JsonObject single = told("--backend cpu").getAsJsonObject("bytes");
        assertEquals(2 * single.get("weights").getAsLong(), plain.get("weights").getAsLong(), "float64");
    }

    @Test
    void whatWouldBeRefusedIs() {
        assertEquals(2, elbo("train --json"));
        assertTrue(err.contains("--json needs --dry-run"), err);
        assertEquals(2, elbo("train --dry-run --batch 0"));
        assertEquals(2, elbo("train --dry-run --batch 5000 --drop-last"));
        assertEquals(4, elbo("train --dry-run --backend cpu --objective iwae --samples 40000"));
        assertTrue(err.contains("elements in one buffer"), err);
    }

    @Test
    void aRunThatGoesOn() throws IOException {
        Path run = folder.resolve("run");
        assertEquals(0, elbo("train --backend cpu --hidden 8 --latent 2 --epochs 1 --out " + run), err);
        TreeMap<String, Long> before = files(run);
        JsonObject told = told("--resume --epochs 3 --out " + run);
        assertEquals(13, told.get("steps_done").getAsLong());
        assertEquals(39, told.get("steps").getAsLong());
        assertTrue(told.get("model").getAsString().startsWith("64-8-2"), out);
        assertEquals(before, files(run));
        assertEquals(2, elbo("train --dry-run --out " + run), "where there is a run already");
        assertEquals(2, elbo("train --dry-run --resume --out " + folder), err);
    }

    private static TreeMap<String, Long> files(Path run) throws IOException {
        TreeMap<String, Long> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(run)) {
            for (Path file : all.toList()) {
                files.put(
                        file.getFileName().toString(),
                        Files.getLastModifiedTime(file).toMillis());
            }
        }
        return files;
    }
}
