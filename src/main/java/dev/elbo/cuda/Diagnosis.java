package dev.elbo.cuda;

import dev.elbo.backend.DiagnosticResult;
import dev.elbo.backend.DiagnosticResult.Status;
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

/** The diagnosis of the CUDA backend: checks each of its requirements and explains the first one that is missing. */
public final class Diagnosis {
    /** Bytes of workspace that small products need. */
    private static final long WORKSPACE = 1 << 20;

    private final List<DiagnosticResult> findings = new ArrayList<>();

    private Diagnosis() {}

    /** Checks driver, devices, cuBLAS and the loading of the kernels, in that order. */
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
                add(Status.FAILED, subject(device), e);
            }
        }
    }

    private void add(Status status, String subject, String detail, String advice) {
        findings.add(new DiagnosticResult("cuda", status, subject, detail, advice));
    }

    private void ok(String subject, String detail) {
        findings.add(DiagnosticResult.ok("cuda", subject, detail));
    }

    /** Adds an error, and as advice the part behind the last semicolon of its line. */
    private void add(Status status, String subject, ElboException wrong) {
        String line = wrong.getMessage();
        int end = line.lastIndexOf("; ");
        if (end < 0) {
            add(status, subject, line, "see the log of the operating system's kernel");
        } else {
            add(status, subject, line.substring(0, end), line.substring(end + 2));
        }
    }

    private static String subject(Device device) {
        return "cuda:" + device.ordinal();
    }

    private boolean driver() {
        Natives.Verdict driver = Natives.driver();
        if (!driver.loaded()) {
            add(
                    Status.MISSING,
                    "driver",
                    driver.problem(),
                    Natives.DRIVER.equals(driver.missing())
                            ? "install NVIDIA's driver; inside a container, start it with the NVIDIA runtime (--gpus all)"
                            : "see the message; " + Natives.SETTING + " names a folder with " + Natives.DRIVER);
            return false;
        }
        return true;
    }

    private List<Device> devices() {
        List<Device> devices;
        try {
            devices = Device.all();
            ok(
                    "driver",
                    Natives.DRIVER + " from " + Natives.driver().source() + ", for CUDA " + Device.driverVersion());
        } catch (ElboException e) {
            add(Status.FAILED, "driver", e.getMessage(), "reinstall the driver, or restart the machine");
            return List.of();
        }
        if (devices.isEmpty()) {
            String visible = System.getenv("CUDA_VISIBLE_DEVICES");
            add(
                    Status.MISSING,
                    "devices",
                    "the driver shows none" + (visible == null ? "" : ", CUDA_VISIBLE_DEVICES=" + visible),
                    visible == null ? "check whether nvidia-smi lists one" : "unset CUDA_VISIBLE_DEVICES");
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
            if (Kernels.isSupported(device)) {
                usable.add(device);
                ok(subject, facts);
            } else {
                add(Status.MISSING, subject, facts, "elbo needs compute capability 7.5 or newer");
            }
        }
        return usable;
    }

    private void blas(Context context) {
        String subject = "cuBLAS on " + subject(context.device());
        try (Stream stream = new Stream(context);
                DeviceMemory workspace = new DeviceMemory(context, WORKSPACE);
                Blas blas = Blas.open(context, stream, Precision.FP32, workspace)) {
            ok(subject, blas.library() + ", version " + blas.version());
        } catch (ElboException e) {
            add(Status.MISSING, subject, e);
        }
    }

    private void kernels(Context context) {
        String subject = "kernels on " + subject(context.device());
        long start = System.nanoTime();
        try {
            Kernels.load(context);
            double seconds = (System.nanoTime() - start) * 1e-9;
            String families = String.join(", ", Kernels.FAMILIES);
            ok(subject, String.format(Locale.ROOT, "the PTX of %s loads, in %.2f s", families, seconds));
        } catch (ElboException e) {
            add(Status.FAILED, subject, e);
        }
    }
}
