package dev.elbo.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** A line of {@code metrics.jsonl}. */
record Epoch(JsonObject line) {
    int number() {
        return (int) value("epoch");
    }

    /** Returns a number in nats per example of {@code train}, {@code validation} or {@code test}; NaN if there is none. */
    double value(String part, String name) {
        return line.get(part) instanceof JsonObject object ? number(object.get(name)) : Double.NaN;
    }

    /** Returns a number of the epoch; NaN if it has none. */
    double value(String name) {
        return number(line.get(name));
    }

    private static double number(JsonElement value) {
        return value != null
                        && value.isJsonPrimitive()
                        && value.getAsJsonPrimitive().isNumber()
                ? value.getAsDouble()
                : Double.NaN;
    }
}
