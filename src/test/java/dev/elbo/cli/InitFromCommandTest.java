package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.io.Sha256;
import dev.elbo.net.StoredModel;
import dev.elbo.train.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trainings that start from the weights of a model, as a user calls them. */
class InitFromCommandTest {
    /** Adam moves no weight of float32 at this rate. */
    private static final String STILL = " --learning-rate 1e-60 --patience 0 --epochs 1 --backend cpu";

    @TempDir
    private static Path models;

    private static Path source;
    private static Path other;

    @TempDir
    private Path folder;

    private static Result elbo(String command) {
        return Result.of(command.trim().split(" +"));
    }

    @BeforeAll
    static void train() {
        source = models.resolve("source");
        other = models.resolve("other");
        String command =
                "train --hidden 24,16 --latent 3 --activation elu --likelihood bernoulli --patience 0 --epochs 3"
                        + " --backend cpu";
        elbo(command + " --out " + source).mustWork();
        elbo(command + " --seed 1 --out " + other).mustWork();
    }

    private static StoredModel model(Path run) {
        return StoredModel.read(run.resolve("model.safetensors"));
    }

    private static void sameWeights(Path expected, Path actual) {
        StoredModel there = model(expected);
        StoredModel here = model(actual);
        assertEquals(there.tensors().keySet(), here.tensors().keySet());
        there.tensors().keySet().forEach(name -> assertArrayEquals(there.values(name), here.values(name), name));
    }

    private static JsonObject configuration(Path run) throws IOException {
        return JsonParser.parseString(Files.readString(run.resolve("config.json")))
                .getAsJsonObject();
    }

    /** What is measured before a weight has moved is what the model was worth, to the last bit. */
    @Test
    void theWeightsAndTheArchitectureAreTheModels() throws IOException {
        Path run = folder.resolve("run");
        elbo("train" + STILL + " --init-from " + source + " --out " + run).mustWork();
        sameWeights(source, run);
        assertEquals(model(source).spec(), model(run).spec());
        assertEquals(
                TrainProcess.metrics(source).get(2).get("test"),
                TrainProcess.metrics(run).get(0).get("test"));
        JsonObject initial = configuration(run).getAsJsonObject("initial_weights");
        Path file = source.resolve("model.safetensors");
        assertEquals(source.toString(), initial.get("model").getAsString());
        assertEquals(Sha256.ofFile(file), initial.get("sha256").getAsString());
        assertTrue(configuration(run).getAsJsonArray("arguments").toString().contains("--init-from"));
        Path again = folder.resolve("again");
        elbo("train" + STILL + " --init-from " + file + " --out " + again).mustWork();
        TrainProcess.mustEqual(run, again, "of the file instead of the folder");
    }

    @Test
    void trainingGoesOnFromThere() {
        Path run = folder.resolve("run");
        elbo("train --epochs 1 --backend cpu --init-from " + source + " --out " + run)
                .mustWork();
        double before = elboOf(source, 2);
        double fresh = elboOf(source, 0);
        double after = elboOf(run, 0);
        assertTrue(after > (before + fresh) / 2, fresh + ", " + before + ", then " + after);
        assertEquals(13, TrainProcess.metrics(run).get(0).get("step").getAsInt(), "steps begin anew");
    }

    private static double elboOf(Path run, int epoch) {
        return TrainProcess.metrics(run)
                .get(epoch)
                .getAsJsonObject("test")
                .get("elbo")
                .getAsDouble();
    }

    @Test
    void theSameCommandLineGoesOnAndAnotherModelIsRefused() throws IOException {
        String command = "train --epochs 4 --patience 0 --backend cpu --init-from ";
        Path whole = folder.resolve("whole");
        elbo(command + source + " --out " + whole).mustWork();
        Path run = folder.resolve("run");
        elbo(command.replace("4", "2") + source + " --resume --out " + run).mustWork();
        elbo(command + other + " --resume --out " + run)
                .mustFail(
                        2,
                        "initial_weights_sha256 is " + Sha256.ofFile(source.resolve("model.safetensors"))
                                + " there and " + Sha256.ofFile(other.resolve("model.safetensors")) + " here");
        elbo(command + source + " --resume --out " + run).mustWork();
        TrainProcess.mustEqual(whole, run, "gone on");
        assertTrue(elbo("train --resume --out " + run).mustWork().out().contains("nothing to do"));
        elbo(command + source + " --resume --out " + source).mustFail(2, "initial_weights_sha256 is missing there");
    }

    @Test
    void withoutItNothingNamesInitialWeights() throws IOException {
        assertFalse(RunFolder.newest(source).run().has("initial_weights_sha256"));
        assertFalse(configuration(source).has("initial_weights"));
    }

    private Path table(String name, int columns, double offset) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        StringBuilder text = new StringBuilder();
        for (int column = 0; column < columns; column++) {
            text.append(column == 0 ? "" : ",").append(name).append(column);
        }
        for (int row = 0; row < 200; row++) {
            for (int column = 0; column < columns; column++) {
                text.append(column == 0 ? "\n" : ",")
                        .append(String.format(Locale.ROOT, "%.3f", offset + random.nextDouble()));
            }
        }
        return Files.writeString(folder.resolve(name + columns + ".csv"), text + "\n");
    }

    @Test
    void otherDataOfTheSameWidthAreTrainedOn() throws IOException {
        Path run = folder.resolve("run");
        elbo("train" + STILL + " --init-from " + source + " --objective beta --beta 2 --data " + table("a", 64, 0)
                        + " --out " + run)
                .mustWork();
        sameWeights(source, run);
        assertNotEquals(
                TrainProcess.metrics(source).get(2).get("test"),
                TrainProcess.metrics(run).get(0).get("test"));
        Path none = folder.resolve("none");
        elbo("train --backend cpu --init-from " + source + " --data " + table("a", 5, 0) + " --out " + none)
                .mustFail(3, "a5.csv has 5 values an example", "takes 64", source.toString());
        assertFalse(Files.exists(none));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--hidden 24     | 'encoder.1.weight' is not expected",
                "--hidden 24,8   | 'encoder.1.weight' has shape (16, 24), not (8, 24)",
                "--latent 5      | 'mu.weight' has shape (3, 16), not (5, 16)",
                "--objective ae  | 'log_var.weight' is not expected",
                "--likelihood gaussian-optimal | 'output.log_var' is missing",
                "--likelihood gaussian-learned | 'output.log_var' is missing",
            })
    void optionsOfAnotherModelAreRefusedWithEveryTensor(String options, String expected) {
        Path none = folder.resolve("none");
        for (String dry : List.of("", " --dry-run")) {
            elbo("train --backend cpu --init-from " + source + " " + options + dry + " --out " + none)
                    .mustFail(2, "--init-from " + source, expected, "leave out --hidden");
        }
        assertFalse(Files.exists(none));
    }

    /** Activation and likelihood have no weights of their own here. */
    @Test
    void whatChangesNoShapeIsFree() {
        Path run = folder.resolve("run");
        elbo("train" + STILL + " --init-from " + source
                        + " --activation tanh --likelihood gaussian --hidden 24,16 --out " + run)
                .mustWork();
        sameWeights(source, run);
        assertEquals("64-24-16-3, tanh, gaussian", model(run).spec().summary());
    }

    @Test
    void variancesAreWeightsToo() {
        Path shared = folder.resolve("shared");
        String small = "train --hidden 8 --latent 2 --epochs 1 --backend cpu --likelihood gaussian-learned";
        elbo(small + " --out " + shared).mustWork();
        elbo("train --backend cpu --variance per-dimension --init-from " + shared + " --out " + folder.resolve("none"))
                .mustFail(2, "'output.log_var' has shape (1), not (64)");
        Path each = folder.resolve("each");
        elbo(small + " --variance per-dimension --out " + each).mustWork();
        Path run = folder.resolve("run");
        elbo("train" + STILL + " --init-from " + each + " --out " + run).mustWork();
        sameWeights(each, run);
        Path optimal = folder.resolve("optimal");
        elbo("train" + STILL + " --likelihood gaussian-optimal --init-from " + shared + " --out " + optimal)
                .mustWork();
        Path plain = folder.resolve("plain");
        elbo("train --hidden 8 --latent 2 --epochs 1 --backend cpu --objective ae --likelihood gaussian --out " + plain)
                .mustWork();
        Path on = folder.resolve("on");
        elbo("train" + STILL + " --init-from " + plain + " --out " + on).mustWork();
        sameWeights(plain, on);
        elbo("train --backend cpu --objective vae --init-from " + plain + " --out " + folder.resolve("none"))
                .mustFail(2, "'log_var.weight' is missing");
    }

    @Test
    void anotherUnitAndOtherColumnsAreSaid() throws IOException {
        Path first = table("a", 4, 0);
        Path second = table("b", 4, 7);
        String small = "train --hidden 8 --latent 2 --epochs 1 --backend cpu --data ";
        Path standardized = folder.resolve("standardized");
        Path raw = folder.resolve("raw");
        elbo(small + first + " --standardize per-feature --out " + standardized).mustWork();
        elbo(small + first + " --out " + raw).mustWork();
        String unit = "note: the initial weights were trained on ";
        String[][] cases = {
            {standardized + " --standardize per-feature --data " + first, null},
            {raw + " --data " + first, null},
            {standardized + " --data " + first, unit + "standardised values"},
            {raw + " --standardize per-feature --data " + first, unit + "values as they were"},
            {standardized + " --standardize shared --data " + first, unit + "values that were standardised by other"},
            {standardized + " --standardize per-feature --data " + second, unit + "values that were standardised"},
            {
                raw + " --data " + second,
                unit + "columns of other names: column 0 (from 0) was 'a0' there and is 'b0' here"
            },
        };
        for (int i = 0; i < cases.length; i++) {
            Path run = folder.resolve("run" + i);
            Result told = elbo("train" + STILL + " --init-from " + cases[i][0] + " --out " + run);
            told.mustWork();
            if (cases[i][1] == null) {
                assertFalse(told.err().contains("initial"), told.err());
            } else {
                assertTrue(told.err().contains(cases[i][1]), told.err());
            }
            // the unit of a new run is that of its own data
            assertEquals(
                    cases[i][0].contains("--standardize"), model(run).metadata().containsKey("elbo.standardization"));
        }
    }

    @Test
    void whatIsNoModelIsNamed() throws IOException {
        Path none = folder.resolve("none");
        Path text = Files.writeString(folder.resolve("text"), "no model");
        elbo("train --backend cpu --init-from " + text + " --out " + none).mustFail(3, text.toString());
        elbo("train --backend cpu --init-from " + folder + " --out " + none)
                .mustFail(3, folder.resolve("model.safetensors").toString());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(text), files.toList());
        }
    }
}
