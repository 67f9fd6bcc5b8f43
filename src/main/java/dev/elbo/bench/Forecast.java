package dev.elbo.bench;

import com.google.gson.JsonObject;
import dev.elbo.backend.Backend;
import dev.elbo.backend.BackendTimer;
import dev.elbo.cost.Work;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;
import java.util.List;

/**
 * A prediction of the time of consecutive launches: each takes its bytes at the rate of a copy or its flops at that of
 * a product, and no less than the smallest operation.
 *
 * @param rates measured in well under a second
 * @param operation seconds of the smallest operation that waits for the one before it
 */
public record Forecast(Rates rates, Distribution operation) {
    /** Rough time of the smallest operation, from which the number of its repetitions follows. */
    private static final double SHORT = 1e-6;

    /** Measures the rates; throws unavailable if times are meaningless. */
    public static Forecast of(Backend backend) {
        boolean usesDeviceClock;
        try (BackendTimer timer = Bench.timer(backend)) {
            usesDeviceClock = timer.usesDeviceClock();
        }
        BenchSettings settings = BenchSettings.quick(usesDeviceClock);
        return new Forecast(Rates.of(backend, settings), operation(backend, settings));
    }

    private static Distribution operation(Backend backend, BenchSettings settings) {
        try (Bench bench = new Bench(backend, settings);
                Memory memory = new Memory(backend)) {
            Tensor one = memory.normals(1, 1);
            Tensor other = memory.output(1, 1);
            return bench.hot(
                            () -> {
                                backend.ops().activate(one, Activation.RELU, other);
                                backend.ops().activate(other, Activation.RELU, one);
                            },
                            SHORT)
                    .times(0.5);
        }
    }

    /** {@return the measured rates} */
    public JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("copy_bytes_per_second", rates.copy().median());
        json.addProperty("product_flops_per_second", rates.product().median());
        json.addProperty("smallest_operation_seconds", operation.median());
        return json;
    }

    /** {@return the predicted seconds} */
    public double seconds(List<Work> launches) {
        return launches.stream()
                .mapToDouble(work -> Math.max(operation.median(), rates.floor(work)))
                .sum();
    }
}
