package dev.elbo.bench;

import com.google.gson.JsonObject;
import dev.elbo.backend.Backend;
import dev.elbo.cost.Work;
import dev.elbo.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * The rates that bound every operation: those of a copy and of a matrix product.
 *
 * @param copy bytes a second, read and written ones together
 * @param product flops a second of a square product
 */
public record Rates(Distribution copy, Distribution product) {
    /** Measures both rates; the copy moves {@code settings.bytes()}. */
    public static Rates of(Backend backend, BenchSettings settings) {
        return new Rates(copy(backend, settings), product(backend, settings));
    }

    private static Distribution copy(Backend backend, BenchSettings settings) {
        int elements = (int) Math.min(Integer.MAX_VALUE - 8, settings.bytes() / (2 * Float.BYTES));
        try (Bench bench = new Bench(backend, settings);
                Memory memory = new Memory(backend)) {
            Tensor from = memory.normals(1, elements);
            Tensor to = memory.output(1, elements);
            Distribution seconds = bench.cold(() -> bench.timer().copy(from, to));
            return rate(2.0 * Float.BYTES * elements, seconds);
        }
    }

    /** Measures flops per second at the precision of the backend. */
    public static Distribution product(Backend backend, BenchSettings settings) {
        int n = settings.product();
        try (Bench bench = new Bench(backend, settings);
                Memory memory = new Memory(backend)) {
            Tensor x = memory.normals(n, n);
            Tensor weight = memory.normals(n, n);
            Tensor y = memory.output(n, n);
            Distribution seconds = bench.cold(() -> bench.timer().product(x, weight, y));
            return rate(Work.product(n, n, n).flops(), seconds);
        }
    }

    /** Converts times to rates. Quartiles change places: the longer the time, the lower the rate. */
    static Distribution rate(double amount, Distribution seconds) {
        return new Distribution(
                amount / seconds.median(), amount / seconds.upper(), amount / seconds.lower(), seconds.count());
    }

    /** {@return the least seconds of some work at these rates} */
    double floor(Work work) {
        return Math.max(work.bytes() / copy.median(), work.flops() / product.median());
    }

    /** {@return the least seconds of launches, one after the other; side by side they may take less} */
    public double floor(List<Work> launches) {
        return launches.stream().mapToDouble(this::floor).sum();
    }

    /** Returns the rates in GB/s and TFLOP/s, with products by precision, this one's among them. */
    public JsonObject toJson(Map<String, Distribution> products) {
        JsonObject json = new JsonObject();
        json.add("copy_gigabytes_per_second", copy.times(1e-9).toJson());
        JsonObject teraflops = new JsonObject();
        products.forEach(
                (precision, rate) -> teraflops.add(precision, rate.times(1e-12).toJson()));
        json.add("product_teraflops", teraflops);
        return json;
    }
}
