package dev.elbo.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import dev.elbo.backend.Backend;
import dev.elbo.bench.Forecast;
import dev.elbo.cost.Work;
import dev.elbo.error.ElboException;
import dev.elbo.io.Text;
import dev.elbo.model.VaeSpec;
import dev.elbo.train.TrainingPlan;
import java.io.PrintWriter;

/**
 * The prediction of {@code elbo train --dry-run}, of a run after {@code done} steps; {@code free} bytes are in the backend's
 * memory. Without a forecast of the time (null) {@code unknown} says why. Of several backends it is that of the first.
 */
record DryRun(
        Backend backend,
        VaeSpec model,
        TrainingPlan plan,
        int backends,
        boolean streamed,
        long done,
        long free,
        Forecast forecast,
        String unknown) {
    private static final Gson JSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
    private static final double MEBIBYTE = 1 << 20;

    /** Measures the rates of a forecast, if times say anything. */
    static DryRun of(Backend backend, VaeSpec model, TrainingPlan plan, int backends, boolean streamed, long done) {
        // before anything is measured
        long free = backend.freeMemory() + plan.bytes().get(TrainingPlan.Use.WORKSPACE);
        try {
            return new DryRun(backend, model, plan, backends, streamed, done, free, Forecast.of(backend), null);
        } catch (ElboException e) {
            if (e.kind() != ElboException.Kind.UNAVAILABLE) {
                throw e;
            }
            return new DryRun(
                    backend, model, plan, backends, streamed, done, free, null, OptionNames.in(e.getMessage()));
        }
    }

    private double stepSeconds() {
        return forecast.seconds(plan.step());
    }

    private double runSeconds() {
        return plan.seconds(forecast::seconds) * (plan.steps() - done) / plan.steps();
    }

    void print(PrintWriter out) {
        Work step = plan.stepWork();
        if (backends > 1) {
            line(
                    out,
                    "backends",
                    "the first of %d, which has the most to do; the exchange of gradients at every step is not in the time",
                    backends);
        }
        line(out, "model", "%s, %,d parameters", model.summary(), plan.parameters());
        plan.bytes().forEach((use, bytes) -> line(out, use.label(), "%,15d bytes%s", bytes, what(use)));
        line(
                out,
                "memory",
                "%,15d bytes, %.1f MiB of %.1f MiB free%s",
                plan.allBytes(),
                plan.allBytes() / MEBIBYTE,
                free / MEBIBYTE,
                plan.allBytes() > free ? ": the run does not fit" : "");
        line(
                out,
                "a step",
                "%.4g flops, %.4g bytes moved, in %d launches",
                step.flops(),
                step.bytes(),
                plan.step().size());
        line(out, "steps", "%,d (%,d an epoch)%s", plan.steps(), plan.stepsPerEpoch(), behind());
        if (forecast == null) {
            line(out, "time", "not predicted: %s", unknown);
            return;
        }
        line(
                out,
                "measured",
                "copy %.1f GB/s, product %.4f TFLOP/s, smallest operation %.2f µs",
                1e-9 * forecast.rates().copy().median(),
                1e-12 * forecast.rates().product().median(),
                1e6 * forecast.operation().median());
        line(out, "time", "%.1f µs a step, %s in all, unless the run stops early", 1e6 * stepSeconds(), time());
        out.println("             at these rates and without caches; small models stay in caches and may be faster");
    }

    private String what(TrainingPlan.Use use) {
        return use == TrainingPlan.Use.DATA ? streamed ? ", streamed" : ", resident" : "";
    }

    private String behind() {
        return done == 0 ? "" : Text.format(", %,d of them done", done);
    }

    private String time() {
        double seconds = runSeconds();
        return seconds < 120
                ? Text.format("%.1f s", seconds)
                : seconds < 7200 ? Text.format("%.0f min", seconds / 60) : Text.format("%.1f h", seconds / 3600);
    }

    private static void line(PrintWriter out, String name, String format, Object... values) {
        out.println(Text.format("%-12s ", name) + Text.format(format, values));
    }

    void printJson(PrintWriter out) {
        JsonObject json = new JsonObject();
        json.addProperty("backend", backend.name());
        json.addProperty("description", backend.description());
        json.addProperty("backends", backends);
        json.addProperty("model", model.summary());
        json.addProperty("parameters", plan.parameters());
        JsonObject bytes = new JsonObject();
        plan.bytes().forEach((use, count) -> bytes.addProperty(use.label(), count));
        json.add("bytes", bytes);
        json.addProperty("memory_bytes", plan.allBytes());
        json.addProperty("free_bytes", free);
        json.addProperty("fits", plan.allBytes() <= free);
        json.addProperty("data", streamed ? "streamed" : "resident");
        json.addProperty("flops_per_step", plan.stepWork().flops());
        json.addProperty("bytes_moved_per_step", plan.stepWork().bytes());
        json.addProperty("launches_per_step", plan.step().size());
        json.addProperty("steps", plan.steps());
        json.addProperty("steps_per_epoch", plan.stepsPerEpoch());
        json.addProperty("steps_done", done);
        if (forecast == null) {
            json.addProperty("not_predicted", unknown);
        } else {
            json.add("measured", forecast.toJson());
            json.addProperty("seconds_per_step", stepSeconds());
            json.addProperty("seconds", runSeconds());
        }
        out.println(JSON.toJson(json));
    }
}
