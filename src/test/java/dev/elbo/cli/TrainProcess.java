package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.JavaCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** {@code elbo train} as a process of its own, and what it leaves. */
final class TrainProcess {
    private TrainProcess() {}

    /** Messages go to {@code err}, which is appended to. */
    static Process start(Path err, String... args) throws IOException {
        List<String> command = JavaCommand.of(
                Main.class, Stream.concat(Stream.of("train"), Stream.of(args)).toArray(String[]::new));
        return new ProcessBuilder(JavaCommand.interruptible(command))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(err.toFile()))
                .redirectError(ProcessBuilder.Redirect.appendTo(err.toFile()))
                .start();
    }

    /** Lines of the metrics without their times. */
    static List<JsonObject> metrics(Path run) {
        try {
            return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                    .map(line -> {
                        JsonObject json = JsonParser.parseString(line).getAsJsonObject();
                        json.remove("seconds");
                        json.remove("examples_per_second");
                        return json;
                    })
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Model, pictures and metrics are those of a run that nothing disturbed. */
    static void mustEqual(Path undisturbed, Path run, String what) throws IOException {
        assertEquals(metrics(undisturbed), metrics(run), what);
        for (String file : List.of("model.safetensors", "reconstructions.png", "samples.png")) {
            assertEquals(-1, Files.mismatch(undisturbed.resolve(file), run.resolve(file)), what + ": " + file);
        }
    }
}
