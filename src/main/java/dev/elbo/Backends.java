package dev.elbo;

import dev.elbo.backend.Backend;
import dev.elbo.backend.DiagnosticResult;
import dev.elbo.backend.Precision;
import dev.elbo.cpu.CpuBackend;
import dev.elbo.cuda.CudaBackend;
import dev.elbo.cuda.CudaSettings;
import dev.elbo.cuda.Diagnosis;
import dev.elbo.error.ElboException;
import dev.elbo.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** The backends by name. A backend that is opened by name never falls back to another. */
public final class Backends {
    /** The names that {@link #open(String)} takes. */
    public static final List<String> NAMES = List.of("auto", "cpu", "reference", "cuda", "cuda:N");

    private Backends() {}

    /**
     * An open backend and the reason for it.
     *
     * @param backend to be closed by the caller
     * @param reason why {@code auto} chose it; empty for any other name
     */
    public record Choice(Backend backend, Optional<String> reason) {
        /** {@return the backend's description, followed by the reason in parentheses if there is one} */
        public String description() {
            return backend.description()
                    + reason.map(why -> " (auto: " + why + ")").orElse("");
        }
    }

    /** A builder that opens one backend; every setting has a default. */
    public static final class Builder {
        private final String name;
        private int threads;
        private Precision precision = Precision.FP32;

        private Builder(String name) {
            this.name = Objects.requireNonNull(name, "name");
        }

        /** Sets the threads of the CPU backend: at least 1, or 0 (the default) for one on each core. */
        public Builder threads(int count) {
            if (count < 0) {
                throw new IllegalArgumentException("threads must be at least 0, not " + count);
            }
            threads = count;
            return this;
        }

        /** Sets the precision of matrix products: any on cuda, else {@link Precision#FP32}, which is the default. */
        public Builder precision(Precision products) {
            precision = Objects.requireNonNull(products, "precision");
            return this;
        }

        /**
         * Opens the backend.
         *
         * @return the backend, to be closed by the caller
         * @throws ElboException usage, for an unknown name; unavailable, for a backend or precision that this machine lacks
         */
        public Backend open() {
            return choose().backend();
        }

        /**
         * Opens the backend, and gives the reason for it.
         *
         * @return the backend, to be closed by the caller, and why {@code auto} chose it
         * @throws ElboException as {@link #open()}
         */
        public Choice choose() {
            if (name.equals("auto")) {
                return auto(threads, precision);
            }
            return new Choice(named(name, threads, precision), Optional.empty());
        }
    }

    /**
     * Creates a builder that opens a backend with options.
     *
     * @param name one of {@link #NAMES}; "auto" takes cuda if it works, else cpu
     * @return a builder with all defaults
     */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /**
     * Opens a backend with float32 products; the CPU backend uses all cores.
     *
     * @param name one of {@link #NAMES}; "auto" takes cuda if it works, else cpu
     * @return the backend, to be closed by the caller
     * @throws ElboException as {@link Builder#open()}
     */
    public static Backend open(String name) {
        return builder(name).open();
    }

    private static Backend named(String name, int threads, Precision precision) {
        if (name.matches("cuda(:\\d{1,6})?")) {
            return cuda(name, precision);
        }
        boolean cpu = name.equals("cpu");
        if (!cpu && !name.equals("reference")) {
            throw ElboException.usage("backend '" + name + "' is not one of " + String.join(", ", NAMES));
        }
        if (precision != Precision.FP32) {
            throw ElboException.unavailable("precision " + precision + " needs backend cuda, not " + name);
        }
        return cpu ? cpu(threads) : reference();
    }

    private static Choice auto(int threads, Precision precision) {
        try {
            return new Choice(CudaBackend.open(0, CudaSettings.of(precision)), Optional.of("it is there"));
        } catch (ElboException e) {
            // a device that has failed is not there either, before anything was computed on it
            boolean absent = e.kind() == ElboException.Kind.UNAVAILABLE || e.kind() == ElboException.Kind.DEVICE;
            if (!absent || precision != Precision.FP32) {
                throw e;
            }
            return new Choice(cpu(threads), Optional.of(e.getMessage()));
        }
    }

    private static Backend cuda(String name, Precision precision) {
        int ordinal = name.equals("cuda") ? 0 : Integer.parseInt(name.substring("cuda:".length()));
        try {
            return CudaBackend.open(ordinal, CudaSettings.of(precision));
        } catch (ElboException e) {
            if (e.kind() != ElboException.Kind.UNAVAILABLE) {
                throw e;
            }
            throw ElboException.unavailable("backend " + name + ": " + e.getMessage(), e);
        }
    }

    private static CpuBackend cpu(int threads) {
        return threads == 0 ? new CpuBackend() : new CpuBackend(threads);
    }

    /** {@return the float64 reference backend, which others are compared with} */
    public static Backend reference() {
        return new ReferenceBackend();
    }

    /**
     * {@return a supplier of every backend that works here, the reference first}
     *
     * @param threads of the CPU backend; 0: all cores
     */
    public static List<Supplier<Backend>> available(int threads) {
        List<Supplier<Backend>> available = new ArrayList<>();
        available.add(Backends::reference);
        available.add(() -> cpu(threads));
        if (cudaUnavailableReason().isEmpty()) {
            available.add(() -> cuda("cuda", Precision.FP32));
        }
        return available;
    }

    /**
     * Checks the requirements of the backends, one by one.
     *
     * @param threads of the CPU backend; 0: all cores
     * @return the results in display order
     */
    public static List<DiagnosticResult> diagnose(int threads) {
        List<DiagnosticResult> findings = new ArrayList<>();
        Runtime runtime = Runtime.getRuntime();
        findings.add(DiagnosticResult.ok(
                "java",
                "runtime",
                System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + "), "
                        + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", "
                        + runtime.availableProcessors() + " processors, " + (runtime.maxMemory() >> 20)
                        + " MiB of heap at most"));
        try (CpuBackend cpu = cpu(threads)) {
            findings.add(cpu.diagnosis());
        }
        findings.addAll(Diagnosis.run());
        return findings;
    }

    /** {@return why there is no CUDA backend on this machine; empty if there is one} */
    public static Optional<String> cudaUnavailableReason() {
        try {
            cuda("cuda", Precision.FP32).close();
            return Optional.empty();
        } catch (ElboException e) {
            return Optional.of(e.getMessage());
        }
    }
}
