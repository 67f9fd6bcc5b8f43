package dev.elbo.cuda;

import dev.elbo.backend.DiagnosticResult;
import dev.elbo.backend.Precision;
import dev.elbo.cuda.driver.Blas;
import dev.elbo.cuda.driver.Context;
import dev.elbo.cuda.driver.Device;
import dev.elbo.cuda.driver.DeviceMemory;
import dev.elbo.cuda.driver.Natives;
import dev.elbo.cuda.driver.Stream;
import dev.elbo.error.ElboException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the CUDA backend needs, looked at piece by piece, the first that is missing explained. */
public final class Diagnosis {
    private static final String CUDA = "cuda";
    /** Bytes: small products need no more. */
    private static final long WORKSPACE = 1 << 20;

    private final List<DiagnosticResult> findings = new ArrayList<>();

    private Diagnosis() {}

    /** Looks at driver, devices, cuBLAS and the loading of the kernels, in that order. */
    public static List<DiagnosticResult> run() {
        Diagnosis diagnosis = new Diagnosis();
        diagnosis.look();
        return diagnosis.findings;
    }

    private void look() {
        if (!driver()) {
            return;
        }
        for (Device device : devices()) {
            try (Context context = Context.of(device)) {
                context.push();
                try {
                    blas(context);
                    kernels(context);
                } finally {
                    context.pop();
                }
            } catch (ElboException e) {
                add(DiagnosticResult.Status.FAILED, subject(device), e);
            }
        }
    }

    /** What went wrong, and behind the last semicolon of its line what to do. */
    private void add(DiagnosticResult.Status status, String subject, ElboException wrong) {
        String line = wrong.getMessage();
        int end = line.lastIndexOf("; ");
        findings.add(
                end < 0
                        ? new DiagnosticResult(CUDA, status, subject, line, "look into the kernel's log")
                        : new DiagnosticResult(CUDA, status, subject, line.substring(0, end), line.substring(end + 2)));
    }

    private static String subject(Device device) {
        return "cuda:" + device.ordinal();
    }

    private boolean driver() {
        Natives.Verdict driver = Natives.driver();
        if (!driver.loaded()) {
            findings.add(DiagnosticResult.missing(
                    CUDA,
                    "driver",
                    driver.problem(),
                    Natives.DRIVER.equals(driver.missing())
                            ? "install NVIDIA's driver; inside a container, start it with the NVIDIA runtime (--gpus all)"
                            : "see the message; " + Natives.SETTING + " names a folder with " + Natives.DRIVER));
            return false;
        }
        return true;
    }

    private List<Device> devices() {
        List<Device> devices;
        try {
            devices = Device.all();
            findings.add(DiagnosticResult.ok(
                    CUDA,
                    "driver",
                    Natives.DRIVER + " from " + Natives.driver().source() + ", for CUDA " + Device.driverVersion()));
        } catch (ElboException e) {
            findings.add(DiagnosticResult.failed(
                    CUDA, "driver", e.getMessage(), "reinstall the driver, or restart the machine"));
            return List.of();
        }
        if (devices.isEmpty()) {
            String visible = System.getenv("CUDA_VISIBLE_DEVICES");
            findings.add(DiagnosticResult.missing(
                    CUDA,
                    "devices",
                    "the driver shows none" + (visible == null ? "" : ", CUDA_VISIBLE_DEVICES=" + visible),
                    visible == null ? "look whether nvidia-smi lists one" : "unset CUDA_VISIBLE_DEVICES"));
        }
        List<Device> usable = new ArrayList<>();
        for (Device device : devices) {
            String facts = String.format(
                    Locale.ROOT,
                    "%s, compute capability %s, %d multiprocessors, %.1f GiB",
                    device.name(),
                    device.capability(),
                    device.multiprocessors(),
                    device.memory() / (double) (1 << 30));
            String subject = subject(device);
            if (CudaBackend.isSupported(device)) {
                usable.add(device);
                findings.add(DiagnosticResult.ok(CUDA, subject, facts));
            } else {
                findings.add(
                        DiagnosticResult.missing(CUDA, subject, facts, "elbo needs compute capability 7.5 or newer"));
            }
        }
        return usable;
    }

    private void blas(Context context) {
        String subject = "cuBLAS on " + subject(context.device());
        try (Stream stream = new Stream(context);
                DeviceMemory workspace = new DeviceMemory(context, WORKSPACE);
                Blas blas = Blas.open(context, stream, Precision.FP32, workspace)) {
            findings.add(DiagnosticResult.ok(CUDA, subject, blas.library() + ", version " + blas.version()));
        } catch (ElboException e) {
            add(DiagnosticResult.Status.MISSING, subject, e);
        }
    }

    private void kernels(Context context) {
        String subject = "kernels on " + subject(context.device());
        long start = System.nanoTime();
        try {
            Kernels.load(context);
            findings.add(DiagnosticResult.ok(
                    CUDA,
                    subject,
                    String.format(
                            Locale.ROOT,
                            "the PTX of %s loads, in %.2f s",
                            String.join(", ", Kernels.FAMILIES),
                            (System.nanoTime() - start) * 1e-9)));
        } catch (ElboException e) {
            add(DiagnosticResult.Status.FAILED, subject, e);
        }
    }
}
