package dev.elbo.examples;

import dev.elbo.analysis.AnomalyScore;
import dev.elbo.serve.VaeService;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A program with threads of its own that ask one trained model all at once, as those of a server do. */
public final class ServeFromThreads {
    private static final int THREADS = 8;
    private static final int REQUESTS = 200;

    private ServeFromThreads() {}

    /** @param arguments a model file */
    public static void main(String[] arguments) throws Exception {
        run(Path.of(arguments[0]), System.out);
    }

    /** Draws examples from the model, and has every thread's requests scored. */
    public static List<Double> run(Path model, PrintStream out) throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        // [shown
        try (VaeService service = VaeService.builder(model)
                .backend("auto")
                .replicas(2)
                .timeout(Duration.ofSeconds(5))
                .build()) {
            float[] image = service.sample(1, 42);
            List<Callable<Double>> requests = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                requests.add(() -> service.anomalyScores(image, AnomalyScore.NEGATIVE_ELBO)[0]);
            }
            List<Double> scores = new ArrayList<>();
            for (Future<Double> answer : threads.invokeAll(requests)) {
                scores.add(answer.get()); // the same bits, whichever thread and replica
            }
            // shown]
            out.printf(
                    Locale.ROOT,
                    "%s; %d requests of %d threads, a score of %.3f nats each%n",
                    service.description(),
                    REQUESTS,
                    THREADS,
                    scores.get(0));
            return scores;
        } finally {
            threads.shutdown();
        }
    }
}
