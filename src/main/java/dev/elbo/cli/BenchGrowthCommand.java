package dev.elbo.cli;

import com.google.gson.JsonObject;
import dev.elbo.backend.Backend;
import dev.elbo.bench.Forecast;
import dev.elbo.bench.GrowthReport;
import dev.elbo.bench.ScalingBench;
import dev.elbo.error.ElboException;
import dev.elbo.io.AtomicFile;
import dev.elbo.io.Images;
import dev.elbo.io.Messages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "growth",
        description = "Times training and measures its memory as batch, width, depth, samples and data grow from"
                + " 784-400-20 at batch 128, beside the predictions of 'elbo train --dry-run'. Without --backend,"
                + " runs on every backend that works here, except the reference.")
final class BenchGrowthCommand extends Action {
    @Mixin
    private BackendOptions backendOptions;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "1",
            description = "Minimum measuring time of each configuration in seconds; half of it is added as warm-up"
                    + " (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Folder for growth-BACKEND.json, .md and .png.")
    private Path folder;

    @Override
    public Integer call() {
        if (!(seconds >= 0 && seconds <= 3600)) {
            throw ElboException.usage("--seconds must be 0 to 3600, not " + seconds);
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw ElboException.io(folder + ": cannot be made: " + Messages.reason(e), e);
        }
        for (Backend each : backendOptions.openAll(err())) {
            try (Backend backend = each) {
                // the reference is not built for speed
                if (backend.name().equals("reference") && !backendOptions.isGiven()) {
                    continue;
                }
                run(backend);
            }
        }
        return 0;
    }

    private void run(Backend backend) {
        err().println("measuring the rates of a copy and of products");
        Forecast forecast = Forecast.of(backend);
        List<ScalingBench.Point> points = new ScalingBench(backend, forecast, seconds).run(err()::println);
        JsonObject json = GrowthReport.toJson(points);
        json.add("forecast", forecast.toJson());
        String stem = "growth-" + backend.name();
        BenchOptions.report(backend, spec()).add(json).write(folder.resolve(stem + ".json"));
        String table = GrowthReport.markdown(points);
        AtomicFile.write(folder.resolve(stem + ".md"), table.getBytes(StandardCharsets.UTF_8));
        Images.writePng(folder.resolve(stem + ".png"), GrowthReport.picture(points));
        out().println(backend.name() + ": " + backend.description());
        out().println();
        out().println(table);
        out().flush();
    }
}
