package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.io.Npy;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models with classes as a user calls them: every command, on the digits. */
class ConditionalCommandTest {
    private static final String TRAIN =
            "train --conditional --likelihood bernoulli --hidden 16 --latent 2 --backend cpu --epochs 3";

    @TempDir
    private static Path trained;

    @TempDir
    private Path folder;

    @BeforeAll
    static void train() {
        run(TRAIN + " --gap-every 3 --gap-samples 20 --out " + trained).mustWork();
    }

    private static Result run(String command) {
        return Result.of(command.trim().split(" +"));
    }

    private Result elbo(String command, String more) {
        return run(command + " " + trained + " --backend cpu " + more);
    }

    private String out(String name) {
        return " --out " + folder.resolve(name);
    }

    private Path unlabelled() throws IOException {
        List<String> rows = IntStream.range(0, 20)
                .mapToObj(i -> String.join(
                        ",",
                        IntStream.range(0, 64)
                                .mapToObj(j -> Double.toString((i + j) % 10 / 10.0))
                                .toList()))
                .toList();
        return Files.write(folder.resolve("unlabelled.csv"), rows);
    }

    @Test
    void samplesAreOfTheClassesAskedFor() throws IOException {
        String all = elbo("sample", out("all.csv")).mustWork().err();
        assertTrue(all.contains("100 samples in ") && all.contains(": 10 of each class"), all);
        List<String> lines = Files.readAllLines(folder.resolve("all.csv"));
        assertEquals(101, lines.size());
        assertTrue(lines.get(0).startsWith("class,x0,x1,"), lines.get(0));
        for (int i = 0; i < 100; i++) {
            assertTrue(lines.get(1 + i).startsWith(i / 10 + ","), lines.get(1 + i));
        }
        String some = elbo("sample", "--class 7,1 --class 4 --count 3" + out("some.npy"))
                .mustWork()
                .err();
        assertTrue(some.contains("3 of each class, one class after the other: '7', '1', '4'"), some);
        assertArrayEquals(
                new int[] {9, 64}, Npy.read(folder.resolve("some.npy")).shape());
        elbo("sample", "--class 7" + out("seven.npy")).mustWork();
        double[] seven = Npy.read(folder.resolve("seven.npy")).values();
        double[] three = Npy.read(folder.resolve("some.npy")).values();
        // draws belong to their rows
        assertEquals(100 * 64, seven.length);
        for (int i = 0; i < 3 * 64; i++) {
            assertEquals(seven[i], three[i], 1e-5);
        }
        elbo("sample", "--class 7,1 --count 5" + out("lines.png")).mustWork();
        BufferedImage picture = ImageIO.read(folder.resolve("lines.png").toFile());
        assertTrue(picture.getWidth() > 2 * picture.getHeight(), "two lines of five");
        elbo("sample", "--draw --class 2 --from mixture --components 2" + out("mixture.png"))
                .mustWork();
        elbo("sample", "--class ten" + out("no.npy")).mustFail(2, "--class", "'ten'", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9");
        elbo("sample", "--judge digits" + out("no.npy")).mustFail(2, "--judge", "classes");
        assertFalse(Files.exists(folder.resolve("no.npy")));
    }

    @Test
    void classesComeFromTheDataOrFromTheOption() throws IOException {
        String unlabelled = " --all --data " + unlabelled();
        for (String command : List.of("reconstruct", "encode", "score")) {
            elbo(command, out("own.npy")).mustWork();
            elbo(command, "--class 3" + out("three.npy")).mustWork();
            elbo(command, "--class 3" + out("other.npy") + unlabelled).mustWork();
            elbo(command, out("no.npy") + unlabelled)
                    .mustFail(3, "unlabelled.csv", "has no labels", "--label-column", "--class NAME");
            elbo(command, "--class three" + out("no.npy")).mustFail(2, "'three' is none of the model's classes");
            double[] own = Npy.read(folder.resolve("own.npy")).values();
            double[] three = Npy.read(folder.resolve("three.npy")).values();
            assertNotEquals(own[0], three[0], command);
        }
        elbo("score", "--reference digits" + out("scores.csv")).mustWork();
        elbo("evaluate", unlabelled).mustFail(3, "has no labels");
        JsonObject own = json("--json");
        JsonObject three = json("--json --class 3");
        assertEquals(10, own.getAsJsonArray("classes").size());
        assertFalse(own.has("class"));
        assertEquals("3", three.get("class").getAsString());
        assertTrue(own.get("elbo").getAsDouble() > three.get("elbo").getAsDouble(), "most digits are no 3");
        assertTrue(json("--json --importance-samples 20").has("classes"));
        String text = elbo("evaluate", "--class 3").mustWork().out();
        assertTrue(text.contains("given the class '3'"), text);
    }

    private JsonObject json(String options) {
        return JsonParser.parseString(elbo("evaluate", options).mustWork().out())
                .getAsJsonObject();
    }

    @Test
    void pathsAreDecodedInOneClass() {
        elbo("traverse", out("no.png")).mustFail(2, "--class NAME", "--example I");
        elbo("traverse", "--data digits" + out("no.png")).mustFail(2, "--class NAME", "--example I");
        assertTrue(elbo("traverse", "--class 5" + out("t.png")).mustWork().err().contains("in the class '5'"));
        assertTrue(
                elbo("traverse", "--example 3" + out("t.png")).mustWork().err().contains("in the class '6'"));
        assertTrue(elbo("traverse", "--example 3 --class 8" + out("t.png"))
                .mustWork()
                .err()
                .contains("in the class '8'"));
        String other =
                elbo("interpolate", "--from 3 --to 5" + out("i.png")).mustWork().err();
        assertTrue(other.contains("example 3 is of the class '6'") && other.contains("decoded in '6'"), other);
        String given = elbo("interpolate", "--from 3 --to 5 --class 4" + out("i.png"))
                .mustWork()
                .err();
        assertFalse(given.contains("note"), given);
    }

    @Test
    void probeAndReport() throws IOException {
        String note = elbo("probe", "--folds 2 --examples 200").mustWork().err();
        assertTrue(note.contains("may give it away"), note);
        assertFalse(elbo("probe", "--folds 2 --examples 200 --class 0")
                .mustWork()
                .err()
                .contains("note"));
        elbo("report", "--importance-samples 10 --class 3" + out("r.html")).mustWork();
        String page = Files.readString(folder.resolve("r.html"));
        assertTrue(page.contains("a line for each class: 0, 1, 2"), "report");
        assertTrue(page.contains("--class"), "the command that evaluates as the page does");
    }

    @Test
    void modelsWithoutClassesRefuseThem() {
        Path plain = folder.resolve("plain");
        run("train --hidden 8 --latent 2 --epochs 1 --backend cpu --out " + plain)
                .mustWork();
        for (String command :
                List.of("sample", "reconstruct", "encode", "score", "traverse", "interpolate --from 0 --to 1")) {
            run(command + " " + plain + " --backend cpu --class 3" + out("no.npy"))
                    .mustFail(2, "--class", "the model has no classes");
        }
        for (String command : List.of("evaluate", "probe", "report")) {
            run(command + " " + plain + " --backend cpu --class 3").mustFail(2, "the model has no classes");
        }
    }

    @Test
    void trainingSaysWhatItNeeds() throws IOException {
        String data = " --data " + unlabelled() + " --out " + folder.resolve("no");
        run(TRAIN + data).mustFail(3, "has no labels", "--label-column", "leave out --conditional");
        run("train --init-from " + trained + data).mustFail(3, "has no labels");
        Path words = table("words.csv", "cat", "dog");
        run(TRAIN.replace("bernoulli", "gaussian") + " --label-column kind --data " + words + " --init-from " + trained
                        + " --out " + folder.resolve("no"))
                .mustFail(3, "words.csv: row 0 (from 0) has the label 'cat'", "0, 1, 2");
        assertFalse(Files.exists(folder.resolve("no")));
        String plan = run(TRAIN + " --dry-run").mustWork().out();
        assertTrue(plan.contains("bernoulli, 10 classes"), plan);
        Path more = folder.resolve("more");
        run("train --init-from " + trained + " --epochs 1 --backend cpu --out " + more)
                .mustWork();
        elbo("sample --class 9 --count 2", out("nine.npy")).mustWork();
        assertTrue(run("sample " + more + " --backend cpu --class 9 --count 2" + out("s.npy"))
                .mustWork()
                .err()
                .contains("class '9'"));
    }

    /** Rows of two values around a place of their own for each kind. */
    private Path table(String name, String... kinds) throws IOException {
        List<String> rows = IntStream.range(0, 60)
                .mapToObj(i -> Math.sin(i) / 4 + i % kinds.length + "," + Math.cos(3 * i) / 4 + ",\""
                        + kinds[i % kinds.length] + "\"")
                .toList();
        return Files.write(
                folder.resolve(name),
                Stream.concat(Stream.of("x,y,kind"), rows.stream()).toList());
    }

    @Test
    void wordsAreFoundInWhateverOrder() throws IOException {
        Path data = table("data.csv", "cat", "dog", "a, b");
        // without the first of the words, which are numbered in alphabetical order
        Path other = Files.write(
                folder.resolve("other.csv"),
                Files.readAllLines(data).stream()
                        .filter(row -> !row.contains("a, b"))
                        .toList());
        Path model = folder.resolve("words");
        String read = " --label-column kind --backend cpu --data ";
        run("train --conditional --hidden 8 --latent 2 --epochs 20" + read + data + " --test none --out " + model)
                .mustWork();
        run("encode " + model + " --all" + out("a.npy") + read + data).mustWork();
        run("encode " + model + " --all" + out("b.npy") + read + other).mustWork();
        run("encode " + model + " --all --class dog" + out("c.npy") + read + data)
                .mustWork();
        double[] a = Npy.read(folder.resolve("a.npy")).values();
        double[] b = Npy.read(folder.resolve("b.npy")).values();
        double[] c = Npy.read(folder.resolve("c.npy")).values();
        for (int i = 0; i < 60; i++) {
            if (i % 3 < 2) {
                assertEquals(a[2 * i], b[2 * (i / 3 * 2 + i % 3)], 1e-5);
            }
            assertEquals(i % 3 == 1, Math.abs(a[2 * i] - c[2 * i]) < 1e-6, "row " + i);
        }
        String[] sample = ("sample " + model + " --backend cpu --count 1" + out("s.csv") + " --class").split(" ");
        Result.of(Stream.concat(Stream.of(sample), Stream.of("a, b")).toArray(String[]::new))
                .mustWork();
        assertTrue(Files.readAllLines(folder.resolve("s.csv")).get(1).startsWith("\"a, b\","));
        Path unseen = table("unseen.csv", "cat", "cow");
        run("evaluate " + model + read + unseen + " --all")
                .mustFail(3, "unseen.csv: row 1 (from 0) has the label 'cow'", "a, b, cat, dog");
        run("train --init-from " + model + read + unseen + " --out " + folder.resolve("no"))
                .mustFail(3, "unseen.csv", "'cow'");
        Path two = table("two.csv", "cat", "dog");
        String note = run("train --init-from " + model + read + two + " --epochs 1 --out " + folder.resolve("two"))
                .mustWork()
                .err();
        assertTrue(note.contains("class 'a, b' has no training examples"), note);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--threads 1", "--threads 2", "--data-on-device no", "--resume"})
    void theSameBytes(String how) throws IOException {
        Path run = folder.resolve("run");
        if (how.equals("--resume")) {
            run(TRAIN.replace("epochs 3", "epochs 1") + " --gap-every 3 --gap-samples 20 --out " + run)
                    .mustWork();
            run("train --resume --epochs 3 --out " + run).mustWork();
        } else {
            run(TRAIN + " --gap-every 3 --gap-samples 20 " + how + " --out " + run)
                    .mustWork();
        }
        for (String file : List.of("model.safetensors", "samples.png", "reconstructions.png")) {
            assertEquals(-1, Files.mismatch(trained.resolve(file), run.resolve(file)), file);
        }
        BufferedImage samples = ImageIO.read(run.resolve("samples.png").toFile());
        assertEquals(16.0 / 10, (double) samples.getWidth() / samples.getHeight(), 0.02, "ten lines of sixteen");
    }
}
