package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adam's ε and learning rates in stages, as a user gives them. */
class OptimiserOptionsTest {
    private static final String SMALL = "train --hidden 16 --latent 3 --backend cpu --threads 1 --patience 0";
    private static final String STAGES = " --learning-rate-steps 1:1e-3,3:5e-4,2:1e-4";

    @TempDir
    private Path folder;

    /** Runs a command and returns its last message. */
    private String elbo(int expected, String command, Path out) {
        StringWriter err = new StringWriter();
        int code = Main.run(
                Stream.concat(Stream.of(command.split(" ")), Stream.of("--out", out.toString()))
                        .toArray(String[]::new),
                new PrintWriter(new StringWriter()),
                new PrintWriter(err));
        assertEquals(expected, code, err.toString());
        return err.toString().lines().reduce((a, b) -> b).orElse("");
    }

    private static JsonObject training(Path run) throws IOException {
        return JsonParser.parseString(Files.readString(run.resolve("config.json")))
                .getAsJsonObject()
                .getAsJsonObject("training");
    }

    private static double[] rates(Path run) throws IOException {
        return TrainProcess.metrics(run).stream()
                .mapToDouble(line -> line.get("learning_rate").getAsDouble())
                .toArray();
    }

    @Test
    void theStagesAreTheRun() throws IOException {
        Path run = folder.resolve("run");
        elbo(0, SMALL + STAGES, run);
        assertEquals("[0.001, 5.0E-4, 5.0E-4, 5.0E-4, 1.0E-4, 1.0E-4]", Arrays.toString(rates(run)));
        assertEquals(6, training(run).get("epochs").getAsInt());
        assertEquals(
                JsonParser.parseString("[{\"epochs\":1,\"rate\":0.001},{\"epochs\":3,\"rate\":5.0E-4},"
                        + "{\"epochs\":2,\"rate\":1.0E-4}]"),
                training(run).getAsJsonObject("learning_rate").get("stages"));
    }

    @Test
    void theFirstStagesAreTrainedAndLaterTheOthers() throws IOException {
        Path whole = folder.resolve("whole");
        Path run = folder.resolve("run");
        elbo(0, SMALL + STAGES + " --epochs 7", whole);
        assertEquals(1e-4, rates(whole)[6], "the last rate stays");
        elbo(0, SMALL + STAGES + " --epochs 2", run);
        elbo(0, "train --resume --epochs 7", run);
        TrainProcess.mustEqual(whole, run, "in two parts");
    }

    @Test
    void epsilonIsAdams() throws IOException {
        Path small = folder.resolve("small");
        Path large = folder.resolve("large");
        elbo(0, SMALL + " --epochs 1", small);
        elbo(0, SMALL + " --epochs 1 --adam-epsilon 1e-4", large);
        assertEquals(
                1e-8, training(small).getAsJsonObject("adam").get("epsilon").getAsDouble());
        assertEquals(
                1e-4, training(large).getAsJsonObject("adam").get("epsilon").getAsDouble());
        assertNotEquals(
                -1,
                Arrays.mismatch(
                        Files.readAllBytes(small.resolve("model.safetensors")),
                        Files.readAllBytes(large.resolve("model.safetensors"))));
        String message = elbo(2, "train --resume --adam-epsilon 1e-8 --epochs 2", large);
        assertTrue(message.contains("training.adam.epsilon is 1.0E-4 there and 1.0E-8 here"), message);
    }

    @Test
    void otherStagesAreAnotherRun() {
        Path run = folder.resolve("run");
        elbo(0, SMALL + STAGES + " --epochs 1", run);
        String message = elbo(2, "train --resume --learning-rate-steps 1:1e-3,5:5e-4", run);
        assertTrue(message.contains("training.learning_rate.stages is"), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--learning-rate-steps 10 | --learning-rate-steps '10' is not EPOCHS:RATE",
                "--learning-rate-steps 1:1e-3,,2:1e-4 | --learning-rate-steps '' is not",
                "--learning-rate-steps 0:1e-3 | --learning-rate-steps '0:1e-3' is not",
                "--learning-rate-steps 1:1e | --learning-rate-steps '1:1e' is not",
                "--learning-rate-steps 1.5:1e-3 | --learning-rate-steps '1.5:1e-3' is not",
                "--learning-rate-steps 1:0 | a rate must be above 0, not 0.0",
                "--learning-rate-steps 1:-1 | a rate must be above 0, not -1.0",
                "--learning-rate-steps 1:1e999 | a rate must be above 0, not Infinity",
                "--learning-rate-steps 1:1e-3 --learning-rate 1e-3 | --learning-rate and --learning-rate-steps exclude",
                "--learning-rate-steps 1:1 --learning-rate-decay cosine | --learning-rate-decay cosine and",
                "--adam-epsilon 0 | --adam-epsilon must be at least 1.17549",
                "--adam-epsilon NaN | --adam-epsilon must be",
                "--adam-epsilon 1e40 | --adam-epsilon must be",
                "--epochs 0 | --epochs must be at least 1, not 0"
            })
    void whatMakesNoSenseIsRefused(String options, String words) {
        String message = elbo(2, SMALL + " " + options, folder.resolve("x"));
        assertTrue(message.startsWith("elbo: ") && message.contains(words.strip()), message);
        assertTrue(Files.notExists(folder.resolve("x")));
    }
}
