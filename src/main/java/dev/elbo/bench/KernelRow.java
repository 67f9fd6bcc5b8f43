package dev.elbo.bench;

import com.google.gson.JsonObject;
import dev.elbo.cost.Work;
import dev.elbo.io.Text;

/**
 * The result of one operation at one size.
 *
 * @param op its name
 * @param label shapes and options
 * @param work least work of the operation
 * @param cold seconds with no operand in a cache; null if it was not timed
 * @param hot seconds of repetitions; null if it was not timed
 * @param failure reason why it was not timed; null if it was
 * @param isWrong whether it was not timed for failing parity, and not for want of memory
 */
public record KernelRow(
        String op, String label, Work work, Distribution cold, Distribution hot, String failure, boolean isWrong) {
    /** The columns of {@link #line}. */
    public static final String HEADER = Text.format(
            "%-19s %-44s %10s %17s %8s %6s %8s %7s %10s %8s %6s",
            "op", "size", "cold µs", "quartiles", "GB/s", "copy", "TFLOP/s", "product", "hot µs", "GB/s", "floor");

    /** {@return a line of the table: time, bandwidth, share of the copy rate, flops, share of the product rate; hot} */
    public String line(Rates rates) {
        if (failure != null) {
            return Text.format("%-19s %-44s not timed: %s", op, label, failure);
        }
        return Text.format(
                "%-19s %-44s %10.2f %8.2f-%-8.2f %8.0f %5.0f%% %8.2f %6.0f%% %10.2f %8.0f %5.0f%%",
                op,
                label,
                1e6 * cold.median(),
                1e6 * cold.lower(),
                1e6 * cold.upper(),
                1e-9 * work.bytes() / cold.median(),
                100 * ofCopy(cold, rates),
                1e-12 * work.flops() / cold.median(),
                100 * ofProduct(cold, rates),
                1e6 * hot.median(),
                1e-9 * work.bytes() / hot.median(),
                100 * rates.floor(work) / cold.median());
    }

    private double ofCopy(Distribution seconds, Rates rates) {
        return work.bytes() / seconds.median() / rates.copy().median();
    }

    private double ofProduct(Distribution seconds, Rates rates) {
        return work.flops() / seconds.median() / rates.product().median();
    }

    JsonObject toJson(Rates rates) {
        JsonObject json = new JsonObject();
        json.addProperty("op", op);
        json.addProperty("size", label);
        json.addProperty("bytes", work.bytes());
        json.addProperty("flops", work.flops());
        if (failure != null) {
            json.addProperty("not_timed", failure);
        } else {
            json.add("cold", toJson(cold, rates));
            json.add("hot", toJson(hot, rates));
        }
        return json;
    }

    private JsonObject toJson(Distribution seconds, Rates rates) {
        JsonObject json = new JsonObject();
        json.add("microseconds", seconds.times(1e6).toJson());
        json.addProperty("gigabytes_per_second", 1e-9 * work.bytes() / seconds.median());
        json.addProperty("of_copy_rate", ofCopy(seconds, rates));
        json.addProperty("teraflops", 1e-12 * work.flops() / seconds.median());
        json.addProperty("of_product_rate", ofProduct(seconds, rates));
        json.addProperty("floor_over_time", rates.floor(work) / seconds.median());
        return json;
    }
}
