package dev.elbo.cli;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.elbo.backend.Backend;
import dev.elbo.io.Version;
import dev.elbo.verify.TensorResult;

/** The JSON object of {@code elbo verify}: the checks of every backend, and a summary. A number that is not finite is null. */
final class VerificationReport {
    /** A threshold between the unit roundoffs of float32 and float64. */
    private static final double FLOAT64 = 0x1p-50;

    private final JsonArray backends = new JsonArray();
    private JsonArray checks;
    private int count;
    private int failed;
    private double worst;

    void begin(Backend backend, String precision) {
        checks = new JsonArray();
        JsonObject object = new JsonObject();
        object.addProperty("backend", backend.name());
        object.addProperty("description", backend.description());
        object.addProperty("precision", backend.unitRoundoff() < FLOAT64 ? "fp64" : precision);
        object.addProperty("unit_roundoff", backend.unitRoundoff());
        object.addProperty("product_roundoff", backend.productRoundoff());
        object.add("checks", checks);
        backends.add(object);
    }

    void add(String kind, String op, String name, TensorResult result, boolean holds, String detail) {
        JsonObject check = new JsonObject();
        check.addProperty("kind", kind);
        check.addProperty("op", op);
        check.addProperty("case", name);
        check.addProperty("tensor", result.tensor());
        check.addProperty("error", orNull(result.error()));
        check.addProperty("bound", orNull(result.bound()));
        check.addProperty("share", orNull(result.fraction()));
        check.addProperty("holds", holds);
        check.addProperty("detail", detail);
        checks.add(check);
        count++;
        failed += holds ? 0 : 1;
        worst = Math.max(worst, result.fraction());
    }

    boolean holds() {
        return failed == 0;
    }

    private static Double orNull(double number) {
        return Double.isFinite(number) ? number : null;
    }

    @Override
    public String toString() {
        JsonObject summary = new JsonObject();
        summary.addProperty("checks", count);
        summary.addProperty("failed", failed);
        summary.addProperty("worst_share", orNull(worst));
        JsonObject report = new JsonObject();
        report.addProperty("elbo", Version.current());
        report.add("backends", backends);
        report.add("summary", summary);
        return new GsonBuilder()
                .serializeNulls()
                .setPrettyPrinting()
                .disableHtmlEscaping()
                .create()
                .toJson(report);
    }
}
