package dev.elbo.train;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import java.util.stream.Stream;

/** An epoch as a line of {@code metrics.jsonl}: the components of {@link EpochMetrics} in their order. */
final class MetricsLine {
    /** Writes null for a number that is not finite, which JSON does not have. */
    private static final Gson LINE = new GsonBuilder()
            .serializeNulls()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .registerTypeAdapter(Double.class, (JsonSerializer<Double>)
                    (value, type, context) -> Double.isFinite(value) ? new JsonPrimitive(value) : JsonNull.INSTANCE)
            .create();

    private MetricsLine() {}

    /**
     * Returns the line with its end; {@code test} is the result at the end of a run whose epochs other data judge, or
     * null.
     */
    static String of(EpochMetrics epoch, EpochMetrics.Part test) {
        JsonObject line = LINE.toJsonTree(epoch).getAsJsonObject();
        if (epoch.test() == null && test != null) {
            line.add("test", LINE.toJsonTree(test));
        }
        Stream.of("validation", "test", "target", "gap")
                .filter(name -> line.get(name).isJsonNull())
                .forEach(line::remove);
        if (!line.has("gap")) {
            line.remove("gap_monte_carlo_error");
        }
        return LINE.toJson(line) + "\n";
    }
}
