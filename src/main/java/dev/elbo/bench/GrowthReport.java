package dev.elbo.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.elbo.io.Curves;
import dev.elbo.io.Text;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** The table, JSON and picture of {@link ScalingBench}: a row per direction, time on the left, memory on the right. */
public final class GrowthReport {
    private static final double MEBIBYTE = 1 << 20;

    private GrowthReport() {}

    /** {@return the points for a report file} */
    public static JsonObject toJson(List<ScalingBench.Point> points) {
        JsonArray array = new JsonArray();
        for (ScalingBench.Point point : points) {
            JsonObject json = new JsonObject();
            json.addProperty("direction", point.direction().label());
            json.addProperty("size", point.size());
            json.addProperty("batch", point.batch());
            json.addProperty("parameters", point.parameters());
            json.add("step_microseconds", point.step().times(1e6).toJson());
            json.addProperty("predicted_step_microseconds", 1e6 * point.forecast());
            json.addProperty("microseconds_per_example", 1e6 * point.example());
            json.addProperty("memory_bytes", point.memory());
            json.addProperty("predicted_memory_bytes", point.plannedMemory());
            array.add(json);
        }
        JsonObject json = new JsonObject();
        json.add("points", array);
        return json;
    }

    /** {@return a Markdown table} */
    public static String markdown(List<ScalingBench.Point> points) {
        StringBuilder text =
                new StringBuilder("| | | µs a step, quartiles | µs an example | predicted | MiB | predicted |\n"
                        + "|---|---|---|---|---|---|---|\n");
        for (ScalingBench.Point point : points) {
            Distribution step = point.step().times(1e6);
            text.append(Text.format(
                    "| %s | %,d | %,.0f · %,.0f · %,.0f | %,.2f | %,.2f | %,.1f | %,.1f |%n",
                    point.direction().label(),
                    point.size(),
                    step.lower(),
                    step.median(),
                    step.upper(),
                    1e6 * point.example(),
                    1e6 * point.forecastExample(),
                    point.memory() / MEBIBYTE,
                    point.plannedMemory() / MEBIBYTE));
        }
        return text.toString();
    }

    /** Draws the directions, one below the other. */
    public static BufferedImage picture(List<ScalingBench.Point> points) {
        List<BufferedImage> rows = Stream.of(ScalingBench.Direction.values())
                .map(direction -> points.stream()
                        .filter(point -> point.direction() == direction)
                        .toList())
                .filter(some -> !some.isEmpty())
                .map(some -> Curves.draw(List.of(
                        panel(some, "time", "µs an example", p -> 1e6 * p.example(), p -> 1e6 * p.forecastExample()),
                        panel(some, "memory", "MiB", p -> p.memory() / MEBIBYTE, p -> p.plannedMemory() / MEBIBYTE))))
                .toList();
        int height = rows.stream().mapToInt(BufferedImage::getHeight).sum();
        BufferedImage all = new BufferedImage(rows.get(0).getWidth(), height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = all.createGraphics();
        int y = 0;
        for (BufferedImage row : rows) {
            graphics.drawImage(row, 0, y, null);
            y += row.getHeight();
        }
        graphics.dispose();
        return all;
    }

    private static Curves.Panel panel(
            List<ScalingBench.Point> points,
            String quantity,
            String unit,
            ToDoubleFunction<ScalingBench.Point> measured,
            ToDoubleFunction<ScalingBench.Point> predicted) {
        String direction = points.get(0).direction().label();
        return new Curves.Panel(
                quantity + " over " + direction,
                direction,
                unit,
                List.of(
                        new Curves.Series(
                                "measured", values(points, ScalingBench.Point::size), values(points, measured)),
                        new Curves.Series(
                                "predicted", values(points, ScalingBench.Point::size), values(points, predicted))),
                Curves.Kind.DOUBLY_LOGARITHMIC,
                List.of());
    }

    private static double[] values(List<ScalingBench.Point> points, ToDoubleFunction<ScalingBench.Point> value) {
        return points.stream().mapToDouble(value).toArray();
    }
}
