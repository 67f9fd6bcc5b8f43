package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
        outputs(Path.of(args[0]));
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
                if (!name.equals("metrics.jsonl") && !name.startsWith("checkpoint-")) {
                    String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                    files.put(name, bytes.replace(out.toString(), ""));
                }
            }
        }
        return files;
    }

    private static void run(String command) {
        PrintWriter err = new PrintWriter(System.err);
        assertEquals(0, Main.run(command.split(" "), err, err), command);
    }

    private static ProcessBuilder java(String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return builder;
    }

    @ParameterizedTest
    @ValueSource(strings = {"tr TR ISO-8859-9 Pacific/Chatham", "de DE US-ASCII Asia/Kolkata", "ar EG UTF-16 UTC"})
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void noLocaleEncodingOrTimeZoneHasASay(String place) throws Exception {
        String[] words = place.split(" ");
        Path out = folder.resolve("in" + words[0]);
        Process child = java(
                        "-Duser.language=" + words[0],
                        "-Duser.country=" + words[1],
                        "-Dfile.encoding=" + words[2],
                        "-Duser.timezone=" + words[3],
                        SameBytesTest.class.getName(),
                        out.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, child.waitFor(), said);
        Map<String, String> there = comparable(out);
        assertEquals(expected.keySet(), there.keySet());
        expected.forEach((name, bytes) -> assertEquals(bytes, there.get(name), name));
    }

    @Test
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void npyGoesToAPipe() throws Exception {
        Process child = java(
                        Main.class.getName(),
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

    @ParameterizedTest
    @ValueSource(strings = {"csv", "npy"})
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aReaderThatLeavesEndsItQuietly(String format) throws Exception {
        Path err = folder.resolve("err");
        Process child = java(
                        Main.class.getName(),
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
