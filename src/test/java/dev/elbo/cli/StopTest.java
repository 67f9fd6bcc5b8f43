package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signals stop a run between two steps, whatever it does just then; it is saved, and goes on with the same bits. */
class StopTest {
    private static final String[] RUN = {"--hidden", "32", "--latent", "3", "--patience", "0", "--backend", "cpu"};

    /** Of batches of 128 of 1,617 digits. */
    private static final int STEPS_OF_EPOCH = 13;

    /** A run must last until the signal comes, and one that saves at every step lasts longer. */
    private static final int EPOCHS = 250;

    private static final int SAVED_EPOCHS = 60;

    @TempDir
    private static Path folder;

    @BeforeAll
    static void undisturbed() {
        for (int epochs : new int[] {EPOCHS, SAVED_EPOCHS}) {
            elbo("--epochs", "" + epochs, "--out", whole(epochs).toString());
        }
    }

    private static Path whole(int epochs) {
        return folder.resolve("whole" + epochs);
    }

    private static void elbo(String... more) {
        String[] args = Stream.of(new String[] {"train"}, more[0].equals("--resume") ? new String[0] : RUN, more)
                .flatMap(Arrays::stream)
                .toArray(String[]::new);
        StringWriter err = new StringWriter();
        int code = Main.run(args, new PrintWriter(new StringWriter()), new PrintWriter(err));
        assertEquals(0, code, err.toString());
    }

    /** {@code steps}: saving at every step, the signal nearly always comes while it is saved. */
    @ParameterizedTest
    @CsvSource({"INT,130,1,auto", "TERM,143,1,auto", "TERM,143,1,1steps", "INT,130,2,1steps"})
    void aSignalStopsItBetweenSteps(String signal, int code, int times, String every)
            throws IOException, InterruptedException {
        int epochs = every.equals("auto") ? EPOCHS : SAVED_EPOCHS;
        Path run = folder.resolve(signal + times + every);
        Path err = folder.resolve(run.getFileName() + ".err");
        Process process = TrainProcess.start(
                err,
                Stream.concat(
                                Stream.of(RUN),
                                Stream.of(
                                        "--epochs", "" + epochs, "--out", run.toString(), "--checkpoint-every", every))
                        .toArray(String[]::new));
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (!Files.exists(run.resolve("metrics.jsonl"))
                    || TrainProcess.metrics(run).size() < 2) {
                assertTrue(process.isAlive() && System.nanoTime() < deadline, () -> read(err));
                Thread.sleep(5);
            }
            StringWriter refusal = new StringWriter();
            String[] second = {"train", "--resume", "--out", run.toString()};
            assertEquals(7, Main.run(second, new PrintWriter(new StringWriter()), new PrintWriter(refusal)));
            assertTrue(refusal.toString().contains(run + ": is locked by another run"), refusal.toString());
            for (int i = 0; i < times; i++) {
                assertEquals(
                        0,
                        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                                .start()
                                .waitFor());
            }
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it stops");
            assertEquals(code, process.exitValue(), () -> read(err));
        } finally {
            process.destroyForcibly();
        }
        String messages = read(err);
        assertTrue(
                messages.matches("(?s).*stopping\n.*stopped after step \\d+ of " + epochs * STEPS_OF_EPOCH
                        + "; resume with: elbo train --resume --out .*"),
                messages);
        assertTrue(Files.exists(run.resolve("model.safetensors")), "what there is can be used");
        assertTrue(TrainProcess.metrics(run).size() < epochs, "it was stopped");
        elbo("--resume", "--out", run.toString());
        TrainProcess.mustEqual(whole(epochs), run, run.toString());
        assertFalse(read(err).contains("internal error"));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
