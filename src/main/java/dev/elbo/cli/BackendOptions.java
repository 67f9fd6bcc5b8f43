package dev.elbo.cli;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Precision;
import dev.elbo.error.ElboException;
import dev.elbo.serve.VaeService;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Which backend a command computes on. */
final class BackendOptions {
    /** More than any machine has cores, fewer than an operating system refuses. */
    private static final int MAX_THREADS = 1024;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            description = "Backend to compute on: auto, cpu, reference, cuda or cuda:N. Only auto falls back to another"
                    + " backend.")
    private String given;

    @Option(
            names = "--precision",
            paramLabel = "P",
            description =
                    "Precision of matrix products: fp32, tf32 or bf16 (default: ${DEFAULT-VALUE}). tf32 and bf16 need"
                            + " cuda, where layers of up to 64 inputs, and the heads of small steps, stay in fp32.")
    private String precision = "fp32";

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads of the cpu backend (default: all cores). Results do not depend on their number.")
    private int threads;

    /** Whether one was named. */
    boolean isGiven() {
        return given != null;
    }

    /** Opens it, auto without a name, and says on stderr what it is. */
    Backend open(PrintWriter err) {
        Backends.Choice choice = choose();
        announce(choice, null, err);
        return choice.backend();
    }

    /** Opens it in silence, for {@link #announce} later. */
    Backends.Choice choose() {
        check();
        return builder(given == null ? "auto" : given, Precision.of(precision)).choose();
    }

    /** A service of a model on another one like it. */
    VaeService.Builder serve(Path model) {
        return VaeService.builder(model)
                .backend(given == null ? "auto" : given)
                .precision(Precision.of(precision))
                .threads(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
    }

    /** Another one like it, with products of each precision that it has but its own. */
    Map<String, Supplier<Backend>> otherPrecisions(Backend backend) {
        Map<String, Supplier<Backend>> others = new LinkedHashMap<>();
        if (backend.name().equals("cuda")) {
            for (Precision other : Precision.values()) {
                if (!other.label().equals(precision)) {
                    String name = given == null || given.equals("auto") ? backend.name() : given;
                    others.put(other.label(), builder(name, other)::open);
                }
            }
        }
        return others;
    }

    /** Of products. */
    String precision() {
        return precision;
    }

    /**
     * Says on stderr what it is.
     *
     * @param more what else there is to know, or null
     */
    void announce(Backends.Choice choice, String more, PrintWriter err) {
        err.println("backend " + choice.backend().name() + ": " + OptionNames.in(choice.description())
                + (more == null ? "" : "; " + more));
    }

    /** Opens the one that was named, or every backend that works here, one after the other as the caller goes on. */
    Iterable<Backend> openAll(PrintWriter err) {
        if (given != null || !precision.equals(Precision.FP32.label())) {
            return List.of(open(err));
        }
        check();
        Backends.cudaUnavailableReason().ifPresent(problem -> err.println("not checked: " + OptionNames.in(problem)));
        return () -> Backends.available(threads).stream().map(Supplier::get).iterator();
    }

    private Backends.Builder builder(String name, Precision products) {
        return Backends.builder(name).threads(threads).precision(products);
    }

    private void check() {
        if (threads < 0) {
            throw ElboException.usage("--threads must be at least 1, not " + threads);
        }
        if (threads > MAX_THREADS) {
            throw ElboException.usage("--threads must be at most " + MAX_THREADS + ", not " + threads);
        }
    }
}
