package dev.elbo;

import dev.elbo.backend.Backend;
import dev.elbo.cpu.CpuBackend;
import dev.elbo.error.ElboException;
import dev.elbo.reference.ReferenceBackend;
import java.util.List;
import java.util.function.Supplier;

/** The one place that knows the backends by name. A backend asked for by name never falls back to another. */
public final class Backends {
    /** The names that {@link #open} takes. */
    public static final List<String> NAMES = List.of("auto", "cpu", "reference", "cuda", "cuda:N");

    private Backends() {}

    /**
     * Opens a backend.
     *
     * @param name one of {@link #NAMES}; "auto" takes the fastest that works here
     * @param threads of the CPU backend; 0: all cores
     * @throws ElboException usage, for a name that is none; unavailable, for a backend that is not there
     */
    public static Backend open(String name, int threads) {
        return switch (name) {
            case "auto", "cpu" -> threads == 0 ? new CpuBackend() : new CpuBackend(threads);
            case "reference" -> new ReferenceBackend();
            default -> {
                if (name.matches("cuda(:\\d+)?")) {
                    throw ElboException.unavailable("backend " + name
                            + ": this version of elbo has no CUDA backend yet; use --backend cpu or auto");
                }
                throw ElboException.usage("backend '" + name + "' is none of " + String.join(", ", NAMES));
            }
        };
    }

    /** Why "auto" chooses what it chooses on this machine; null for a backend asked for by name. */
    public static String reason(String name) {
        return name.equals("auto") ? "no CUDA backend in this version" : null;
    }

    /** The float64 oracle that others are held to. */
    public static Backend oracle() {
        return new ReferenceBackend();
    }

    /**
     * How to open every backend that works here, the oracle first.
     *
     * @param threads of the CPU backend; 0: all cores
     */
    public static List<Supplier<Backend>> available(int threads) {
        return List.of(ReferenceBackend::new, () -> open("cpu", threads));
    }
}
