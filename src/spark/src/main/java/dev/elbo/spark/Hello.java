package dev.elbo.spark;

import com.google.gson.Gson;
import dev.elbo.backend.Backend;
import dev.elbo.group.GroupKey;
import dev.elbo.group.Listener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a worker tells all others before they connect.
 *
 * @param address where it listens
 * @param nonce that of the attempt, if it is the first worker
 * @param machine what decides the bits of its numbers
 * @param problem why it cannot train; null if it can
 */
record Hello(String address, byte[] nonce, String machine, TrainingOutcome.Failed problem) {
    private static final Gson GSON = new Gson();

    static Hello of(Listener listener, Backend backend, TrainingOutcome.Failed problem) {
        // how many threads compute decides nothing
        String machine = backend.description().replaceFirst(", \\d+ threads?$", "") + ", " + processor();
        return new Hello(listener.address(), GroupKey.random(GroupKey.NONCE_BYTES), machine, problem);
    }

    /** Returns the model of the processor, by which libraries choose their kernels, where the system tells it. */
    private static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse("an unknown processor");
        } catch (IOException e) {
            return "an unknown processor";
        }
    }

    String text() {
        return GSON.toJson(this);
    }

    static Hello parse(String text) {
        return GSON.fromJson(text, Hello.class);
    }
}
