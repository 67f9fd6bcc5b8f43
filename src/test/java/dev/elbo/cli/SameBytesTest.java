package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Outputs in other locales, time zones and encodings, and into pipes: in JVMs of their own. */
class SameBytesTest {
    private static final String TABLE = "größe;ılık;i\n1,5;-2,25;I\n3,125;1e3;ı\n0,1;7;I\n-1;0,333;İ\n";

    private static final Pattern TIMES = Pattern.compile("\"(seconds|examples_per_second)\": ?[-+.\\dE]+");

    @TempDir
    private static Path folder;

    private static Map<String, String> expected;

    @BeforeAll
    static void here() throws IOException {
        outputs(folder.resolve("here"));
        expected = comparable(folder.resolve("here"));
        assertTrue(expected.size() >= 8, expected.keySet().toString());
    }

    /** What a child runs: commands that leave files in a folder. */
    public static void main(String[] args) throws IOException {
        Path out = Path.of(args[0]);
        Files.writeString(
                out.resolveSibling(out.getFileName() + ".beliefs"),
                Locale.getDefault() + " " + TimeZone.getDefault().getID() + " " + "TITLE".toLowerCase() + " "
                        + Charset.defaultCharset());
        outputs(out);
    }

    private static void outputs(Path out) throws IOException {
        Files.createDirectories(out);
        // beside the folder: the model remembers the name
        Path table = Files.writeString(out.resolveSibling("table.csv"), TABLE);
        String data = " --data " + table + " --decimal comma --label-column i --backend cpu";
        run("train --out " + out + " --epochs 2 --hidden 8 --latent 2 --standardize per-feature" + data);
        run("reconstruct " + out + " --all --out " + out.resolve("reconstructions.csv") + data);
        run("encode " + out + " --all --out " + out.resolve("codes.csv") + data);
        run("encode " + out + " --all --out " + out.resolve("codes.npy") + data);
        run("score " + out + " --all --out " + out.resolve("scores.csv") + data);
        run("sample " + out + " --backend cpu --out " + out.resolve("samples.csv"));
        run("sample " + out + " --backend cpu --draw --out " + out.resolve("draws.csv"));
        run("evaluate " + out + " --importance-samples 20 --out " + out.resolve("worth.png") + data);
        try (PrintWriter printed = new PrintWriter(out.resolve("printed.txt").toFile(), StandardCharsets.UTF_8)) {
            for (String command : List.of("evaluate " + out, "evaluate --json " + out)) {
                Main.run((command + data).split(" "), printed, new PrintWriter(System.err));
            }
        }
    }

    /** What a folder holds but for files with times in them, and without the folder's own name. */
    private static Map<String, String> comparable(Path out) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(out)) {
            for (Path file : all.toList()) {
                String name = file.getFileName().toString();
                // a checkpoint has what metrics and model have, and times
                if (!name.startsWith("checkpoint-")) {
                    String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                    String comparable =
                            name.equals("metrics.jsonl") ? TIMES.matcher(bytes).replaceAll("") : bytes;
                    files.put(name, comparable.replace(out.toString(), ""));
                }
            }
        }
        return files;
    }

    private static void run(String command) {
        PrintWriter err = new PrintWriter(System.err);
        assertEquals(0, Main.run(command.split(" "), err, err), command);
    }

    private static ProcessBuilder elbo(String... arguments) {
        return new ProcessBuilder(JavaCommand.of(Main.class, arguments));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tr TR ISO-8859-9 Pacific/Chatham", "de DE US-ASCII Asia/Kolkata", "ar EG UTF-16 UTC"})
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void noLocaleEncodingOrTimeZoneHasASay(String place) throws Exception {
        String[] words = place.split(" ");
        Path out = folder.resolve("in" + words[0]);
        List<String> settings = List.of(
                "-Duser.language=" + words[0],
                "-Duser.country=" + words[1],
                "-Dfile.encoding=" + words[2],
                "-Duser.timezone=" + words[3]);
        Process child = new ProcessBuilder(JavaCommand.of(settings, SameBytesTest.class, out.toString()))
                .redirectErrorStream(true)
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, child.waitFor(), said);
        // else nothing would have been tried
        String beliefs = Files.readString(out.resolveSibling(out.getFileName() + ".beliefs"));
        String title = words[0].equals("tr") ? "tıtle" : "title";
        assertTrue(beliefs.startsWith(words[0] + "_" + words[1] + " " + words[3] + " " + title + " "), beliefs);
        // from 18 on an encoding other than UTF-8 may not be set
        assertTrue(Runtime.version().feature() >= 18 || beliefs.endsWith(words[2]), beliefs);
        Map<String, String> there = comparable(out);
        assertEquals(expected.keySet(), there.keySet());
        expected.forEach((name, bytes) -> assertEquals(bytes, there.get(name), name));
    }

    @Test
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void npyGoesToAPipe() throws Exception {
        Process child = elbo(
                        "sample",
                        folder.resolve("here").toString(),
                        "--backend",
                        "cpu",
                        "--out",
                        "-",
                        "--format",
                        "npy")
                .redirectError(folder.resolve("err").toFile())
                .start();
        byte[] piped = child.getInputStream().readAllBytes();
        assertEquals(0, child.waitFor(), Files.readString(folder.resolve("err")));
        Path file = folder.resolve("samples.npy");
        run("sample " + folder.resolve("here") + " --backend cpu --out " + file);
        assertArrayEquals(Files.readAllBytes(file), piped);
    }

    /** {@code elbo data list | true}: the reader goes before everything is written. */
    @Test
    void aPipeThatIsClosedEarlyEndsItQuietly() throws IOException, InterruptedException {
        Path err = folder.resolve("err");
        Process child = elbo("data", "list").redirectError(err.toFile()).start();
        child.getInputStream().close();
        assertEquals(7, child.waitFor());
        assertEquals("", Files.readString(err));
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "npy"})
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aReaderThatLeavesEndsItQuietly(String format) throws Exception {
        Path err = folder.resolve("err");
        Process child = elbo(
                        "sample",
                        folder.resolve("here").toString(),
                        "--backend",
                        "cpu",
                        "--count",
                        "2000000",
                        "--out",
                        "-",
                        "--format",
                        format)
                .redirectError(err.toFile())
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.ISO_8859_1))) {
            out.readLine();
        }
        assertEquals(7, child.waitFor(), Files.readString(err));
        assertTrue(Files.readString(err).lines().noneMatch(line -> line.startsWith("elbo: ")), Files.readString(err));
    }
}
