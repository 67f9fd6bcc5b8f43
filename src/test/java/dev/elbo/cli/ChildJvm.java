package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.JavaCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program in a Java of its own, for what must not be tried in this one. */
record ChildJvm(int exit, String out, String err) {
    private static final int SECONDS = 240;

    /**
     * Runs the program to its end.
     *
     * @param folder of its two outputs, and its cache
     * @param java options of Java
     */
    static ChildJvm run(Path folder, List<String> java, String... arguments) throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        List<String> command = JavaCommand.of(java, Main.class, arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("ELBO_CACHE", folder.resolve("cache").toString());
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), () -> "still running: " + command);
            return new ChildJvm(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            process.destroyForcibly();
        }
    }
}
