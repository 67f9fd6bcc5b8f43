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

    @Test
    void withoutTheNativeLibraryPlainJavaTakesOverAndSaysSoOnce(@TempDir Path folder) throws Exception {
        Path said = folder.resolve("said");
        // a platform for which there is no library in the jars
        List<String> command =
                JavaCommand.of(List.of("-Dorg.bytedeco.javacpp.platform=nowhere"), WithoutNativeLibrary.class);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        String text = Files.readString(said, StandardCharsets.UTF_8);
        assertEquals(0, process.exitValue(), text);
        assertEquals(2, text.split("float32, plain Java products, 1 thread", -1).length - 1, text);
        assertEquals(1, text.split("OpenBLAS does not load", -1).length - 1, text);
    }
}
