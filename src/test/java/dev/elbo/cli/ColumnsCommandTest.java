package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.analysis.AnomalyScore;
import dev.elbo.data.TableText;
import dev.elbo.io.Npy;
import dev.elbo.io.NpyArray;
import dev.elbo.serve.VaeService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A table of words, counts and numbers with gaps: what a user asks of a model of its columns, and the answers in its words. */
class ColumnsCommandTest {
    private static final int ROWS = 400;
    private static final List<String> COLUMNS =
            List.of("age", "site", "class", "colour", "visits", "height", "claims", "kind");
    private static final String HEADER = "age,site,class,colour,visits,height,claims";
    private static final String DATA = " --label-column kind --data ";

    @TempDir
    private static Path folder;

    private static List<List<String>> rows;
    private static Path table;
    private static String model;

    private static Result elbo(String command) {
        return Result.of(command.split(" "));
    }

    private static Result works(String command) {
        return elbo(command + (command.startsWith("export") ? "" : " --backend cpu"))
                .mustWork();
    }

    @BeforeAll
    static void train() throws IOException {
        rows = rows();
        table = write("table.csv", rows, COLUMNS);
        model = folder.resolve("model").toString();
        Result result = works("train --likelihood columns --column visits=poisson --column claims=negative-binomial"
                + " --hidden 16 --latent 2 --epochs 60 --batch 32 --patience 0 --learning-rate 5e-3 --out " + model
                + DATA + table);
        assertFalse(result.err().contains("not drawn"), result.err());
        assertTrue(result.err().contains(" on average over the training examples"), result.err());
    }

    /** All follow one factor; a fifth of the fields but those of site and kind are missing. */
    private static List<List<String>> rows() {
        Random random = new Random(2);
        List<List<String>> all = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            double factor = random.nextGaussian();
            int high = factor > 0 ? 1 : 0;
            List<String> row = new ArrayList<>(List.of(
                    String.format(Locale.ROOT, "%.1f", 40 + 10 * factor + random.nextGaussian()),
                    "north",
                    high == 1 ? "new" : "old",
                    factor < -0.7 ? "red" : factor < 0.7 ? "green" : "blue, dark",
                    Integer.toString((int) (20 * high + 5 * random.nextDouble())),
                    String.format(Locale.ROOT, "%.3f", 1.7 + 0.1 * factor + 0.01 * random.nextGaussian()),
                    Integer.toString((int) (6 * random.nextDouble() * random.nextDouble() * (1 + 3 * high))),
                    i % 3 == 0 ? "a" : "b"));
            for (int j : new int[] {0, 2, 3, 4, 5, 6}) {
                if (random.nextInt(5) == 0) {
                    row.set(j, List.of("", "NA", "?").get(random.nextInt(3)));
                }
            }
            all.add(row);
        }
        return all;
    }

    private static Path write(String name, List<List<String>> some, List<String> order) throws IOException {
        StringBuilder text = new StringBuilder(String.join(",", order)).append('\n');
        for (List<String> row : some) {
            List<String> fields = order.stream()
                    .map(column -> "\"" + row.get(COLUMNS.indexOf(column)) + "\"")
                    .toList();
            text.append(String.join(",", fields)).append('\n');
        }
        return Files.writeString(folder.resolve(name), text);
    }

    /** The lines of CSV without its header, as fields. */
    private static List<String[]> fields(String csv) {
        return csv.lines()
                .skip(1)
                .map(line -> line.replace("\"blue, dark\"", "blue").split(",", -1))
                .toList();
    }

    private static double correlation(List<String[]> made, int column) {
        double[] x = new double[ROWS];
        double[] y = new double[ROWS];
        int n = 0;
        for (int i = 0; i < ROWS; i++) {
            if (rows.get(i).get(column).matches("[0-9.]+")) {
                x[n] = Double.parseDouble(rows.get(i).get(column));
                y[n++] = Double.parseDouble(made.get(i)[column]);
            }
        }
        double meanX = IntStream.range(0, n).mapToDouble(i -> x[i]).sum() / n;
        double meanY = IntStream.range(0, n).mapToDouble(i -> y[i]).sum() / n;
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < n; i++) {
            xy += (x[i] - meanX) * (y[i] - meanY);
            xx += (x[i] - meanX) * (x[i] - meanX);
            yy += (y[i] - meanY) * (y[i] - meanY);
        }
        return xy / Math.sqrt(xx * yy);
    }

    private static double share(List<String[]> made, int column) {
        int same = 0;
        int known = 0;
        for (int i = 0; i < ROWS; i++) {
            String given = rows.get(i).get(column).replace("blue, dark", "blue");
            boolean there = given.length() > 2;
            known += there ? 1 : 0;
            same += there && given.equals(made.get(i)[column]) ? 1 : 0;
        }
        return (double) same / known;
    }

    @Test
    void reconstructionsHaveTheWordsAndUnitsOfTheTable() {
        String csv =
                works("reconstruct " + model + " --all --out -" + DATA + table).out();
        assertEquals(HEADER, csv.lines().findFirst().orElseThrow());
        assertTrue(csv.contains(",\"blue, dark\","), csv);
        List<String[]> made = fields(csv);
        assertEquals(ROWS, made.size());
        for (String[] row : made) {
            assertEquals("north", row[1]);
            assertTrue(List.of("new", "old").contains(row[2]), row[2]);
            assertTrue(row[4].matches("[0-9]+") && row[6].matches("[0-9]+"), row[4] + " " + row[6]);
        }
        assertTrue(correlation(made, 0) > 0.9, "age " + correlation(made, 0));
        assertTrue(correlation(made, 5) > 0.9, "height " + correlation(made, 5));
        assertTrue(correlation(made, 4) > 0.8, "visits " + correlation(made, 4));
        assertTrue(share(made, 2) > 0.9, "class " + share(made, 2));
        assertTrue(share(made, 3) > 0.8, "colour " + share(made, 3));
    }

    @Test
    void arraysHaveThePlaces() throws IOException {
        Path file = folder.resolve("made.npy");
        works("reconstruct " + model + " --all --out " + file + DATA + table);
        NpyArray places = Npy.read(file);
        assertArrayEquals(new int[] {ROWS, 8}, places.shape());
        List<String[]> made = fields(
                works("reconstruct " + model + " --all --out -" + DATA + table).out());
        for (int i = 0; i < ROWS; i++) {
            double[] p = {places.values()[8 * i + 2], places.values()[8 * i + 3], places.values()[8 * i + 4]};
            assertEquals(1, p[0] + p[1] + p[2], 1e-5);
            int best = p[1] > p[0] ? p[2] > p[1] ? 2 : 1 : p[2] > p[0] ? 2 : 0;
            assertEquals(List.of("blue", "green", "red").get(best), made.get(i)[3]);
            assertEquals(Math.rint(places.values()[8 * i + 5]), Double.parseDouble(made.get(i)[4]));
            assertEquals((float) places.values()[8 * i], Float.parseFloat(made.get(i)[0]));
        }
        assertEquals(8, Npy.read(sampled("s.npy", "")).shape()[1]);
    }

    private static Path sampled(String name, String more) {
        works("sample " + model + " --count 50 --out " + folder.resolve(name) + more);
        return folder.resolve(name);
    }

    @Test
    void drawsVaryAsTheColumnsDo() throws IOException {
        List<String[]> drawn = fields(Files.readString(sampled("drawn.csv", " --draw")));
        List<String[]> means = fields(Files.readString(sampled("means.csv", "")));
        int different = 0;
        for (int i = 0; i < 50; i++) {
            assertEquals("north", drawn.get(i)[1]);
            assertTrue(drawn.get(i)[4].matches("[0-9]+"), drawn.get(i)[4]);
            different += drawn.get(i)[4].equals(means.get(i)[4]) ? 0 : 1;
        }
        assertTrue(different > 25, "counts vary around their means: " + different);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "traverse; --units 0 --steps 3; 3",
                "interpolate; --from 0,1 --to 2,3 --steps 4; 8",
                "sample; --count 5 --seed 2; 5",
                "sample; --count 5 --from mixture --components 2; 5",
                "reconstruct; --count 6; 6"
            })
    void everyCommandThatMakesRowsWritesTheTable(String command, String more, int made) {
        boolean reads = command.matches("interpolate|reconstruct") || more.contains("mixture");
        String call = command + " " + model + " " + more + (reads ? DATA + table : "") + " --out ";
        String csv = works(call + "-").out();
        assertEquals(HEADER, csv.lines().findFirst().orElseThrow());
        assertEquals(made, fields(csv).size());
        assertTrue(fields(csv).stream().allMatch(row -> row.length == 7 && row[1].equals("north")), csv);
        elbo(call + folder.resolve("x.png") + " --backend cpu").mustFail(2, "x.png", "are not pictures", ".npy");
    }

    @Test
    void evaluationsTellNatsPerValue() {
        String call = "evaluate " + model + DATA + table;
        String text = works(call).out();
        assertTrue(text.contains("nats per value") && text.contains(" of 240"), text);
        assertTrue(text.contains("of observed values, mean over the examples"), text);
        JsonObject elbo = json(call + " --json");
        requireShare(elbo, -elbo.get("elbo").getAsDouble());
        JsonObject nll = json(call + " --json --importance-samples 20");
        requireShare(nll, nll.get("nll").getAsDouble());
        assertTrue(nll.get("bits_per_dimension").isJsonNull());
        assertTrue(works(call + " --importance-samples 20").out().contains("nats per value"));
    }

    private static JsonObject json(String command) {
        return JsonParser.parseString(works(command).out()).getAsJsonObject();
    }

    private static void requireShare(JsonObject result, double nats) {
        int observed = result.get("values_observed").getAsInt();
        assertEquals(6 * 40, result.get("values").getAsInt());
        assertTrue(observed > 150 && observed < 230, "a fifth is missing: " + observed);
        assertEquals(nats * 40 / observed, result.get("nats_per_value").getAsDouble(), 1e-9);
    }

    /** And whatever the order of the columns in the file is. */
    @Test
    void scoresAreThoseOfAService() throws IOException {
        List<String> order = List.of("claims", "kind", "colour", "age", "height", "visits", "class", "site");
        Path other = write("other.csv", rows.subList(0, 30), order);
        List<String[]> scores =
                fields(works("score " + model + " --all --out -" + DATA + other).out());
        Path first = write("first.csv", rows.subList(0, 30), COLUMNS);
        assertEquals(
                works("encode " + model + " --all --out -" + DATA + first).out(),
                works("encode " + model + " --all --out -" + DATA + other).out());
        try (VaeService service = VaeService.builder(folder.resolve("model/model.safetensors"))
                .backend("cpu")
                .replicas(1)
                .build()) {
            TableText text = new TableText(service.inputs().table().orElseThrow());
            for (int i = 0; i < 30; i++) {
                float[] row = text.encode(rows.get(i).subList(0, 7).toArray(String[]::new));
                double score = service.anomalyScores(row, AnomalyScore.NEGATIVE_ELBO)[0];
                assertEquals(score, Double.parseDouble(scores.get(i)[1]), 1e-4);
            }
        }
    }

    @Test
    void aStrangeRowHasTheHighestScore() throws IOException {
        List<List<String>> some = new ArrayList<>(rows.subList(0, 30));
        some.add(List.of("70", "north", "old", "red", "0", "1.5", "15", "a"));
        Path strange = write("strange.csv", some, COLUMNS);
        List<String[]> scores = fields(
                works("score " + model + " --all --out -" + DATA + strange).out());
        double last = Double.parseDouble(scores.get(30)[1]);
        for (int i = 0; i < 30; i++) {
            assertTrue(Double.parseDouble(scores.get(i)[1]) < last, "row " + i);
        }
    }

    @Test
    void theProbeReadsWhatTheEncoderIsGiven() {
        Result result = works("probe " + model + DATA + table);
        assertTrue(result.out().contains("raw values"), result.out());
        assertTrue(result.out().contains("(8 features;"), result.out());
        assertTrue(result.err().contains("0 for a missing one, log(1 + x) of a count"), result.err());
    }

    @Test
    void theReportAndTheRunHaveNoPictures() throws IOException {
        String page = works("report " + model + " --importance-samples 10 --examples 20")
                .out()
                .strip();
        String html = Files.readString(Path.of(page));
        assertTrue(html.contains("nats per value") && html.contains("colour=green"), page);
        assertFalse(html.contains("<img") || html.contains("bits per dimension"), page);
        assertFalse(html.contains("NaN"), page);
        try (var files = Files.list(Path.of(model))) {
            List<String> pictures = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".png"))
                    .toList();
            assertEquals(List.of("curves.png"), pictures);
        }
        works("export " + model + " --part whole --out " + folder.resolve("model.onnx"));
    }

    @Test
    void aConditionalModelWritesTheClassBesideTheColumns() {
        String run = folder.resolve("conditional").toString();
        works("train --likelihood columns --conditional --hidden 8 --latent 2 --epochs 1 --out " + run + DATA + table);
        String csv = works("sample " + run + " --count 2 --out -").out();
        assertEquals("elbo.class," + HEADER, csv.lines().findFirst().orElseThrow());
        assertEquals(
                List.of("a", "a", "b", "b"),
                fields(csv).stream().map(row -> row[0]).toList());
    }

    @Test
    void dataInfoDescribesTheColumns() {
        String info = "data info " + table + " --label-column kind";
        String text = elbo(info + " --likelihood columns").mustWork().out();
        assertTrue(text.contains("constant") && text.contains("labels of 2 classes"), text);
        assertTrue(text.lines().anyMatch(line -> line.matches(" +colour +categorical .* missing")), text);
        assertTrue(text.contains("train takes these data with --likelihood columns"), text);
        JsonObject json = JsonParser.parseString(
                        elbo(info + " --likelihood columns --json").mustWork().out())
                .getAsJsonArray()
                .get(0)
                .getAsJsonObject();
        assertEquals(7, json.getAsJsonObject("table").getAsJsonArray("columns").size());
        assertTrue(json.get("trainable").getAsBoolean());
        elbo(info).mustFail(3, "table.csv: line ", "'north'", "--likelihood columns reads words");
        elbo(info + " --likelihood gaussian").mustFail(2, "--likelihood gaussian: only columns");
    }

    @Test
    void whatDoesNotSuitTheModelIsRefused() throws IOException {
        List<List<String>> some = new ArrayList<>();
        some.add(List.of("70", "north", "newer", "red", "0", "1.5", "15", "a"));
        Path unknown = write("unknown.csv", some, COLUMNS);
        String call = "score " + model + " --all --out - --backend cpu" + DATA + unknown;
        elbo(call).mustFail(3, "unknown.csv: line 2", "'class'", "'newer'", "--unknown missing");
        works("score " + model + " --all --out - --unknown missing" + DATA + unknown);
        elbo("score " + model + " --out - --backend cpu --data digits").mustFail(2, "digits: holds pictures");
        String digits = folder.resolve("digits").toString();
        elbo("train --hidden 4 --latent 2 --epochs 1 --backend cpu --out " + digits)
                .mustWork();
        elbo("score " + digits + " --out - --missing -9 --backend cpu")
                .mustFail(2, "takes no missing values", "leave out --missing and --unknown missing");
    }
}
