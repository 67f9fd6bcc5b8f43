package dev.elbo.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Ops;
import dev.elbo.error.ElboException;
import dev.elbo.verify.Row;
import dev.elbo.verify.Verification;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The speed of every operation, beside the rates of the same run. Operations that fail parity are not timed. */
public final class KernelBench {
    private final Backend backend;
    private final Backend oracle;
    private final BenchSettings settings;
    private final Rates rates;
    private final Map<String, String> failures = new LinkedHashMap<>();

    /** A receiver of progress events. */
    public interface Listener {
        /** Announces that an operation is compared with the float64 reference. */
        void verifying(String op);

        /** Announces that an operation at one size is measured. */
        void next(String operation, int number, int total);

        /** Receives the result of an operation at one size. */
        void done(KernelRow row);
    }

    /** Compares with a float64 backend, and with rates of the same run. */
    public KernelBench(Backend backend, Backend oracle, BenchSettings settings, Rates rates) {
        this.backend = backend;
        this.oracle = oracle;
        this.settings = settings;
        this.rates = rates;
    }

    /** {@return the measured operations} */
    public static Set<String> ops() {
        return KernelCases.all(1 << 20, 1 << 10).stream()
                .map(KernelCase::op)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Measures one of {@link #ops()}; null: all. */
    public List<KernelRow> run(String op, Listener listener) {
        List<KernelCase> cases = KernelCases.all(settings.bytes(), settings.product()).stream()
                .filter(kernel -> op == null || kernel.op().equals(op))
                .toList();
        // all of them first: a device that waits for the reference in between clocks down
        for (KernelCase kernel : cases) {
            failures.computeIfAbsent(kernel.op(), name -> {
                listener.verifying(name);
                return failureOf(name);
            });
        }
        try (Bench bench = new Bench(backend, settings)) {
            int[] number = {0};
            return cases.stream()
                    .map(kernel -> {
                        listener.next(kernel.toString(), ++number[0], cases.size());
                        KernelRow row = measure(bench, kernel);
                        listener.done(row);
                        return row;
                    })
                    .toList();
        }
    }

    private KernelRow measure(Bench bench, KernelCase kernel) {
        String failure = failures.get(kernel.op());
        if (!failure.isEmpty()) {
            return new KernelRow(kernel.op(), kernel.label(), kernel.work(), null, null, failure, true);
        }
        try (Memory memory = new Memory(backend)) {
            Consumer<Ops> call = kernel.prepare().apply(memory);
            memory.clock().set(0, 0, 0, 0);
            Runnable work = () -> call.accept(backend.ops());
            Distribution cold = bench.cold(work);
            Distribution hot = bench.hot(work, cold.median());
            backend.synchronize();
            return new KernelRow(kernel.op(), kernel.label(), kernel.work(), cold, hot, null, false);
        } catch (ElboException e) {
            if (e.kind() != ElboException.Kind.UNAVAILABLE) {
                throw e;
            }
            return new KernelRow(kernel.op(), kernel.label(), kernel.work(), null, null, e.getMessage(), false);
        }
    }

    /** {@return the failure of an operation's parity on this backend; empty if every case passes} */
    private String failureOf(String op) {
        List<Row> rows = Verification.run(backend, oracle, op::equals, Verification.Listener.NONE);
        List<Row> bad = rows.stream().filter(row -> !row.ok()).toList();
        return bad.isEmpty() && !rows.isEmpty()
                ? ""
                : "fails parity in " + bad.size() + " of " + rows.size() + " cases; for details, run Verification.run("
                        + op + ")";
    }

    /** {@return rows and settings for a report file} */
    public JsonObject toJson(List<KernelRow> rows) {
        JsonObject json = new JsonObject();
        json.addProperty("large_bytes", settings.bytes());
        json.addProperty("flush_bytes", settings.flush());
        json.addProperty("product_side", settings.product());
        JsonArray array = new JsonArray();
        rows.forEach(row -> array.add(row.toJson(rates)));
        json.add("rows", array);
        return json;
    }
}
