package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.analysis.AnomalyScore;
import dev.elbo.data.Dataset;
import dev.elbo.data.Datasets;
import dev.elbo.data.Progress;
import dev.elbo.io.Npy;
import dev.elbo.noise.Noise;
import dev.elbo.serve.VaeService;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Scores and probe of models of the digits, as a user calls them. */
class ScoreProbeCommandTest {
    @TempDir
    private static Path folder;

    private static String model;
    private static String plain;

    private static Result run(String... args) {
        return Result.of(args);
    }

    private static Result elbo(String command) {
        return run(command.split(" "));
    }

    private static String works(String command) {
        Result result = elbo(command);
        assertEquals(0, result.code(), result.err());
        return result.out();
    }

    @BeforeAll
    static void train() {
        model = folder.resolve("model").toString();
        plain = folder.resolve("plain").toString();
        String options = " --hidden 64 --latent 10 --batch 64 --backend cpu";
        works("train --out " + model + " --epochs 30 --likelihood gaussian-optimal" + options);
        works("train --out " + plain + " --epochs 2 --objective ae" + options);
    }

    /** What the commands take for the test part. */
    private static Dataset heldOut() {
        Dataset all = Datasets.standard().open("digits", Progress.NONE).train();
        int[] order = Noise.permutation(0, 0, all.size());
        return all.subset("held out", Arrays.copyOfRange(order, all.size() - all.size() / 10, all.size()));
    }

    private static String idx(String name, Dataset data, float[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(12 + 4 * values.length);
        bytes.putInt(0x0D02).putInt(data.size()).putInt(data.features());
        for (float value : values) {
            bytes.putFloat(value);
        }
        return Files.write(folder.resolve(name), bytes.array()).toString();
    }

    /** The held-out digits, the pixels of each in an order of its own. */
    private static String shuffled() throws IOException {
        Dataset digits = heldOut();
        float[] values = new float[digits.size() * digits.features()];
        for (int i = 0; i < digits.size(); i++) {
            float[] row = digits.row(i);
            int[] order = Noise.permutation(9, i, row.length);
            for (int j = 0; j < row.length; j++) {
                values[i * row.length + j] = row[order[j]];
            }
        }
        return idx("shuffled.idx", digits, values);
    }

    private static double[] scores(String options) {
        Path out = folder.resolve("scores.npy");
        works("score " + model + " --backend cpu --out " + out + options);
        return Npy.read(out).values();
    }

    /** The area under the ROC curve, counted: pairs in which the anomaly scores higher, ties for half. */
    private static double auroc(double[] ordinary, double[] anomalies) {
        double won = 0;
        for (double anomaly : anomalies) {
            for (double score : ordinary) {
                won += anomaly > score ? 1 : anomaly == score ? 0.5 : 0;
            }
        }
        return won / ordinary.length / anomalies.length;
    }

    @ParameterizedTest
    @ValueSource(strings = {"elbo", "reconstruction", "likelihood"})
    void shuffledPixelsAreStrangerThanDigits(String kind) throws IOException {
        double[] digits = scores(" --kind " + kind);
        double[] strange = scores(" --kind " + kind + " --all --data " + shuffled());
        assertEquals(179, digits.length);
        assertEquals(179, strange.length);
        double area = auroc(digits, strange);
        assertTrue(area > 0.8, "AUROC " + area);
    }

    /** One function of the example, whoever asks: the command and a service, whose batches are others. */
    @Test
    void scoresAreThoseOfAService() {
        float[] digits = heldOut().values();
        try (VaeService service = VaeService.builder(Path.of(model, "model.safetensors"))
                .backend("cpu")
                .samples(16)
                .batchSize(100)
                .replicas(1)
                .build()) {
            for (AnomalyScore kind : AnomalyScore.values()) {
                double[] served = service.anomalyScores(digits, kind);
                double[] scores = scores(" --kind " + kind);
                for (int i = 0; i < served.length; i++) {
                    // terms of some tens of nats each, of which some cancel
                    assertEquals(served[i], scores[i], 1e-6 * Math.max(20, Math.abs(scores[i])), kind.toString());
                }
            }
        }
    }

    /** The mean is that of evaluate, which draws afresh for each example, as far as their draws go. */
    @Test
    void scoresAgreeWithEvaluate() {
        double mean = Arrays.stream(scores(" --samples 50")).average().orElseThrow();
        JsonObject evaluated = JsonParser.parseString(works("evaluate " + model + " --backend cpu --samples 50 --json"))
                .getAsJsonObject();
        assertEquals(-evaluated.get("elbo").getAsDouble(), mean, 0.3);
    }

    @Test
    void theThreeFormatsSayTheSame() throws IOException {
        Path npy = folder.resolve("both.npy");
        Path csv = folder.resolve("both.CSV");
        String command = "score " + model + " --backend cpu --reference digits --out ";
        works(command + npy);
        works(command + csv);
        String text = Files.readString(csv);
        assertEquals(text, works(command + "-"));
        List<String> lines = text.lines().toList();
        assertEquals("row,negative_elbo_nats,reference_fraction_at_least_as_high", lines.get(0));
        assertEquals(180, lines.size());
        assertArrayEquals(new int[] {179, 2}, Npy.read(npy).shape());
        double[] values = Npy.read(npy).values();
        double[] read = lines.stream()
                .skip(1)
                .flatMap(line -> Arrays.stream(line.split(",")).skip(1))
                .mapToDouble(Double::parseDouble)
                .toArray();
        assertArrayEquals(values, read, 1e-6);
        assertEquals(
                IntStream.range(0, 179).boxed().toList(),
                lines.stream()
                        .skip(1)
                        .map(line -> Integer.parseInt(line.split(",")[0]))
                        .toList());
        works("score " + model + " --kind likelihood --backend cpu --out " + csv);
        assertEquals("row,negative_log_likelihood_nats", Files.readAllLines(csv).get(0));
        assertEquals(1, Npy.read(scoresFile()).shape().length);
    }

    private static Path scoresFile() {
        scores("");
        return folder.resolve("scores.npy");
    }

    @Test
    void anomaliesHaveSmallFractionsAndDigitsDoNot() throws IOException {
        double[] digits = fractions("");
        double[] strange = fractions(" --all --data " + shuffled());
        assertEquals(0.5, Arrays.stream(digits).average().orElseThrow(), 0.05);
        assertTrue(Arrays.stream(digits).filter(f -> f <= 0.1).count() <= 0.15 * 179);
        double caught = Arrays.stream(strange).filter(f -> f <= 0.1).count() / 179.0;
        assertTrue(caught > 0.5, "caught " + caught);
        assertTrue(Arrays.stream(strange).allMatch(f -> f >= 1 / 180.0 - 1e-12 && f <= 1));
    }

    private static double[] fractions(String options) {
        double[] both = scores(" --reference digits" + options);
        return IntStream.range(0, both.length / 2)
                .mapToDouble(i -> both[2 * i + 1])
                .toArray();
    }

    @Test
    void allMeansAllInTheirOrder() throws IOException {
        Dataset digits = heldOut();
        double[] expected = scores(" --kind reconstruction");
        double[] all = scores(" --kind reconstruction --all --data " + idx("same.idx", digits, digits.values()));
        assertArrayEquals(expected, all, 1e-9);
        assertEquals(1797, scores(" --all").length);
    }

    @Test
    void theProbeFindsTheDigitsInTheCodes() {
        String text = works("probe " + model + " --backend cpu --examples 300");
        JsonObject json = JsonParser.parseString(works("probe " + model + " --backend cpu --json --folds 3"))
                .getAsJsonObject();
        JsonObject codes = json.getAsJsonObject("codes");
        double accuracy = codes.get("accuracy").getAsDouble();
        assertTrue(accuracy > 0.85, "accuracy " + accuracy);
        assertTrue(json.getAsJsonObject("raw").get("accuracy").getAsDouble() > 0.9);
        assertTrue(json.get("majority").getAsDouble() < 0.2);
        assertEquals(10, codes.get("features").getAsInt());
        assertEquals(64, json.getAsJsonObject("raw").get("features").getAsInt());
        assertEquals(1618, json.get("examples_trained").getAsInt());
        int right = 0;
        int count = 0;
        JsonArray confusion = codes.getAsJsonArray("confusion");
        for (int i = 0; i < 10; i++) {
            for (int j = 0; j < 10; j++) {
                int cell = confusion.get(i).getAsJsonArray().get(j).getAsInt();
                count += cell;
                right += i == j ? cell : 0;
            }
        }
        assertEquals(179, count);
        assertEquals(accuracy, right / 179.0, 1e-12);
        assertEquals(
                Math.sqrt(accuracy * (1 - accuracy) / 179),
                codes.get("standard_error").getAsDouble(),
                1e-12);
        assertTrue(text.startsWith("examples         300 trained on, 179 held out\n"), text);
        assertEquals(4 + 1 + 2 + 10, text.lines().count(), text);
    }

    @Test
    void theProbeRepeatsItselfAndTakesFewerExamples() {
        String few = "probe " + plain + " --backend cpu --json --examples 200 --seed 4";
        assertEquals(works(few), works(few));
        assertEquals(
                200,
                JsonParser.parseString(works(few))
                        .getAsJsonObject()
                        .get("examples_trained")
                        .getAsInt());
    }

    @ParameterizedTest
    @CsvSource({
        "2, score $ --out x.png, .csv or .npy",
        "2, score $ --out x.csv --samples 0, --samples",
        "2, score $ --out x.csv --kind density, density",
        "2, score $ --out x.csv --reference no-such-name, no-such-name",
        "2, score $, --out",
        "3, score $ --out x.csv --reference /no/such/file, /no/such/file",
        "2, score % --out x.csv, take --kind reconstruction",
        "2, score % --out x.csv --kind likelihood, --kind likelihood",
        "3, score $ --out x.csv --data @, 784",
        "3, score $ --out x.csv --reference @, 784",
        "7, score $ --out /proc/x.csv, /proc/x.csv",
        "3, score /no/model --out -, /no/model",
        "2, probe $ --folds 1, --folds",
        "2, probe $ --examples 0, --examples",
        "3, probe $ --examples 3 --folds 4, 4 folds",
        "3, probe $ --data !, no labels",
    })
    void mistakesGetOneClearLineAndTheirExitCode(int code, String command, String named) throws IOException {
        Dataset digits = heldOut();
        String unlabelled = idx("unlabelled.idx", digits, digits.values());
        Dataset wide = Dataset.of("wide", new float[4 * 784], 784);
        String other = idx("wide.idx", wide, wide.values());
        Result result = elbo(command.replace("$", model)
                .replace("%", plain)
                .replace("!", unlabelled)
                .replace("@", other));
        assertEquals(code, result.code(), result.err());
        String last = result.err().lines().reduce("", (a, b) -> b);
        assertTrue(last.startsWith("elbo: ") && last.contains(named), result.err());
        assertEquals("", result.out());
        assertFalse(Files.exists(Path.of("x.csv")));
    }

    @Test
    void thePlainAutoencoderIsScoredByItsReconstruction() {
        Path out = folder.resolve("plain.csv");
        works("score " + plain + " --backend cpu --kind RECONSTRUCTION --out " + out);
        assertTrue(Files.exists(out));
    }

    @Test
    void helpSaysWhatAScoreIsAndIsNot() {
        String help = works("score --help").toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
        for (String part : List.of("negative elbo", "reconstruction probability", "importance-sampled")) {
            assertTrue(help.contains(part), help);
        }
        assertTrue(help.contains("a score is not a probability of being anomalous"), help);
        assertTrue(works("probe --help").contains("support vector machine"));
    }
}
