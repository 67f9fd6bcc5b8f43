package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which libraries are loaded, each time in a process of its own. */
@OnDevice(hostOnly = true)
class NativesTest {
    private static final String PLANTED = "libJCudaDriver-12.6.0-linux-x86_64.so";

    @TempDir
    private Path folder;

    private Path libraries;
    private Path temporary;

    private record Result(int code, String printed) {}

    @BeforeEach
    void copyTheHostDevice() throws IOException {
        libraries = Files.createDirectory(folder.resolve("libraries"));
        temporary = Files.createDirectory(folder.resolve("temporary"));
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("elbo.cuda.libraries")))) {
            for (Path file : files.toList()) {
                Files.copy(file, libraries.resolve(file.getFileName()));
            }
        }
    }

    private Result elbo(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Djava.io.tmpdir=" + temporary,
                "-Delbo.cuda.libraries=" + libraries,
                "dev.elbo.cli.Main"));
        command.addAll(List.of(arguments));
        Path printed = folder.resolve("printed");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
        return new Result(process.waitFor(), Files.readString(printed));
    }

    private static void says(Result result, String... parts) {
        for (String part : parts) {
            assertTrue(result.printed().contains(part), result.printed());
        }
        assertFalse(result.printed().contains("\tat "), result.printed());
    }

    @Test
    void librariesPlantedInTheTemporaryFolderAreNotLoaded() throws Exception {
        byte[] planted = "not a library".getBytes();
        Files.write(temporary.resolve(PLANTED), planted);
        Result result = elbo("verify", "--backend", "cuda", "--op", "advance");
        assertEquals(0, result.code(), result.printed());
        says(result, "all hold", "host CUDA device");
        assertArrayEquals(planted, Files.readAllBytes(temporary.resolve(PLANTED)));
        try (Stream<Path> left = Files.list(temporary)) {
            assertEquals(
                    List.of(),
                    left.map(file -> file.getFileName().toString())
                            .filter(name -> name.contains("elbo-") || name.contains("JC") && !name.equals(PLANTED))
                            .toList());
        }
    }

    @Test
    void withoutADriverItIsNamed() throws Exception {
        Files.delete(libraries.resolve("libcuda.so.1"));
        Result result = elbo("train", "--backend", "cuda", "--epochs", "1");
        assertEquals(4, result.code(), result.printed());
        assertEquals(1, result.printed().lines().count(), result.printed());
        says(result, "libcuda.so.1", "elbo doctor");
    }

    @Test
    void aDriverThatIsNoLibraryIsNamed() throws Exception {
        Files.writeString(libraries.resolve("libcuda.so.1"), "not a library");
        Result result = elbo("train", "--backend", "cuda", "--epochs", "1");
        assertEquals(4, result.code(), result.printed());
        says(result, libraries.resolve("libcuda.so.1").toString(), "elbo doctor");
    }

    @Test
    void withoutCublasItIsNamedAndWhatLiesThereInstead() throws Exception {
        Files.delete(libraries.resolve("libcublas.so.12"));
        Files.writeString(libraries.resolve("libcublas.so.13"), "another version");
        Result result = elbo("train", "--backend", "cuda", "--epochs", "1");
        assertEquals(4, result.code(), result.printed());
        says(result, "no cuBLAS", "libcublas.so.12", "elbo doctor");
        Result doctor = elbo("doctor");
        assertEquals(0, doctor.code(), doctor.printed());
        says(doctor, "libcublas.so.12 was not found", "libcublas.so.13 is another version", "ELBO_CUDA_LIBRARIES");
    }
}
