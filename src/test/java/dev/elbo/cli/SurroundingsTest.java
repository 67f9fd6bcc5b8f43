package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What surrounds a process (language, time zone, encoding, who reads its output) changes nothing of what it makes. */
class SurroundingsTest {
    /** Differs from run to run, wherever it is: the time that something took. */
    private static final Pattern TIMES = Pattern.compile("\"(seconds|examples_per_second)\": ?[-+.\\dE]+");

    @TempDir
    private Path folder;

    private static List<String> java(String... options) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        return command;
    }

    /** What the process believes about its surroundings, and how that shows. */
    public static final class Beliefs {
        public static void main(String[] args) {
            System.out.println(Locale.getDefault() + " " + String.format("%.1f", 1.5) + " "
                    + ("TITLE".toLowerCase().equals("title") ? "title" : "other") + " "
                    + TimeZone.getDefault().getID() + " " + Charset.defaultCharset());
        }
    }

    private Path run(String name, String... options) throws IOException, InterruptedException {
        Path run = folder.resolve(name);
        Path out = folder.resolve(name + ".out");
        List<String> train = java(options);
        // every folder has the same name for those who are in it
        Files.createDirectories(run);
        train.add(Main.class.getName());
        train.addAll(List.of(
                ("train --hidden 16 --latent 3 --epochs 2 --likelihood bernoulli --backend cpu --threads 1 --out .")
                        .split(" ")));
        List<String> evaluate = java(options);
        evaluate.add(Main.class.getName());
        evaluate.addAll(List.of("evaluate . --backend cpu --importance-samples 20 --out worth.png".split(" ")));
        start(train, run, out, 0);
        start(evaluate, run, out, 0);
        return run;
    }

    private static void start(List<String> command, Path in, Path out, int code)
            throws IOException, InterruptedException {
        Path err = out.resolveSibling(out.getFileName() + ".err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(in.toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()))
                .redirectError(err.toFile());
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        assertEquals(code, process.waitFor(), () -> read(err));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The content of every file by name, times left out; a checkpoint has what metrics and model have, and times. */
    private Map<String, byte[]> files(Path run) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(run)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (!name.startsWith("checkpoint-")) {
                    contents.put(name, withoutTimes(name, Files.readAllBytes(file)));
                }
            }
        }
        contents.put("stdout", Files.readAllBytes(folder.resolve(run.getFileName() + ".out")));
        return contents;
    }

    private static byte[] withoutTimes(String name, byte[] content) throws IOException {
        return name.equals("metrics.jsonl")
                ? TIMES.matcher(new String(content, "UTF-8")).replaceAll("").getBytes("UTF-8")
                : content;
    }

    @Test
    void languagesTimeZonesAndEncodingsChangeNoByte() throws IOException, InterruptedException {
        String encoding = "-Dfile.encoding=" + (Runtime.version().feature() < 18 ? "US-ASCII" : "COMPAT");
        String[] german = {"-Duser.language=de", "-Duser.country=DE", "-Duser.timezone=Asia/Kathmandu", encoding};
        String[] turkish = {
            "-Duser.language=tr", "-Duser.country=TR", "-Duser.timezone=America/St_Johns", "-Dfile.encoding=UTF-8"
        };
        assertEquals("de_DE 1,5 title Asia/Kathmandu US-ASCII", beliefs(german));
        assertEquals("tr_TR 1,5 other America/St_Johns UTF-8", beliefs(turkish));
        Map<String, byte[]> plain = files(run("plain"));
        assertTrue(
                plain.keySet()
                        .containsAll(
                                List.of("model.safetensors", "metrics.jsonl", "curves.png", "worth.png", "stdout")),
                plain.keySet().toString());
        assertFalse(new String(plain.get("metrics.jsonl"), "UTF-8").contains("seconds"));
        for (String[] options : new String[][] {german, turkish}) {
            Map<String, byte[]> other = files(run(options[0].substring("-Duser.language=".length()), options));
            assertEquals(plain.keySet(), other.keySet());
            for (String name : plain.keySet()) {
                assertArrayEquals(plain.get(name), other.get(name), Arrays.toString(options) + ": " + name);
            }
        }
    }

    private String beliefs(String... options) throws IOException, InterruptedException {
        List<String> command = java(options);
        command.add(Beliefs.class.getName());
        Path out = Files.createTempFile(folder, "beliefs", "");
        start(command, folder, out, 0);
        return Files.readString(out).strip();
    }

    /** {@code elbo data list | true}: the reader goes before everything is written. */
    @Test
    void aPipeThatIsClosedEarlyEndsItQuietly() throws IOException, InterruptedException {
        List<String> command = java();
        command.addAll(List.of(Main.class.getName(), "data", "list"));
        Path err = folder.resolve("err");
        Process process =
                new ProcessBuilder(command).redirectError(err.toFile()).start();
        process.getInputStream().close();
        assertEquals(7, process.waitFor());
        assertEquals("", Files.readString(err));
    }
}
