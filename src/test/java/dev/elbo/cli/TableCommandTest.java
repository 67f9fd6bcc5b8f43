package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.io.Npy;
import dev.elbo.io.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CSV in, CSV out: a table of columns in units of their own, as a user trains on it and uses the model. */
class TableCommandTest {
    private static final int ROWS = 400;
    private static final String TRAIN =
            " --label-column kind --likelihood gaussian-optimal --hidden 32 --latent 2 --epochs 150"
                    + " --batch 32 --patience 0 --learning-rate 5e-3 --backend cpu --standardize ";

    @TempDir
    private static Path folder;

    private static Path table;
    private static String model;

    private static Result elbo(String command) {
        return Result.of(command.split(" "));
    }

    private static String works(String command) {
        Result result = elbo(command);
        assertEquals(0, result.code(), result.err());
        return result.out();
    }

    @BeforeAll
    static void train() throws IOException {
        table = Files.writeString(folder.resolve("table.csv"), table(1, "kind,heat,share,unit,mass"));
        model = folder.resolve("model").toString();
        works("train --data " + table + " --out " + model + TRAIN + "per-feature");
    }

    /** Columns of two factors, far from 0 and 1, in the order of the header; {@code scale} times the usual unit. */
    private static String table(float scale, String header) {
        Random random = new Random(5);
        StringBuilder text = new StringBuilder(header).append('\n');
        for (int i = 0; i < ROWS; i++) {
            double a = random.nextGaussian();
            double b = random.nextGaussian();
            for (String column : header.split(",")) {
                text.append(text.charAt(text.length() - 1) == '\n' ? "" : ",");
                text.append(
                        switch (column) {
                            case "kind" -> a > 0 ? "warm" : "cold";
                            case "heat" -> exact(scale * (float) (1000 + 50 * a));
                            case "share" -> exact(scale * (float) (0.01 + 0.002 * b));
                            case "unit" -> "7";
                            case "mass" -> exact(scale * (float) (-3 + a - b));
                            default -> Integer.toString(i);
                        });
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** All digits, so that twice the number is twice the value that is read. */
    private static String exact(float value) {
        return Double.toString(value);
    }

    private static List<double[]> rows(String csv) {
        return csv.lines()
                .skip(1)
                .map(line -> Arrays.stream(line.split(","))
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toList();
    }

    private static String header(String csv) {
        return csv.lines().findFirst().orElseThrow();
    }

    @Test
    void reconstructionsAreInTheUnitOfTheData() {
        String csv = works("reconstruct " + model + " --data " + table + " --all --backend cpu --out -");
        assertEquals("heat,share,unit,mass", header(csv));
        List<double[]> made = rows(csv);
        List<double[]> given = rows(table(1, "heat,share,unit,mass"));
        assertEquals(ROWS, made.size());
        double[] deviations = {50, 0.002, 1, Math.sqrt(2)};
        for (int column = 0; column < 4; column++) {
            double squares = 0;
            for (int i = 0; i < ROWS; i++) {
                squares += Math.pow((made.get(i)[column] - given.get(i)[column]) / deviations[column], 2);
            }
            double error = Math.sqrt(squares / ROWS);
            assertTrue(error < 0.3, "column " + column + ": " + error + " deviations off");
        }
    }

    @Test
    void samplesAreInTheUnitOfTheData() {
        String csv = works("sample " + model + " --count 500 --backend cpu --out -");
        assertEquals("heat,share,unit,mass", header(csv));
        double[] mean = new double[4];
        for (double[] row : rows(csv)) {
            assertTrue(row[0] > 600 && row[0] < 1400 && Math.abs(row[1] - 0.01) < 0.02, Arrays.toString(row));
            for (int i = 0; i < 4; i++) {
                mean[i] += row[i] / 500;
            }
        }
        assertEquals(1000, mean[0], 15);
        assertEquals(0.01, mean[1], 6e-4);
        assertEquals(7, mean[2], 0.2);
        assertEquals(-3, mean[3], 0.4);
        for (String command :
                List.of("interpolate ~ --data # --from 0,1 --to 2,3", "traverse ~ --units 0,1 --steps 5")) {
            String paths = works(command.replace("~", model).replace("#", table.toString()) + " --backend cpu --out -");
            assertEquals("heat,share,unit,mass", header(paths));
            rows(paths).forEach(row -> assertTrue(row[0] > 600 && row[0] < 1400, Arrays.toString(row)));
        }
    }

    @Test
    void columnsAreFoundInAnyOrder() throws IOException {
        Path other = Files.writeString(folder.resolve("other.csv"), table(1, "mass,number,unit,heat,share"));
        String command = " --all --backend cpu --out - --data ";
        assertEquals(works("encode " + model + command + table), works("encode " + model + command + other));
        assertEquals("z0,z1", header(works("encode " + model + command + other)));
        Path fewer = Files.writeString(folder.resolve("fewer.csv"), table(1, "mass,number,unit"));
        Result missing = elbo("encode " + model + command + fewer);
        assertEquals(3, missing.code());
        assertTrue(
                missing.err().contains("fewer.csv: has no column 'heat', 'share', which the model takes"),
                missing.err());
        Path unnamed = Files.writeString(
                folder.resolve("unnamed.csv"),
                table(1, "heat,share,unit,mass").lines().skip(1).reduce("", (a, b) -> a + b + "\n"));
        assertEquals(works("encode " + model + command + table), works("encode " + model + command + unnamed));
    }

    @Test
    void densitiesAreThoseOfTheValuesAsGiven() throws IOException {
        // times a power of two: the standardised values, and so the model, have the same bits
        Path scaled = Files.writeString(folder.resolve("scaled.csv"), table(1024, "kind,heat,share,unit,mass"));
        String other = folder.resolve("scaled").toString();
        works("train --data " + scaled + " --out " + other + TRAIN + "per-feature");
        SafeTensors first = SafeTensors.read(Path.of(model, "model.safetensors"));
        SafeTensors second = SafeTensors.read(Path.of(other, "model.safetensors"));
        first.tensors()
                .forEach((name, entry) -> assertArrayEquals(
                        entry.values(), second.tensors().get(name).values(), name));
        double nats = 3 * Math.log(1024);
        for (String options : List.of(" --samples 3", " --importance-samples 20")) {
            JsonObject a = evaluate(model, table, options);
            JsonObject b = evaluate(other, scaled, options);
            boolean bound = options.contains("--samples");
            String value = bound ? "bound" : "nll";
            double sign = bound ? 1 : -1;
            assertEquals(a.get("elbo").getAsDouble() - nats, b.get("elbo").getAsDouble(), 1e-9);
            assertEquals(a.get("kl").getAsDouble(), b.get("kl").getAsDouble(), 1e-12);
            assertEquals(a.get(value).getAsDouble() - sign * nats, b.get(value).getAsDouble(), 1e-9);
            assertEquals(
                    a.get("standardization_nats").getAsDouble() + nats,
                    b.get("standardization_nats").getAsDouble(),
                    1e-9);
        }
        double score =
                rows(works("score " + model + " --data " + table + " --samples 300 --backend cpu --out -")).stream()
                        .mapToDouble(row -> row[1])
                        .average()
                        .orElseThrow();
        // evaluate draws afresh for each example
        assertEquals(-evaluate(model, table, " --samples 300").get("elbo").getAsDouble(), score, 0.1);
    }

    private static JsonObject evaluate(String name, Path data, String options) {
        return JsonParser.parseString(works("evaluate " + name + " --data " + data + " --backend cpu --json" + options))
                .getAsJsonObject();
    }

    @Test
    void theTrainingSaysWhichUnitItsNumbersAreIn() throws IOException {
        JsonObject given = evaluate(model, table, "");
        List<String> epochs = Files.readAllLines(Path.of(model, "metrics.jsonl"));
        double trained = JsonParser.parseString(epochs.get(epochs.size() - 1))
                .getAsJsonObject()
                .getAsJsonObject("test")
                .get("elbo")
                .getAsDouble();
        double standardized = given.get("elbo").getAsDouble()
                + given.get("standardization_nats").getAsDouble();
        assertEquals(trained, standardized, 0.3);
        String text = works("evaluate " + model + " --data " + table + " --backend cpu");
        assertTrue(text.contains("standardisation"), text);
    }

    @Test
    void theProbeReadsLabelsOfWords() {
        String text = works("probe " + model + " --data " + table + " --label-column kind --backend cpu");
        double accuracy = Double.parseDouble(text.lines()
                .filter(line -> line.startsWith("codes"))
                .findFirst()
                .orElseThrow()
                .split("\\s+")[1]);
        assertTrue(accuracy > 0.7, text);
        assertTrue(text.contains("cold") && text.contains("warm"), text);
    }

    @Test
    void dataInfoTellsOfATableWhatTrainingWouldRefuse() throws IOException {
        Path holes = Files.writeString(folder.resolve("holes.csv"), "a,b,kind\n1,,x\n2,inf,y\n3,4,x\n");
        String text = works("data info " + holes + " --label-column kind");
        assertTrue(text.contains("column 'a' from 1 to 3, deviation 0.8165"), text);
        assertTrue(text.contains("1 NaN and 1 infinite values"), text);
        assertTrue(text.contains("labels of 2 classes"), text);
        assertTrue(works("data info " + table + " --label-column 1").contains("--standardize per-feature"));
        String json = works("data info --json --label-column kind " + holes);
        assertTrue(json.contains("\"columns\""), json);
    }

    @Test
    void npyIsStandardisedToo() throws IOException {
        float[] values = new float[100 * 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = 500 + 20 * (i % 3) + (float) new Random(i).nextGaussian();
        }
        Path npy = folder.resolve("values.npy");
        Npy.write(npy, new int[] {100, 3}, values);
        String out = folder.resolve("npy").toString();
        works("train --data " + npy + " --out " + out + " --hidden 8 --latent 1 --epochs 2 --backend cpu"
                + " --standardize shared");
        String csv = works("reconstruct " + out + " --data " + npy + " --all --backend cpu --out -");
        assertEquals("x0,x1,x2", header(csv));
        rows(csv).forEach(row -> assertEquals(520, row[1], 60));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "reconstruct # --data @ --all",
                "encode # --data @ --noise",
                "sample # --count 9",
                "score # --data @"
            })
    void csvAndNpySayTheSame(String command) throws IOException {
        Path npy = folder.resolve("same.npy");
        Path csv = folder.resolve("same.CSV");
        Path named = folder.resolve("same.dat");
        String run = command.replace("#", model).replace("@", table.toString()) + " --backend cpu --out ";
        works(run + npy);
        works(run + csv);
        works(run + named + " --format NPY");
        assertArrayEquals(Files.readAllBytes(npy), Files.readAllBytes(named));
        String text = Files.readString(csv);
        assertEquals(text, works(run + "-"));
        List<Double> read = new ArrayList<>();
        boolean counted = header(text).startsWith("row,");
        rows(text).forEach(row -> Arrays.stream(row).skip(counted ? 1 : 0).forEach(read::add));
        double[] values = Npy.read(npy).values();
        assertEquals(values.length, read.size());
        for (int i = 0; i < values.length; i++) {
            assertEquals(values[i], counted ? read.get(i) : (double) read.get(i).floatValue());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "3 | a,b;1,2;3         | | line 3 has 1 field, line 1 has 2",
                "3 | a,b;1,;           | | line 2, column 2 ('b'): is empty",
                "3 | a,b;1,NaN         | | line 2, column 2 ('b'): is 'NaN'",
                "3 | a,b;1,-inf        | | line 2, column 2 ('b'): is '-inf'",
                "3 | a,b;1,x           | | line 2, column 2 ('b'): is 'x', not a number",
                "3 | a,b               | | no rows",
                "3 | a,a;1,2;3,4       | | line 1: columns 1 and 2 are both called 'a'",
                "3 | a,b;1,2;3,4       | --columns c | has no column 'c'",
                "3 | a,b;1,2;3,4       | --columns 1-9 | has no column 9",
                "3 | a,b;1,2;3,4       | --label-column c | has no column 'c'",
                "2 | a,b;1,2;3,4       | --columns 0 | --columns 0",
                "2 | a,b;1,2;3,4       | --delimiter x | --delimiter",
                "3 | a,b;1,2;#;3,4     | | line 3 begins with '#'; --comment '#' skips such lines",
                "2 | a,b;1,2;3,4       | --comment no | --comment",
                "2 | a,b;1,2;3,4       | --comment 1 | --comment '1'",
                "2 | a,b;1,2;3,4       | --thousands x | --thousands",
                "2 | a,b;1,2;3,4       | --thousands . | --thousands .",
                "2 | a,b;1,2;3,4       | --header perhaps | --header",
                "2 | a,b;1,2;3,4       | --delimiter , --decimal comma | --decimal comma",
                "2 | a,b;1,2;3,4       | --standardize all | --standardize 'all'",
                "2 | a,b;1,2;3,4       | --standardize shared --likelihood bernoulli | --standardize shared",
            })
    void whatCannotBeTrainedOnIsRefusedInOneLine(int code, String text, String options, String said)
            throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.csv"), text.replace(';', '\n') + "\n");
        Result result = elbo("train --data " + bad + " --out " + folder.resolve("never") + " --backend cpu"
                + (options == null ? "" : " " + options));
        assertEquals(code, result.code(), result.err());
        assertTrue(
                result.err().lines().allMatch(line -> !line.startsWith("elbo: ") || line.contains(said)), result.err());
        assertTrue(result.err().contains(said), result.err());
        assertFalse(Files.exists(folder.resolve("never")));
    }

    @Test
    void moreThanAModelRemembersIsRefusedBeforeTheTraining() {
        float[] values = new float[2 * 50_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i);
        }
        Path wide = folder.resolve("many.npy");
        Npy.write(wide, new int[] {2, 50_000}, values);
        String command = "train --data " + wide + " --hidden 1 --latent 1 --epochs 1 --backend cpu --out "
                + folder.resolve("many") + " --standardize ";
        Result result = elbo(command + "per-feature");
        assertEquals(3, result.code(), result.err());
        assertTrue(result.err().contains("use --standardize shared"), result.err());
        assertFalse(Files.exists(folder.resolve("many")));
        works(command + "shared");
        works("sample " + folder.resolve("many") + " --count 1 --backend cpu --out " + folder.resolve("one.npy"));
    }

    @ParameterizedTest
    @CsvSource({
        "encode # --data @ --out x.png, not pictures",
        "encode # --data @ --out x.txt, .csv or .npy",
        "sample # --out - --format png, pictures are written to files",
        "sample # --out - --judge @, both print to stdout",
    })
    void outputsThatMakeNoSenseAreRefused(String command, String said) {
        Result result = elbo(command.replace("#", model).replace("@", table.toString()));
        assertEquals(2, result.code(), result.err());
        assertTrue(result.err().contains(said), result.err());
        assertEquals("", result.out());
    }

    @Test
    void whatTheDiskCannotHoldIsRefusedAtOnce() {
        Path wide = folder.resolve("wide.npy");
        Npy.write(wide, new int[] {2, 20_000}, new float[40_000]);
        String run = folder.resolve("wide").toString();
        works("train --data " + wide + " --hidden 1 --latent 1 --epochs 1 --backend cpu --out " + run);
        Path out = folder.resolve("large.npy");
        Result result = elbo("sample " + run + " --count 2147483647 --backend cpu --out " + out);
        assertEquals(7, result.code(), result.err());
        assertTrue(result.err().contains("large.npy: needs at least 16383999"), result.err());
        assertFalse(Files.exists(out));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "elbo.standardization={\"mean\":[1,2,3],\"deviation\":[1,1,1]}",
                "elbo.standardization={\"mean\":[1,2,3,4],\"deviation\":[1,1,1,0]}",
                "elbo.standardization=nonsense",
                "elbo.standardization={\"mean\":[1],\"deviation\":[1],\"red\\u001b[31m\":1}",
                "elbo.columns={\"names\":[\"a\",\"b\",\"c\"]}",
                "elbo.columns={\"names\":[\"a\",\"b\",\"c\",\"a\"]}"
            })
    void metadataThatMakeNoSenseAreRefused(String entry) {
        SafeTensors good = SafeTensors.read(Path.of(model, "model.safetensors"));
        int equals = entry.indexOf('=');
        java.util.Map<String, String> metadata = new java.util.LinkedHashMap<>(good.metadata());
        metadata.put(entry.substring(0, equals), entry.substring(equals + 1));
        Path bad = folder.resolve("bad.safetensors");
        new SafeTensors(metadata, good.tensors()).write(bad);
        Result result = elbo("encode " + bad + " --data " + table + " --backend cpu --out -");
        assertEquals(3, result.code(), result.err());
        assertTrue(result.err().contains(entry.substring(0, equals)), result.err());
        assertTrue(result.err().indexOf('\u001b') < 0, "what a file says does not reach the terminal as it is");
    }
}
