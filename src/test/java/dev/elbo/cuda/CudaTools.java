package dev.elbo.cuda;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The CUDA compiler and assembler of this machine, where there are any: $NVCC, the path, /usr/local/cuda/bin. */
final class CudaTools {
    private CudaTools() {}

    static Optional<Path> find(String tool) {
        List<Path> places = new ArrayList<>();
        String nvcc = System.getenv("NVCC");
        if (nvcc != null && !nvcc.isEmpty()) {
            places.add(Path.of(nvcc).resolveSibling(tool));
        }
        for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            places.add(Path.of(folder, tool));
        }
        places.add(Path.of("/usr/local/cuda/bin", tool));
        return places.stream().filter(Files::isExecutable).findFirst();
    }

    /** What a command printed, stdout and stderr in one. */
    record Output(int exit, String text) {}

    /**
     * Runs a command to its end, at most two minutes.
     *
     * @param environment variables to add
     * @param log an empty folder's file for what it prints: a pipe that nobody reads would block it
     */
    static Output run(Path log, Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IOException("still running after two minutes: " + String.join(" ", command));
        }
        return new Output(process.exitValue(), Files.readString(log, StandardCharsets.UTF_8));
    }
}
