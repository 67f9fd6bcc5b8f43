package dev.elbo.cli;

import com.google.gson.JsonObject;
import dev.elbo.backend.Backend;
import dev.elbo.backend.BackendTimer;
import dev.elbo.bench.BenchSettings;
import dev.elbo.bench.Distribution;
import dev.elbo.bench.Rates;
import dev.elbo.io.Text;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** The rates that benchmarks measure and print first: the backend's {@code own}, and products by precision. */
record MeasuredRates(BenchSettings settings, Rates own, Map<String, Distribution> products) {
    /** Measures a copy and products, each precision on its own backend; {@code bytes} as of {@link BenchSettings}. */
    static MeasuredRates of(Backend backend, BenchOptions bench, long bytes) {
        BenchSettings settings = settings(backend, bytes);
        bench.err().println("measuring the rates of a copy and of products");
        Rates own = Rates.of(backend, settings);
        Map<String, Distribution> products = new LinkedHashMap<>();
        products.put(bench.backend().precision(), own.product());
        bench.backend().otherPrecisions(backend).forEach((precision, open) -> {
            try (Backend other = open.get()) {
                products.put(precision, Rates.product(other, settings));
            }
        });
        MeasuredRates measured = new MeasuredRates(settings, own, products);
        measured.print(backend, bench.out());
        return measured;
    }

    private static BenchSettings settings(Backend backend, long bytes) {
        try (BackendTimer timer = backend.timer()) {
            return Check.usage(() -> BenchSettings.of(backend, bytes, timer.usesDeviceClock()));
        }
    }

    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.add("rates", own.toJson(products));
        return json;
    }

    private void print(Backend backend, PrintWriter out) {
        out.println(backend.name() + ": " + backend.description());
        out.println(Text.format("copy         %9.1f GB/s", 1e-9 * own.copy().median()));
        products.forEach((precision, rate) -> out.println(
                Text.format("product %s %9.2f TFLOP/s, %d³", precision, 1e-12 * rate.median(), settings.product())));
        out.println();
        out.flush();
    }
}
