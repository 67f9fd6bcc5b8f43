package dev.elbo.train;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.error.ElboException;
import dev.elbo.io.AtomicFile;
import dev.elbo.io.Messages;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a run leaves behind: configuration, metrics, model, pictures. */
public final class RunFolder implements AutoCloseable {
    private static final Gson LINE = new GsonBuilder().serializeNulls().create();
    private static final Gson PRETTY =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private final Path folder;
    private final BufferedWriter metrics;

    /**
     * Makes the folder where it is missing and starts its metrics anew.
     *
     * @throws ElboException io, if it cannot be written to
     */
    public RunFolder(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            metrics = Files.newBufferedWriter(metricsFile(), StandardCharsets.UTF_8);
        } catch (FileAlreadyExistsException e) {
            throw ElboException.io(folder + ": is a file, not a folder; give another --out", e);
        } catch (IOException e) {
            throw ElboException.io(
                    folder + ": cannot be written to: " + Messages.reason(e) + "; give another folder with --out", e);
        }
    }

    public Path model() {
        return folder.resolve("model.safetensors");
    }

    public Path reconstructions() {
        return folder.resolve("reconstructions.png");
    }

    public Path samples() {
        return folder.resolve("samples.png");
    }

    public Path curves() {
        return folder.resolve("curves.png");
    }

    private Path metricsFile() {
        return folder.resolve("metrics.jsonl");
    }

    /** Writes {@code config.json}. */
    public void writeConfiguration(JsonObject configuration) {
        AtomicFile.write(
                folder.resolve("config.json"), (PRETTY.toJson(configuration) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Appends an epoch to {@code metrics.jsonl}, and to the file at once.
     *
     * @param gap the posterior gap after the epoch, where it was measured; else null
     */
    public void append(EpochMetrics epoch, LikelihoodEstimate gap) {
        JsonObject line = new JsonObject();
        line.addProperty("epoch", epoch.epoch());
        line.addProperty("step", epoch.step());
        line.add("train", part(epoch.train()));
        line.add("test", part(epoch.test()));
        add(line, "beta", epoch.beta());
        if (!Double.isNaN(epoch.target())) {
            line.addProperty("target", epoch.target());
        }
        line.addProperty("seconds", epoch.seconds());
        line.addProperty("examples_per_second", epoch.examplesPerSecond());
        if (gap != null) {
            add(line, "gap", gap.gap());
            add(line, "gap_monte_carlo_error", gap.gapMonteCarloError());
        }
        try {
            metrics.write(LINE.toJson(line));
            metrics.write('\n');
            metrics.flush();
        } catch (IOException e) {
            throw unwritten(e);
        }
    }

    private ElboException unwritten(IOException e) {
        return ElboException.io(
                metricsFile() + ": could not be written: " + Messages.reason(e)
                        + "; check the folder and its free space",
                e);
    }

    private static JsonObject part(EpochMetrics.Part part) {
        JsonObject json = new JsonObject();
        add(json, "elbo", part.elbo());
        add(json, "loss", part.loss());
        add(json, "reconstruction", part.reconstruction());
        add(json, "kl", part.kl());
        return json;
    }

    /** JSON has no NaN: what does not exist is null. */
    private static void add(JsonObject json, String name, double value) {
        json.addProperty(name, Double.isFinite(value) ? value : null);
    }

    @Override
    public void close() {
        try {
            metrics.close();
        } catch (IOException e) {
            throw unwritten(e);
        }
    }
}
