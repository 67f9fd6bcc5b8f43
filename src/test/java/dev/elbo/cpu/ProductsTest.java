package dev.elbo.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.JavaCommand;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProductsTest {
    /** What a process runs where the native library is missing. */
    public static final class WithoutNativeLibrary {
        public static void main(String[] args) {
            for (int i = 0; i < 2; i++) {
                try (CpuBackend backend = new CpuBackend(1)) {
                    System.out.println(backend.description());
                }
            }
        }
    }

    private static String said(Path folder, String option) throws Exception {
        Path said = folder.resolve("said");
        List<String> command = JavaCommand.of(List.of(option), WithoutNativeLibrary.class);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        String text = Files.readString(said, StandardCharsets.UTF_8);
        assertEquals(0, process.exitValue(), text);
        assertEquals(2, text.split("float32, plain Java products, 1 thread", -1).length - 1, text);
        assertEquals(1, text.split("OpenBLAS does not load", -1).length - 1, text);
        return text;
    }

    @Test
    void withoutTheNativeLibraryPlainJavaTakesOverAndSaysSoOnce(@TempDir Path folder) throws Exception {
        String text = said(folder, "-Dos.arch=aarch64");
        assertTrue(text.contains("it is available for Linux on x86-64 only, this is Linux aarch64"), text);
    }

    @Test
    void aTemporaryFolderThatIsOfNoUseIsNamedWithWhatToDo(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        for (Path temporary : List.of(folder.resolve("missing"), file)) {
            String text = said(folder, "-Djava.io.tmpdir=" + temporary);
            String reason = temporary == file ? "Not a directory" : "there is no such folder";
            assertTrue(
                    text.contains("many times slower: Java's temporary folder " + temporary + ": " + reason
                            + "; start Java with -Djava.io.tmpdir=DIR to use another temporary folder\n"),
                    text);
        }
    }
}
