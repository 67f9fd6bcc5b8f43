package dev.elbo.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.Skip;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts of benchmarks/, by their own tests: with programs that stand in for elbo and NVIDIA's tools. */
class BenchmarkScriptsTest {
    @TempDir
    private Path folder;

    @Test
    void theirTestsPass() throws Exception {
        boolean there = Stream.of(System.getenv("PATH").split(Pattern.quote(File.pathSeparator)))
                .anyMatch(place -> Files.isExecutable(Path.of(place, "python3")));
        Skip.unless(there, "there is no python3");
        Path printed = folder.resolve("printed");
        Process process = new ProcessBuilder(
                        "python3", "-B", "-m", "unittest", "discover", "-s", "benchmarks", "-p", "test_*.py")
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
        assertEquals(0, process.waitFor(), () -> read(printed));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }
}
