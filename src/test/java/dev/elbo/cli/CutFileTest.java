package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.JavaCommand;
import dev.elbo.data.NpyBytes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A mapped file that somebody cuts while a model trains on it: an error with its code, no crash of Java. */
class CutFileTest {
    @TempDir
    private Path folder;

    @Test
    @Timeout(240)
    void aFileThatIsCutEndsWithSeven() throws IOException, InterruptedException {
        Path data = folder.resolve("data.npy");
        byte[] start = NpyBytes.npy("<f4", false, "(200000, 128)", new byte[0]);
        Files.write(data, start);
        try (RandomAccessFile file = new RandomAccessFile(data.toFile(), "rw")) {
            file.setLength(start.length + 4L * 200_000 * 128);
        }
        Path err = folder.resolve("err");
        Path run = folder.resolve("run");
        List<String> command = JavaCommand.of(
                List.of("-Xmx64m"),
                Main.class,
                "train",
                "--data",
                data.toString(),
                "--backend",
                "cpu",
                "--hidden",
                "8",
                "--latent",
                "2",
                "--epochs",
                "100000",
                "--patience",
                "0",
                "--out",
                run.toString());
        Process process = new ProcessBuilder(command)
                .redirectError(err.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            while (process.isAlive() && !Files.exists(run.resolve("metrics.jsonl"))) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
            assertTrue(process.isAlive(), () -> read(err));
            try (RandomAccessFile file = new RandomAccessFile(data.toFile(), "rw")) {
                file.setLength(start.length);
            }
            assertEquals(7, process.waitFor(), () -> read(err));
            assertTrue(read(err).contains("its file was cut") || read(err).contains("data file was cut"), read(err));
        } finally {
            process.destroyForcibly();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
