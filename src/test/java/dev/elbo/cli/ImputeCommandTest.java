package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.JavaCommand;
import dev.elbo.io.Npy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code elbo impute} as a user calls it. */
class ImputeCommandTest {
    private static final int ROWS = 600;
    private static final String HEAD = "note;size;colour;\"owner\";visits;unit";

    @TempDir
    private static Path folder;

    /** Lines of the table without gaps. */
    private static final List<String[]> WHOLE = new ArrayList<>();

    @BeforeAll
    static void train() throws IOException {
        Random random = new Random(3);
        StringBuilder text = new StringBuilder(HEAD + "\r\n");
        for (int row = 0; row < ROWS; row++) {
            double z = random.nextGaussian();
            String size =
                    String.format("%.2f", 20 + 5 * z + random.nextGaussian()).replace('.', ',');
            String colour = z + random.nextGaussian() / 3 > 0.4 ? "\"dark; blue\"" : z < -0.6 ? "red" : "green";
            String owner = z + random.nextGaussian() / 2 > 0 ? "yes" : "no";
            int visits = (int) Math.max(0, Math.round(3 + 2 * z + random.nextGaussian()));
            String[] line = {row % 3 == 0 ? "" : "n" + row, size, colour, owner, "" + visits, "kg"};
            WHOLE.add(line);
            text.append(String.join(";", gaps(row, line))).append("\r\n");
        }
        Files.writeString(folder.resolve("table.csv"), text);
        elbo("train --data table.csv --decimal comma --likelihood columns --column visits=poisson --ignore-columns note"
                + " --hidden 16 --latent 2 --epochs 80 --patience 0 --test none --backend cpu --out run");
    }

    /** Runs a command whose files are in the folder. */
    private static void elbo(String line) {
        Result.of(line.replaceAll("--(data|out) ", "$0" + folder + "/").split(" "))
                .mustWork();
    }

    /** Every third row has one gap or two. */
    private static String[] gaps(int row, String[] line) {
        String[] some = line.clone();
        if (row % 3 == 1) {
            some[1 + row % 5] = List.of("", "NA", "\"?\"").get(row % 2 + row % 5 / 4);
            some[1 + row % 4] = "null";
        }
        return some;
    }

    private static Result impute(String data, String out, String... more) {
        return Result.of(Stream.of(
                        new String[] {
                            "impute",
                            folder.resolve("run").toString(),
                            "--data",
                            folder.resolve(data).toString(),
                            "--backend",
                            "cpu",
                            "--out",
                            folder.resolve(out).toString()
                        },
                        data.contains(".csv") ? new String[] {"--decimal", "comma"} : new String[0],
                        more)
                .flatMap(Arrays::stream)
                .toArray(String[]::new));
    }

    private static List<String[]> rows(String file) throws IOException {
        String text = Files.readString(folder.resolve(file));
        assertTrue(text.endsWith("\r\n"));
        return text.replace("dark; blue", "dark blue")
                .lines()
                .skip(1)
                .map(line -> line.split(";", -1))
                .toList();
    }

    @Test
    void gapsAreFilledAndNothingElseChanges() throws IOException {
        Result result = impute("table.csv", "filled.csv", "--samples", "200").mustWork();
        assertTrue(result.out().contains("gaps filled in 200 of 600 rows of "), result.out());
        assertTrue(result.out().matches("(?s).*colour +categorical +\\d+\\R.*"), result.out());
        assertFalse(result.out().contains("note:"), result.out());
        List<String[]> filled = rows("filled.csv");
        assertTrue(Files.readString(folder.resolve("filled.csv")).startsWith(HEAD + "\r\n"));
        double error = 0;
        int sizes = 0;
        int right = 0;
        int words = 0;
        for (int row = 0; row < ROWS; row++) {
            String[] given = gaps(row, WHOLE.get(row));
            for (int c = 0; c < 6; c++) {
                String is = filled.get(row)[c];
                String was = WHOLE.get(row)[c].replace("; ", " ");
                if (given[c].equals(WHOLE.get(row)[c])) {
                    assertEquals(was, is);
                } else if (c == 1) {
                    error += Math.pow(number(is) - number(was), 2);
                    sizes++;
                } else {
                    right += is.replace("\"", "").equals(was.replace("\"", "")) ? 1 : 0;
                    words++;
                }
            }
        }
        // the deviation is 5.1 without the other columns
        assertTrue(Math.sqrt(error / sizes) < 3.5, "error " + Math.sqrt(error / sizes));
        assertTrue(right > 0.55 * words, right + " of " + words);
        impute("table.csv", "again.csv", "--samples", "200", "--threads", "1").mustWork();
        assertEquals(-1, Files.mismatch(folder.resolve("filled.csv"), folder.resolve("again.csv")));
    }

    private static double number(String text) {
        return Double.parseDouble(text.replace(',', '.'));
    }

    @Test
    void drawsDifferWhereSomethingWasMissing() throws IOException {
        Result result =
                impute("table.csv", "draw.csv.gz", "--draws", "2", "--json").mustWork();
        JsonObject json = JsonParser.parseString(result.out()).getAsJsonObject();
        assertEquals(2, json.getAsJsonArray("files").size());
        assertEquals(200, json.get("rows_with_gaps").getAsInt());
        assertEquals(ROWS, json.get("rows_written").getAsInt());
        assertTrue(json.getAsJsonObject("effective_samples").get("mean").getAsDouble() > 10);
        assertFalse(Files.exists(folder.resolve("draw.csv.gz")));
        impute("table.csv", "draw.csv", "--draws", "2").mustWork();
        List<String[]> first = rows("draw-1.csv");
        List<String[]> second = rows("draw-2.csv");
        int different = 0;
        for (int row = 0; row < ROWS; row++) {
            if (row % 3 == 1) {
                different += Arrays.equals(first.get(row), second.get(row)) ? 0 : 1;
            } else {
                assertArrayEquals(first.get(row), second.get(row));
            }
        }
        assertTrue(different > 100, different + " of 200");
        assertTrue(Files.size(folder.resolve("draw-1.csv.gz")) < Files.size(folder.resolve("draw-1.csv")) / 2);
    }

    @Test
    void uncertaintyIsBesideWhatWasFilled() throws IOException {
        impute("table.csv", "sure.csv", "--uncertainty", "--samples", "200").mustWork();
        String head = Files.readAllLines(folder.resolve("sure.csv")).get(0);
        assertEquals(HEAD + ";size (sd);colour (p);owner (p);visits (sd)", head);
        List<String[]> rows = rows("sure.csv");
        for (int row = 0; row < ROWS; row++) {
            String[] given = gaps(row, WHOLE.get(row));
            for (int c = 1; c < 5; c++) {
                String sure = rows.get(row)[5 + c];
                if (given[c].equals(WHOLE.get(row)[c])) {
                    assertEquals("", sure);
                } else {
                    assertTrue(number(sure) > 0 && number(sure) <= (c == 2 || c == 3 ? 1 : 10), sure);
                }
            }
        }
    }

    @Test
    void arraysAndTheirUncertainty() throws IOException {
        double[] values = new double[4 * 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 5 == 4 ? Double.NaN : i % 3 == 2 ? i / 3 % 2 : i;
        }
        Npy.write(folder.resolve("rows.npy"), new int[] {4, 3}, values);
        elbo(
                "train --data rows.npy --likelihood columns --column x0=gaussian --column x1=gaussian --test none --epochs 2"
                        + " --backend cpu --out array");
        elbo("impute " + folder.resolve("array") + " --data rows.npy --out out.npy --uncertainty --backend cpu");
        double[] filled = Npy.read(folder.resolve("out.npy")).values();
        double[] sure = Npy.read(folder.resolve("out-uncertainty.npy")).values();
        for (int i = 0; i < values.length; i++) {
            assertEquals(Double.isNaN(values[i]), !Double.isNaN(sure[i]));
            assertTrue(Double.isNaN(values[i]) ? !Double.isNaN(filled[i]) : values[i] == filled[i]);
        }
    }

    @Test
    void whatIsRefused() throws IOException {
        impute("table.csv", "table.csv").mustFail(2, "--out", "is the file that is read");
        impute("table.csv", "none/filled.csv").mustFail(7, "--out", "none is not a folder");
        impute("table.csv", "filled.npy").mustFail(2, "--out", "text");
        impute("table.csv", "filled.csv", "--samples", "0").mustFail(2, "--samples must be at least 1");
        impute("table.csv", "filled.csv", "--samples", "1000001").mustFail(2, "--samples must be at most 1000000");
        impute("table.csv", "filled.csv", "--draws", "0").mustFail(2, "--draws must be at least 1");
        impute("table.csv", "filled.csv", "--data", folder.resolve("table.csv").toString())
                .mustFail(2, "give one file");
        Files.writeString(folder.resolve("pink.csv"), HEAD + "\n;1,5;pink;no;1;kg\n");
        impute("pink.csv", "filled.csv").mustFail(3, "line 2", "colour", "'pink'");
        impute("pink.csv", "unpinked.csv", "--unknown", "missing").mustWork();
        assertNotEquals(
                "pink",
                Files.readAllLines(folder.resolve("unpinked.csv")).get(1).split(";")[2]);
        Path digits = folder.resolve("digits");
        Result.of("train", "--epochs", "1", "--backend", "cpu", "--out", digits.toString())
                .mustWork();
        Result.of("impute", digits.toString(), "--out", folder.resolve("x.csv").toString(), "--backend", "cpu")
                .mustFail(2, "--likelihood columns");
    }

    @Test
    void ctrlCLeavesTheRowsThatAreWhole() throws IOException, InterruptedException {
        String[] line = ("impute run --data table.csv --decimal comma --samples 200000 --backend cpu --out part.csv")
                .replaceAll("(impute|--data|--out) ", "$0" + folder + "/")
                .split(" ");
        Process process = new ProcessBuilder(JavaCommand.interruptible(JavaCommand.of(Main.class, line)))
                .redirectOutput(folder.resolve("part.out").toFile())
                .start();
        try (BufferedReader err =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            String said = err.readLine();
            while (said != null && !said.matches("[1-9]\\d* of 200 examples, .* left")) {
                said = err.readLine();
            }
            assertNotNull(said);
            String pid = Long.toString(process.pid());
            assertEquals(0, new ProcessBuilder("kill", "-INT", pid).start().waitFor());
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it stops");
        } finally {
            process.destroyForcibly();
        }
        assertEquals(130, process.exitValue());
        String said = Files.readString(folder.resolve("part.out"));
        assertTrue(said.startsWith("PARTIAL: the first "), said);
        List<String[]> rows = rows("part.csv");
        assertTrue(rows.size() > 1 && rows.size() < ROWS && rows.size() % 3 == 1, "rows " + rows.size());
        for (String[] row : rows) {
            assertTrue(Stream.of(row)
                    .skip(1)
                    .noneMatch(field -> List.of("", "NA", "null", "\"?\"").contains(field)));
        }
    }
}
