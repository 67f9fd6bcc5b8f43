package dev.elbo.bench;

import com.google.gson.JsonObject;
import dev.elbo.backend.ProgramCounts;
import dev.elbo.io.Text;
import java.util.ArrayList;
import java.util.List;

/**
 * The result of a training step.
 *
 * @param options of the timed step
 * @param stepsPerProgram steps of one launch
 * @param stepsPerRound steps of an epoch
 * @param device seconds of a step by the device's clock; null if only the host has one
 * @param wall seconds of a step by the wall clock, over whole epochs
 * @param hostCpu seconds that a step costs the training thread
 * @param allocated bytes that a step allocates in the Java heap
 * @param launches of a step
 * @param floor seconds that a step's operations, one by one, take at least at the rates of the same run, without caches
 * @param memory bytes that the run has in the backend's memory
 * @param plannedMemory predicted bytes
 * @param loss beside the reference's; null if the reference would take too long
 */
public record StepResult(
        StepOptions options,
        int stepsPerProgram,
        int stepsPerRound,
        Distribution device,
        Distribution wall,
        Distribution hostCpu,
        Distribution allocated,
        Launches launches,
        double floor,
        long memory,
        long plannedMemory,
        Loss loss) {
    private static final double MEBIBYTE = 1 << 20;

    /**
     * The launches of a step, as means over the steps of a program; all 0 if programs are plain lists.
     *
     * @param all kernels, products and copies, as the device counts them
     * @param planned as the program requested them: fewer than all if cuBLAS splits a product into several
     * @param criticalPathNodes planned launches on the longest chain of dependencies
     * @param joins waits of a launch for another branch
     */
    public record Launches(double all, double planned, double criticalPathNodes, double joins) {
        static Launches of(ProgramCounts counts, double steps) {
            return new Launches(
                    counts.launches() / steps,
                    counts.planned() / steps,
                    counts.criticalPathNodes() / steps,
                    counts.joins() / steps);
        }
    }

    /**
     * The held-out loss after some steps, on this backend and in float64.
     *
     * @param steps of training
     */
    public record Loss(int steps, double value, double reference) {
        /** {@return the difference relative to the reference} */
        public double difference() {
            return Math.abs(value - reference) / Math.abs(reference);
        }
    }

    /** {@return images per second, by the device's clock if it has one} */
    public Distribution images() {
        return Rates.rate(options.batch(), time());
    }

    private Distribution time() {
        return device == null ? wall : device;
    }

    /** {@return lines of text} */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(options.label());
        lines.add(time("device", device));
        lines.add(time("wall", wall));
        lines.add(time("host CPU", hostCpu));
        lines.add(line("allocated", "%.1f bytes a step", allocated.median()));
        lines.add(line(
                "launches",
                launches.all() == 0
                        ? "a plain list of operations"
                        : "%.1f a step (%.1f planned), %.1f on the critical path, %.1f waits between branches, %d steps a graph",
                launches.all(),
                launches.planned(),
                launches.criticalPathNodes(),
                launches.joins(),
                stepsPerProgram));
        lines.add(line(
                "floor",
                "%.2f µs a step at these rates and without caches, %.0f%% of the time",
                1e6 * floor,
                100 * floor / time().median()));
        lines.add(line("memory", "%.1f MiB, predicted %.1f MiB", memory / MEBIBYTE, plannedMemory / MEBIBYTE));
        lines.add(line("images", "%.0f a second", images().median()));
        lines.add(
                loss == null
                        ? line("loss", "not compared: the float64 reference would take too long")
                        : line(
                                "loss",
                                "%.6f after %d steps, %.6f in float64, difference %.2g",
                                loss.value(),
                                loss.steps(),
                                loss.reference(),
                                loss.difference()));
        return lines;
    }

    private static String time(String name, Distribution seconds) {
        return seconds == null
                ? line(name, "not measured: the backend has no device clock")
                : line(
                        name,
                        "%.2f µs a step (quartiles %.2f to %.2f, %d rounds)",
                        1e6 * seconds.median(),
                        1e6 * seconds.lower(),
                        1e6 * seconds.upper(),
                        seconds.count());
    }

    private static String line(String name, String format, Object... values) {
        return Text.format("  %-10s ", name) + Text.format(format, values);
    }

    /** {@return the result for a report file} */
    public JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("step", options.label());
        json.addProperty("inputs", options.model().inputs());
        options.model().hidden().ifPresent(widths -> json.addProperty("hidden", widths.toString()));
        json.addProperty("latent", options.model().latent());
        json.addProperty("batch", options.batch());
        json.addProperty("objective", options.objective().label());
        json.addProperty("samples", options.objective().samples());
        json.addProperty("data", options.placement().toString());
        json.addProperty("steps_per_program", stepsPerProgram);
        json.addProperty("steps_per_round", stepsPerRound);
        if (device != null) {
            json.add("device_microseconds", device.times(1e6).toJson());
        }
        json.add("wall_microseconds", wall.times(1e6).toJson());
        json.add("host_cpu_microseconds", hostCpu.times(1e6).toJson());
        json.add("allocated_bytes", allocated.toJson());
        json.addProperty("launches_per_step", launches.all());
        json.addProperty("planned_launches_per_step", launches.planned());
        json.addProperty("depth_per_step", launches.criticalPathNodes());
        json.addProperty("joins_per_step", launches.joins());
        json.addProperty("floor_microseconds", 1e6 * floor);
        json.addProperty("floor_over_time", floor / time().median());
        json.addProperty("memory_bytes", memory);
        json.addProperty("predicted_memory_bytes", plannedMemory);
        json.add("images_per_second", images().toJson());
        if (loss != null) {
            JsonObject losses = new JsonObject();
            losses.addProperty("steps", loss.steps());
            losses.addProperty("loss", loss.value());
            losses.addProperty("float64_loss", loss.reference());
            losses.addProperty("relative_difference", loss.difference());
            json.add("loss", losses);
        }
        return json;
    }
}
