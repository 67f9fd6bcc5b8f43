package dev.elbo;

import dev.elbo.backend.Backend;
import dev.elbo.backend.DiagnosticResult;
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

/** The one place that knows the backends by name. A backend asked for by name never falls back to another. */
public final class Backends {
    /** The names that {@link #open(String)} takes. */
    public static final List<String> NAMES = List.of("auto", "cpu", "reference", "cuda", "cuda:N");
    /** The precisions of products that {@link #choose} takes; only cuda has all of them. */
    public static final List<String> PRECISIONS = List.of("fp32", "tf32", "bf16");

    private static final String FP32 = PRECISIONS.get(0);

    private Backends() {}

    /**
     * A backend and how it came to be.
     *
     * @param backend open; the caller's to close
     * @param reason why it is this one, where {@code auto} chose; else null
     */
    public record Choice(Backend backend, String reason) {}

    /**
     * Opens a backend with float32 products, on all cores where it is the CPU.
     *
     * @param name one of {@link #NAMES}; "auto" takes cuda where it works, else cpu
     * @return the backend, to be closed by the caller
     * @throws ElboException as {@link #choose}
     */
    public static Backend open(String name) {
        return open(name, 0);
    }

    /**
     * {@link #choose} with float32 products.
     *
     * @param name one of {@link #NAMES}
     * @param threads of the CPU backend; 0: all cores
     * @return the backend, to be closed by the caller
     */
    public static Backend open(String name, int threads) {
        return choose(name, threads, FP32).backend();
    }

    /**
     * Opens a backend.
     *
     * @param name one of {@link #NAMES}; "auto" takes cuda where it works, else cpu
     * @param threads of the CPU backend; 0: all cores
     * @param precision one of {@link #PRECISIONS}
     * @return the backend, to be closed by the caller, and why it is this one
     * @throws ElboException usage, for a name that is none; unavailable, for a backend or precision that is not there
     */
    public static Choice choose(String name, int threads, String precision) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(precision, "precision");
        if (!PRECISIONS.contains(precision)) {
            throw ElboException.usage("precision '" + precision + "' is none of " + String.join(", ", PRECISIONS));
        }
        if (name.matches("cuda(:\\d{1,6})?")) {
            return new Choice(cuda(name, precision), null);
        }
        switch (name) {
            case "auto" -> {
                return auto(threads, precision);
            }
            case "cpu", "reference" -> {
                if (!precision.equals(FP32)) {
                    throw ElboException.unavailable("precision " + precision + " needs backend cuda, not " + name);
                }
                return new Choice(name.equals("cpu") ? cpu(threads) : reference(), null);
            }
            default -> throw ElboException.usage("backend '" + name + "' is none of " + String.join(", ", NAMES));
        }
    }

    private static Choice auto(int threads, String precision) {
        try {
            return new Choice(CudaBackend.open(0, CudaSettings.of(precision)), "it is there");
        } catch (ElboException e) {
            // a device that has failed is not there either, before anything was computed on it
            boolean absent = e.kind() == ElboException.Kind.UNAVAILABLE || e.kind() == ElboException.Kind.DEVICE;
            if (!absent || !precision.equals(FP32)) {
                throw e;
            }
            return new Choice(cpu(threads), e.getMessage());
        }
    }

    private static Backend cuda(String name, String precision) {
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

    /** {@return the float64 oracle that others are held to} */
    public static Backend reference() {
        return new ReferenceBackend();
    }

    /**
     * {@return how to open every backend that works here, the oracle first}
     *
     * @param threads of the CPU backend; 0: all cores
     */
    public static List<Supplier<Backend>> available(int threads) {
        List<Supplier<Backend>> available = new ArrayList<>();
        available.add(Backends::reference);
        available.add(() -> cpu(threads));
        if (cudaUnavailableReason().isEmpty()) {
            available.add(() -> cuda("cuda", FP32));
        }
        return available;
    }

    /**
     * What the backends need, looked at piece by piece.
     *
     * @param threads of the CPU backend; 0: all cores
     * @return what was found, in an order for people
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
            cuda("cuda", FP32).close();
            return Optional.empty();
        } catch (ElboException e) {
            return Optional.of(e.getMessage());
        }
    }
}
