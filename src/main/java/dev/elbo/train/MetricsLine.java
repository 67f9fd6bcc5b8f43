package dev.elbo.train;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;

/** An epoch as a line of {@code metrics.jsonl}. */
final class MetricsLine {
    private static final Gson LINE = new GsonBuilder().serializeNulls().create();

    private MetricsLine() {}

    /**
     * Returns the line, with its end.
     *
     * @param test result on the test data at the end of the run, if other data judge the epochs; otherwise null
     */
    static String of(EpochMetrics epoch, EpochMetrics.Part test) {
        JsonObject line = new JsonObject();
        line.addProperty("epoch", epoch.epoch());
        line.addProperty("step", epoch.step());
        line.add("train", part(epoch.train()));
        if (epoch.validation() != null) {
            line.add("validation", part(epoch.validation()));
        }
        if (epoch.test() != null || test != null) {
            line.add("test", part(epoch.test() != null ? epoch.test() : test));
        }
        add(line, "beta", epoch.beta());
        if (!Double.isNaN(epoch.target())) {
            line.addProperty("target", epoch.target());
        }
        line.addProperty("learning_rate", epoch.learningRate());
        line.addProperty("seconds", epoch.seconds());
        line.addProperty("examples_per_second", epoch.examplesPerSecond());
        if (!Double.isNaN(epoch.gap())) {
            line.addProperty("gap", epoch.gap());
            add(line, "gap_monte_carlo_error", epoch.gapMonteCarloError());
        }
        return LINE.toJson(line) + "\n";
    }

    private static JsonObject part(EpochMetrics.Part part) {
        JsonObject json = new JsonObject();
        add(json, "elbo", part.elbo());
        add(json, "loss", part.loss());
        add(json, "reconstruction", part.reconstruction());
        add(json, "kl", part.kl());
        return json;
    }

    /** Adds a number, or null for NaN, which JSON does not have. */
    private static void add(JsonObject json, String name, double value) {
        json.addProperty(name, Double.isFinite(value) ? value : null);
    }
}
