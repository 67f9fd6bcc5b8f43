package dev.elbo.bench;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import dev.elbo.backend.Backend;
import dev.elbo.backend.BackendTimer;
import dev.elbo.io.AtomicFile;
import dev.elbo.io.Version;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The results of a run with everything that is needed to check them. */
public final class Report {
    /** The variable with the commit, which the launcher sets in a checkout. */
    private static final String COMMIT = "ELBO_COMMIT";

    private final JsonObject json = new JsonObject();

    /** @param command line */
    public Report(Backend backend, String command) {
        json.addProperty("command", command);
        json.addProperty("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        json.addProperty("elbo", Version.current());
        String commit = System.getenv(COMMIT);
        if (commit != null && !commit.isBlank()) {
            json.addProperty("commit", commit);
        }
        json.addProperty("backend", backend.name());
        json.addProperty("description", backend.description());
        try (BackendTimer timer = backend.timer()) {
            timer.hardwareInfo().forEach(json::addProperty);
            json.addProperty("clock", timer.usesDeviceClock() ? "device events" : "wall clock");
        }
        json.addProperty("jdk", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        json.addProperty("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        json.addProperty("processors", Runtime.getRuntime().availableProcessors());
    }

    /** Adds all properties of an object. */
    public Report add(JsonObject results) {
        results.entrySet().forEach(entry -> json.add(entry.getKey(), entry.getValue()));
        return this;
    }

    /** Writes the report. */
    public void write(Path file) {
        String text = new GsonBuilder()
                .setPrettyPrinting()
                .disableHtmlEscaping()
                .serializeSpecialFloatingPointValues()
                .create()
                .toJson(json);
        AtomicFile.write(file, (text + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
