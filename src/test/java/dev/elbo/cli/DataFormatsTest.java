package dev.elbo.cli;

import static dev.elbo.data.NpyBytes.npy;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.Skip;
import dev.elbo.data.Dataset;
import dev.elbo.data.Datasets;
import dev.elbo.data.Progress;
import dev.elbo.io.Npy;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Data as people have them, through the commands that read them. */
class DataFormatsTest {
    @TempDir
    static Path folder;

    private static Path run;
    private static Dataset digits;
    private static Path examples;
    private static Path labels;
    private static Path archive;

    private static Result elbo(String line) {
        return Result.of(line.split(" "));
    }

    private static Result succeeds(String line) {
        Result result = elbo(line);
        assertEquals(0, result.code(), result.err());
        return result;
    }

    private static void refused(int code, String line, String... words) {
        Result result = elbo(line);
        assertEquals(code, result.code(), result.err());
        String last = result.err().lines().reduce("", (first, second) -> second);
        for (String word : words) {
            assertTrue(last.contains(word), last + " lacks " + word);
        }
        assertFalse(result.err().contains("\tat "), result.err());
    }

    private static Path write(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(content);
        }
        return packed.toByteArray();
    }

    private static byte[] floats(String shape, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return npy("<f4", false, shape, bytes.array());
    }

    @BeforeAll
    static void train() throws IOException {
        run = folder.resolve("run");
        succeeds("train --hidden 32 --latent 4 --epochs 2 --backend cpu --likelihood bernoulli --out " + run);
        digits = Datasets.standard().open("digits", Progress.NONE).train();
        examples = folder.resolve("digits.npy");
        Npy.write(examples, new int[] {digits.size(), 8, 8}, digits.values());
        labels = folder.resolve("labels.npy");
        Npy.write(
                labels,
                new int[] {digits.size()},
                Arrays.stream(digits.labels().orElseThrow()).asDoubleStream().toArray());
        archive = folder.resolve("digits.npz");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(archive))) {
            out.putNextEntry(new ZipEntry("x.npy"));
            out.write(Files.readAllBytes(examples));
            out.putNextEntry(new ZipEntry("y.npy"));
            byte[] all = new byte[digits.size()];
            for (int i = 0; i < all.length; i++) {
                all[i] = (byte) digits.labels().orElseThrow()[i];
            }
            out.write(npy("|u1", false, "(" + all.length + ",)", all));
        }
        write("digits.npy.gz", gzip(Files.readAllBytes(examples)));
    }

    @Test
    void everyCommandReadsThem() throws IOException {
        for (String given : new String[] {
            examples + " --labels " + labels,
            archive.toString(),
            folder.resolve("digits.npy.gz").toString()
        }) {
            String data = " " + run + " --backend cpu --data " + given;
            String named = " " + run + " --backend cpu --data digits";
            for (String command : new String[] {"encode", "reconstruct", "score"}) {
                Path out = folder.resolve("out.npy");
                succeeds(command + named + " --out " + out);
                byte[] expected = Files.readAllBytes(out);
                Files.delete(out);
                succeeds(command + data + " --out " + out);
                assertArrayEquals(expected, Files.readAllBytes(out), command + " " + given);
            }
            String expected = succeeds("evaluate" + named + " --importance-samples 5 --json")
                    .out();
            assertEquals(
                    values(expected),
                    values(succeeds("evaluate" + data + " --importance-samples 5 --json")
                            .out()));
            if (given.contains("gz")) {
                refused(3, "probe" + data, "no labels");
            } else {
                assertEquals(
                        JsonParser.parseString(succeeds("probe" + named + " --examples 100 --json")
                                        .out())
                                .getAsJsonObject()
                                .get("codes"),
                        JsonParser.parseString(succeeds("probe" + data + " --examples 100 --json")
                                        .out())
                                .getAsJsonObject()
                                .get("codes"));
            }
        }
    }

    /** Without what depends on the name of the data or on the clock. */
    private static JsonObject values(String text) {
        JsonObject json = JsonParser.parseString(text).getAsJsonObject();
        json.remove("data");
        json.remove("seconds");
        return json;
    }

    @Test
    void severalSourcesAreOneDataSet() throws IOException {
        float[] all = digits.values();
        int first = 1000 * 64;
        Path one = write("one.npy", floats("(1000, 64)", Arrays.copyOf(all, first)));
        Path two = write("two.npy", floats("(797, 64)", Arrays.copyOfRange(all, first, all.length)));
        Path whole = folder.resolve("whole.npy");
        succeeds("encode " + run + " --backend cpu --data " + examples + " --out " + whole);
        Path parts = folder.resolve("parts.npy");
        succeeds("encode " + run + " --backend cpu --data " + one + " --data " + two + " --out " + parts);
        assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(parts));
        String encode = "encode " + run + " --backend cpu --out " + parts + " --data " + one + " --data ";
        refused(3, encode + write("wide.npy", floats("(1, 2)", 1, 2)), "wide.npy", "2 features", "64");
        refused(3, encode + write("bytes.npy", npy("|u1", false, "(1, 64)", new byte[64])), "bytes.npy", "uint8");
        refused(3, encode + archive, "digits.npz", "labels that are numbers");
        refused(2, encode + two + " --labels " + labels, "1 files for 2");
        refused(3, encode + write("nan.npy", floats("(1, 64)", nan())), "nan.npy: row 0, column 7");
    }

    private static float[] nan() {
        float[] values = new float[64];
        values[7] = Float.NaN;
        return values;
    }

    @Test
    @Timeout(120)
    void whatCannotBeTrustedEndsWithThree() throws Exception {
        String train = "train --backend cpu --out " + folder.resolve("never") + " --data ";
        refused(3, train + write("text.xyz", new byte[] {1, 2, 3}), "text.xyz", "NPY", "NPZ", "IDX");
        refused(3, train + write("object.npy", npy("|O", false, "(2, 2)", new byte[32])), "object.npy", "'|O'");
        refused(3, train + write("huge.npy", npy("<f4", false, "(1000000, 1000000)", new byte[4])), "4000000000000");
        refused(3, train + write("empty.npy", npy("<f4", false, "(0, 8)", new byte[0])), "empty");
        refused(3, train + write("none.npy", new byte[0]), "none.npy");
        refused(3, train + write("cut.npz", Arrays.copyOf(Files.readAllBytes(archive), 9000)), "cut.npz", "truncated");
        refused(3, train + write("twice.npy.gz", gzip(gzip(Files.readAllBytes(examples)))), "twice.npy.gz");
        refused(3, train + write("in.npz.gz", gzip(Files.readAllBytes(archive))), "in.npz.gz");
        refused(3, train + write("rank.idx", new byte[] {0, 0, 8, (byte) 255, 0, 0, 0, 1}), "rank 255");
        refused(3, train + write("nan.npy", floats("(2, 64)", new float[64 * 2 - 1], nan()[7])), "row 1", "column 63");
        refused(
                3,
                train + write("two.npy", floats("(2, 2)", 0, 1, 2, 0)) + " --likelihood bernoulli",
                "two.npy",
                "[0, 1]");
        refused(3, train + examples + " --labels " + write("few.npy", floats("(2,)", 0, 1)), "1797", "2 labels");
        refused(3, train + examples + " --labels " + write("odd.npy", floats("(2,)", 0, 1.5f)), "label 1", "1.5");
        refused(3, train + examples + " --labels " + folder, "labels are read from");
        refused(2, train + archive + " --array z", "'z'", "'x'");
        refused(2, train + examples + " --array x", "not an NPZ archive");
        Path loop = Files.createSymbolicLink(folder.resolve("loop"), folder.resolve("loop"));
        refused(3, train + loop, "loop");
        refused(3, train + "/dev/zero", "/dev/zero", "device");
        Skip.unless(Files.isExecutable(Path.of("/usr/bin/mkfifo")), "needs mkfifo");
        Path pipe = folder.resolve("pipe");
        assertEquals(
                0,
                new ProcessBuilder("/usr/bin/mkfifo", pipe.toString()).start().waitFor());
        refused(3, train + pipe, "pipe");
        assertFalse(Files.exists(folder.resolve("never")));
    }

    private static byte[] floats(String shape, float[] values, float last) {
        float[] all = Arrays.copyOf(values, values.length + 1);
        all[values.length] = last;
        return floats(shape, all);
    }

    @Test
    void infoDescribesWhatTrainRefuses() throws IOException {
        Path bad = write(
                "bad.npy",
                floats("(3, 2)", 1, Float.POSITIVE_INFINITY, Float.NaN, 4, Float.NaN, Float.NEGATIVE_INFINITY));
        String text = succeeds("data info " + bad).out();
        assertTrue(text.contains("3 examples of 2 values, float32, in memory"), text);
        assertTrue(text.contains("2 NaN and 2 infinite values, the first: row 0, column 1"), text);
        assertTrue(text.contains("train refuses these data"), text);
        JsonObject json = json("data info --json " + bad).get(0).getAsJsonObject();
        assertEquals(2, json.get("nan").getAsInt());
        assertEquals(2, json.get("infinite").getAsInt());
        assertEquals(0, json.getAsJsonObject("first_not_finite").get("row").getAsInt());
        assertEquals(
                "Infinity",
                json.getAsJsonObject("first_not_finite").get("value").getAsString());
        assertEquals(4, json.get("max").getAsFloat());
        assertFalse(json.get("trainable").getAsBoolean());
        Path none = write("none.npy", floats("(1, 1)", Float.NaN));
        assertTrue(succeeds("data info " + none).out().contains("NaN"));
        assertFalse(json("data info --json " + none).get(0).getAsJsonObject().has("min"));
    }

    private static JsonArray json(String line) {
        return JsonParser.parseString(succeeds(line).out()).getAsJsonArray();
    }

    @Test
    void infoSaysWhatTrainingNeeds() throws IOException {
        JsonObject json = json("data info --json digits").get(0).getAsJsonObject();
        assertEquals(1797, json.get("examples").getAsInt());
        assertEquals(8, json.getAsJsonObject("picture").get("width").getAsInt());
        assertEquals(561718 / (1797.0 * 64 * 16), json.get("mean").getAsDouble(), 1e-9);
        assertEquals(178, json.getAsJsonObject("classes").get("0").getAsInt());
        assertEquals(3, json.get("constant_features").getAsInt());
        assertTrue(json.get("bernoulli").getAsBoolean());
        String table = succeeds("data info " + write("t.npy", floats("(2, 2)", 1, 100, 2, 5000)))
                .out();
        assertTrue(table.contains("row 0, column 1 (from 0) is 100"), table);
        assertTrue(table.contains("standard deviations 0.5000 to 2450"), table);
        String binary = succeeds("data info " + write("b.npy", npy("|b1", false, "(1, 2)", new byte[] {0, 1})))
                .out();
        assertTrue(binary.contains("the best is --likelihood bernoulli"), binary);
        assertTrue(succeeds("data info digits " + "digits").out().contains("3,594 examples"));
        refused(2, "data info", "D");
        refused(3, "data info " + folder.resolve("nothing.npy"), "no such file");
    }

    @Test
    void previewsShowPicturesOrDistributions() throws IOException {
        Path file = folder.resolve("preview.png");
        succeeds("data info digits --preview " + file);
        BufferedImage pictures = ImageIO.read(file.toFile());
        assertEquals(pictures.getWidth(), pictures.getHeight());
        succeeds("data info " + write("flat.npy", floats("(2, 3)", 1, 2, 3, 4, 5, 6)) + " --preview " + file);
        assertTrue(ImageIO.read(file.toFile()).getWidth() > 600);
        for (float value : new float[] {7, Float.NaN}) {
            succeeds("data info " + write("same.npy", floats("(1, 2)", value, value)) + " --preview " + file);
            succeeds("data info " + write("same.npy", floats("(1, 1, 2)", value, value)) + " --preview " + file);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "a|b/1|1000;--delimiter |",
                "a,b/1,1000;--delimiter comma",
                " a  b/ 1  1000;--delimiter space",
                "# a b/1 1000;\"\"",
                "a b/1 1,000;--delimiter space --thousands ,",
                "a b/1 1.000,0;--decimal comma --thousands point --delimiter space",
                "a|b/1|1'000;--thousands '",
                "a|b/1|1000/%|;--comment % --delimiter pipe",
            })
    void tablesAreReadAsTheOptionsSay(String text, String options) throws IOException {
        Path form = Files.writeString(folder.resolve("form.txt"), text.replace('/', '\n') + "\n");
        String said = succeeds("data info " + form + (options.isEmpty() ? "" : " " + options))
                .out();
        assertTrue(said.contains("1 examples of 2 values"), said);
        assertTrue(said.contains("column 'a' from 1 to 1,"), said);
        assertTrue(said.contains("column 'b' from 1000 to 1000,"), said);
    }
}
