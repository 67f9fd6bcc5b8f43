package dev.elbo.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.elbo.analysis.AnomalyScore;
import dev.elbo.backend.Backend;
import dev.elbo.backend.BackendTimer;
import dev.elbo.io.Text;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Initialization;
import dev.elbo.net.Parameters;
import dev.elbo.net.StoredModel;
import dev.elbo.net.Vae;
import dev.elbo.serve.VaeService;
import dev.elbo.tensor.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** The time that a served model of random weights takes to encode, decode and score one example and many. */
public final class InferenceBench {
    private static final List<Integer> ROWS = List.of(1, 4096);
    /** Rows of a run on the host: its activations stay in a core's cache until the next layer reads them. */
    private static final int ROWS_IN_CACHE = 512;

    private static final double WARM_UP = 1;
    private static final StoppingRule RULE = new StoppingRule(0.005, 1, 20);
    private static final long SEED = 1;

    /**
     * The time of one operation.
     *
     * @param operation encode, decode or score
     * @param rows of a call
     * @param seconds of a call
     */
    public record Result(String operation, int rows, Distribution seconds) {
        /** {@return a line of text} */
        public String line() {
            return Text.format(
                    "%-7s %5d rows %12.2f µs (quartiles %.2f to %.2f) %12.0f rows/s",
                    operation,
                    rows,
                    1e6 * seconds.median(),
                    1e6 * seconds.lower(),
                    1e6 * seconds.upper(),
                    rows / seconds.median());
        }
    }

    private InferenceBench() {}

    /** Writes a model with random weights, made on a backend. */
    public static void write(Backend backend, VaeSpec spec, Path file) {
        double[] half = new double[spec.inputs()];
        Arrays.fill(half, 0.5);
        try (Arena parameters = backend.allocate(Parameters.layout(spec));
                Vae vae = new Vae(backend, spec, parameters)) {
            Initialization.initialize(parameters, spec, SEED, half, half);
            StoredModel.of(vae, Map.of()).write(file);
        }
    }

    /** Measures every operation on services of such a backend; throws unavailable if times are meaningless. */
    public static List<Result> run(Backend backend, Supplier<VaeService.Builder> builder) {
        int most;
        try (BackendTimer timer = Bench.timer(backend)) {
            most = timer.usesDeviceClock() ? Integer.MAX_VALUE : ROWS_IN_CACHE;
        }
        List<Result> results = new ArrayList<>();
        for (int rows : ROWS) {
            // one draw, as a training step has
            try (VaeService service = builder.get()
                    .batchSize(Math.min(rows, most))
                    .samples(1)
                    .replicas(1)
                    .build()) {
                float[] x = random(rows * service.spec().inputs());
                float[] z = random(rows * service.spec().latent());
                results.add(measure("encode", rows, () -> service.encode(x)));
                results.add(measure("decode", rows, () -> service.decode(z)));
                results.add(measure("score", rows, () -> service.anomalyScores(x, AnomalyScore.NEGATIVE_ELBO)));
            }
        }
        return results;
    }

    /** Draws values in [0, 1), which every likelihood takes. */
    private static float[] random(int count) {
        SplittableRandom random = new SplittableRandom(SEED);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble();
        }
        return values;
    }

    private static Result measure(String operation, int rows, Runnable call) {
        boolean smokeTest = SmokeTest.isOn();
        long start = System.nanoTime();
        do {
            call.run();
        } while (!smokeTest && (System.nanoTime() - start) * 1e-9 < WARM_UP);
        StoppingRule rule = smokeTest ? new StoppingRule(0, 0, 3) : RULE;
        return new Result(
                operation,
                rows,
                rule.measure(
                        () -> {
                            long from = System.nanoTime();
                            call.run();
                            return (System.nanoTime() - from) * 1e-9;
                        },
                        System::nanoTime));
    }

    /** {@return the results for a report file} */
    public static JsonObject toJson(List<Result> results) {
        JsonArray array = new JsonArray();
        for (Result result : results) {
            JsonObject json = new JsonObject();
            json.addProperty("what", result.operation());
            json.addProperty("rows", result.rows());
            json.add("microseconds", result.seconds().times(1e6).toJson());
            array.add(json);
        }
        JsonObject json = new JsonObject();
        json.add("inference", array);
        return json;
    }
}
