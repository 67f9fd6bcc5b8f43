package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.Skip;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A machine without an NVIDIA driver: told once where it was asked for, and no hindrance elsewhere. */
class WithoutCudaTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void thereIsNone() {
        String problem = Backends.cudaUnavailableReason().orElse("");
        Skip.unless(problem.contains("libcuda.so.1 was not found"), "there is an NVIDIA driver here; " + problem);
    }

    private int elbo(String... args) {
        return Main.run(args, new PrintWriter(out), new PrintWriter(err));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--backend cuda", "--backend cuda:1", "--precision tf32", "--backend auto --precision bf16"})
    void whatNeedsItNamesTheLibraryAndTheDoctor(String options) {
        int code = elbo(("train --epochs 1 --out " + folder.resolve("run") + " " + options).split(" "));
        assertEquals(4, code);
        String message = err.toString();
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.contains("libcuda.so.1") && message.contains("elbo doctor"), message);
        assertTrue(!folder.resolve("run").toFile().exists(), "nothing was begun");
    }

    @Test
    void autoTrainsOnTheCpuAndSaysWhyInOneLine() {
        assertEquals(
                0,
                elbo(
                        "train",
                        "--epochs",
                        "1",
                        "--hidden",
                        "16",
                        "--out",
                        folder.resolve("run").toString()));
        assertEquals(
                1,
                err.toString()
                        .lines()
                        .filter(line -> line.contains("libcuda.so.1"))
                        .count(),
                err.toString());
        assertTrue(err.toString().startsWith("backend cpu: "), err.toString());
    }

    @Test
    void verifySaysWhatItDidNotCheck() {
        assertEquals(0, elbo("verify", "--op", "advance"));
        assertTrue(err.toString().contains("not checked: backend cuda"), err.toString());
    }

    @Test
    void theDoctorSaysWhatToDo() {
        assertEquals(0, elbo("doctor"));
        String report = out.toString();
        assertTrue(report.lines().anyMatch(line -> line.matches("cuda +missing +driver: .*libcuda.so.1.*")), report);
        assertTrue(report.contains("to do: install NVIDIA's driver"), report);
        assertTrue(report.lines().anyMatch(line -> line.matches("cpu +ok +known answers: all .*")), report);
    }
}
