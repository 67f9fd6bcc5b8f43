package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.JavaCommand;
import dev.elbo.cli.Main;
import dev.elbo.cuda.driver.LibrariesInUse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which libraries are loaded, each time in a process of its own. */
@OnDevice(hostOnly = true)
class NativesTest {
    private static final String PLANTED = "libJCudaDriver-12.6.0-linux-x86_64.so";

    @TempDir
    private Path folder;

    private Path libraries;
    private Path temporary;
    private final Map<String, String> environment = new HashMap<>();

    private record Result(int code, String printed) {}

    @BeforeEach
    void copyTheHostDevice() throws IOException {
        machine("");
        libraries = Files.createDirectory(folder.resolve("libraries"));
        temporary = Files.createDirectory(folder.resolve("temporary"));
        Path device = Path.of(System.getProperty("elbo.cuda.libraries")).toAbsolutePath();
        try (Stream<Path> files = Files.list(device)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, libraries.resolve(file.getFileName()));
            }
        }
        // one translation of the PTX serves all
        Path translations = Files.createDirectories(device.resolve("ptx"));
        Files.createSymbolicLink(libraries.resolve("ptx"), translations);
    }

    private Result elbo(String... arguments) throws IOException, InterruptedException {
        return run(Main.class, arguments);
    }

    /** Opens the device and multiplies once. */
    private Result librariesInUse(String... beyond) throws IOException, InterruptedException {
        Result result = run(LibrariesInUse.class, beyond);
        assertEquals(0, result.code(), result.printed());
        return result;
    }

    private Result run(Class<?> program, String... arguments) throws IOException, InterruptedException {
        List<String> command = JavaCommand.of(List.of("-Djava.io.tmpdir=" + temporary), program, arguments);
        Path printed = folder.resolve("printed");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(printed.toFile());
        String explicit = environment.get("ELBO_CUDA_LIBRARIES");
        builder.environment().putAll(environment);
        builder.environment()
                .put("ELBO_CUDA_LIBRARIES", explicit == null ? "" + libraries : libraries + ":" + explicit);
        Process process = builder.start();
        return new Result(process.waitFor(), Files.readString(printed));
    }

    /** Of the machine that the process finds; which accesses of kernels are sound, others look for. */
    private void machine(String settings) {
        environment.put("ELBO_HOST_CUDA", "accesses=plain" + settings);
    }

    private static void says(Result result, String... parts) {
        for (String part : parts) {
            assertTrue(result.printed().contains(part), result.printed());
        }
        assertFalse(result.printed().contains("\tat "), result.printed());
    }

    /** A text, and the first half of the very library: mapping its second half would end the process. */
    static Stream<byte[]> planted() throws IOException {
        try (InputStream library = NativesTest.class.getResourceAsStream("/lib/" + PLANTED)) {
            byte[] whole = library.readAllBytes();
            return Stream.of(
                    "not a library".getBytes(StandardCharsets.US_ASCII), Arrays.copyOf(whole, whole.length / 2));
        }
    }

    @ParameterizedTest
    @MethodSource("planted")
    void librariesPlantedInTheTemporaryFolderAreNotLoaded(byte[] planted) throws Exception {
        Files.write(temporary.resolve(PLANTED), planted);
        Result result = elbo("verify", "--backend", "cuda", "--op", "advance");
        assertEquals(0, result.code(), result.printed());
        says(result, "all hold", "host CUDA device running the PTX");
        assertArrayEquals(planted, Files.readAllBytes(temporary.resolve(PLANTED)));
        try (Stream<Path> left = Files.list(temporary)) {
            assertEquals(
                    List.of(),
                    left.map(file -> file.getFileName().toString())
                            .filter(name -> name.contains("elbo-") || name.contains("JC") && !name.equals(PLANTED))
                            .toList());
        }
    }

    @ParameterizedTest
    @CsvSource({"devices=0, no device", "'devices=1,capability=7.0', compute capability 7.0"})
    void aMachineWithoutAFitDeviceIsOneWithoutCuda(String machine, String why) throws Exception {
        machine("," + machine);
        String run = folder.resolve("run").toString();
        Result named = elbo("train", "--backend", "cuda", "--epochs", "1", "--out", run);
        assertEquals(4, named.code(), named.printed());
        assertEquals(1, named.printed().lines().count(), named.printed());
        says(named, why, "backend cuda");
        Result auto = elbo("train", "--hidden", "4", "--epochs", "1", "--out", run);
        assertEquals(0, auto.code(), auto.printed());
        says(auto, "backend cpu: ", why);
        assertEquals(
                1, auto.printed().lines().filter(line -> line.contains(why)).count(), auto.printed());
    }

    @Test
    void productsThatTheEnvironmentRoundsAreWarnedOfAndRecorded() throws Exception {
        String train = "train --backend cuda --hidden 4 --epochs 1 --out ";
        Path plain = folder.resolve("plain");
        Result exact = elbo((train + plain).split(" "));
        assertEquals(0, exact.code(), exact.printed());
        says(exact, "host CUDA device running the PTX");
        assertFalse((exact.printed() + Files.readString(plain.resolve("config.json"))).contains("environment"));
        environment.put("NVIDIA_TF32_OVERRIDE", "1");
        Path run = folder.resolve("run");
        Result rounded = elbo((train + run).split(" "));
        assertEquals(0, rounded.code(), rounded.printed());
        says(rounded, "products are rounded to TF32 although fp32 was asked for", "NVIDIA_TF32_OVERRIDE");
        String recorded = Files.readString(run.resolve("config.json"));
        assertTrue(recorded.contains("rounded to tf32 by the environment"), recorded);
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
    void withoutCublasItIsNamed() throws Exception {
        Files.delete(libraries.resolve("libcublas.so.12"));
        Result result = elbo("train", "--backend", "cuda", "--epochs", "1");
        assertEquals(4, result.code(), result.printed());
        assertEquals(1, result.printed().lines().count(), result.printed());
        says(result, "no cuBLAS", "libcublas.so.12 was not found", "elbo doctor");
        Result doctor = elbo("doctor");
        assertEquals(0, doctor.code(), doctor.printed());
        says(
                doctor,
                "cuBLAS on cuda:0: no cuBLAS: libcublas.so.12 was not found",
                "nvidia-cublas",
                "ELBO_CUDA_LIBRARIES");
    }

    @Test
    void aCublasThatIsNoLibraryIsNamed() throws Exception {
        Files.writeString(libraries.resolve("libcublas.so.12"), "not a library");
        Result result = elbo("train", "--backend", "cuda", "--epochs", "1");
        assertEquals(4, result.code(), result.printed());
        says(result, libraries.resolve("libcublas.so.12").toString(), "elbo doctor");
    }

    /** cuBLAS 12 or 13, where the toolkit or Python's packages put it. */
    @ParameterizedTest
    @CsvSource({
        "12, CUDA_HOME, lib64",
        "12, CUDA_HOME, targets/x86_64-linux/lib",
        "13, CUDA_HOME, lib64",
        "12, VIRTUAL_ENV, lib/python3.11/site-packages/nvidia/cublas/lib",
        "13, VIRTUAL_ENV, lib/python3.13/site-packages/nvidia/cu13/lib",
        "12, LD_LIBRARY_PATH, .",
        "13, LD_LIBRARY_PATH, .",
        "13, ELBO_CUDA_LIBRARIES, ."
    })
    void cublasIsFoundWherePeopleHaveIt(int version, String variable, String place) throws Exception {
        Path cublas = libraries.resolve("libcublas.so.12");
        String name = "libcublas.so." + version;
        Path home = Files.createDirectory(folder.resolve("home"));
        Path there = Files.createDirectories(home.resolve(place)).toRealPath();
        if (version == 12) {
            Files.move(cublas, there.resolve(name));
        } else {
            Files.delete(cublas);
            Files.copy(
                    Path.of(System.getProperty("elbo.cuda.libraries") + "-13").resolve(name), there.resolve(name));
        }
        environment.put(variable, home.toString());
        Result used = librariesInUse();
        says(used, "cuBLAS: " + name + " from " + (variable.equals("LD_LIBRARY_PATH") ? "the loader's path" : there));
        assertEquals(version == 13, used.printed().contains("JCuda's library for 12 adapted to it"), used.printed());
    }

    private static Path built(String device, String library) {
        return Path.of(System.getProperty("elbo.cuda.libraries") + device).resolve(library);
    }

    /** It loads, makes handles, and knows devices up to 8.0 only. */
    private void anOlderCublas() throws IOException {
        Path cublas = libraries.resolve("libcublas.so.12");
        Files.delete(cublas);
        Files.copy(built("-old", "libcublas.so.12"), cublas);
        machine(",capability=9.0");
    }

    @Test
    void aCublasThatCannotMultiplyOnTheDeviceIsPassedOver() throws Exception {
        anOlderCublas();
        Path newer = Files.createDirectories(folder.resolve("newer")).toRealPath();
        Files.copy(built("-13", "libcublas.so.13"), newer.resolve("libcublas.so.13"));
        environment.put("ELBO_CUDA_LIBRARIES", newer.toString());
        Result doctor = elbo("doctor");
        says(
                doctor,
                "cuBLAS on cuda:0: libcublas.so.13 from " + newer,
                "passed over: libcublas.so.12 from " + libraries,
                "CUBLAS_STATUS_ARCH_MISMATCH (8)",
                "cuda       ok        known answers");
        String told = doctor.printed();
        assertEquals(told.indexOf("passed over"), told.lastIndexOf("passed over"), told);
        machine(",capability=8.0");
        says(librariesInUse(), "cuBLAS: libcublas.so.12 from " + libraries);
    }

    @Test
    void ofTwoOfOneNameTheSecondIsNamedWithWhatToDo() throws Exception {
        anOlderCublas();
        Path other = Files.createDirectories(folder.resolve("other")).toRealPath();
        Files.copy(built("", "libcublas.so.12"), other.resolve("libcublas.so.12"));
        environment.put("ELBO_CUDA_LIBRARIES", other.toString());
        Result result = elbo("train", "--backend", "cuda", "--epochs", "1");
        assertEquals(4, result.code(), result.printed());
        assertEquals(1, result.printed().lines().count(), result.printed());
        says(
                result,
                "no cuBLAS that works on this device",
                "ARCH_MISMATCH",
                "set ELBO_CUDA_LIBRARIES=" + other,
                "elbo doctor");
    }

    /** A link to a link to the Python of a virtual environment, which itself is a link to the system's. */
    @Test
    void aPythonThatIsALinkIntoAnEnvironmentLeadsToItsCublas() throws Exception {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Path shims = Files.createDirectories(folder.resolve("shims"));
        Path home = Files.createDirectories(folder.resolve("venv")).toRealPath();
        Path system = Files.createDirectories(folder.resolve("system").resolve("bin"));
        Path python = Files.writeString(system.resolve("python3.12"), "#!/bin/sh\n");
        assertTrue(python.toFile().setExecutable(true));
        Path there = Files.createDirectories(home.resolve("lib/python3.12/site-packages/nvidia/cublas/lib"));
        Files.createSymbolicLink(Files.createDirectories(home.resolve("bin")).resolve("python3"), python);
        Files.createSymbolicLink(shims.resolve("python3"), home.resolve("bin").resolve("python3"));
        Files.createSymbolicLink(bin.resolve("python3"), Path.of("..", "shims", "python3"));
        Files.move(libraries.resolve("libcublas.so.12"), there.resolve("libcublas.so.12"));
        environment.put("PATH", bin + ":" + System.getenv("PATH"));
        says(librariesInUse(), "cuBLAS: libcublas.so.12 from " + there);
    }

    /** Where containers, WSL and NixOS have it; only if the loader does not find one itself. */
    @Test
    void aDriverBeyondTheLoadersPathIsFound() throws Exception {
        Path loaders = Files.createDirectories(folder.resolve("loaders"));
        Files.copy(libraries.resolve("libcuda.so.1"), loaders.resolve("libcuda.so.1"));
        Path beyond = Files.createDirectories(folder.resolve("beyond"));
        Files.move(libraries.resolve("libcuda.so.1"), beyond.resolve("libcuda.so.1"));
        says(librariesInUse(beyond.toString()), "driver: from " + beyond);
        environment.put("LD_LIBRARY_PATH", loaders.toString());
        says(librariesInUse(beyond.toString()), "driver: from the loader's path");
    }
}
