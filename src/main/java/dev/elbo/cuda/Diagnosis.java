package dev.elbo.cuda;

import dev.elbo.backend.Finding;
import dev.elbo.cuda.driver.Context;
import dev.elbo.cuda.driver.Device;
import dev.elbo.cuda.driver.Natives;
import dev.elbo.error.ElboException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the CUDA backend needs, looked at piece by piece, the first that is missing explained. */
public final class Diagnosis {
    private static final String CUDA = "cuda";

    private final List<Finding> findings = new ArrayList<>();

    private Diagnosis() {}

    /** Looks at driver, devices, cuBLAS and the loading of the kernels, in that order. */
    public static List<Finding> run() {
        Diagnosis diagnosis = new Diagnosis();
        diagnosis.look();
        return diagnosis.findings;
    }

    private void look() {
        if (!driver()) {
            return;
        }
        List<Device> devices = devices();
        blas();
        for (Device device : devices) {
            kernels(device);
        }
    }

    private boolean driver() {
        Natives.Verdict driver = Natives.driver();
        if (!driver.loaded()) {
            findings.add(Finding.missing(
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
            findings.add(Finding.ok(
                    CUDA,
                    "driver",
                    Natives.DRIVER + " from " + Natives.driver().source() + ", for CUDA " + Device.driverVersion()));
        } catch (ElboException e) {
            findings.add(
                    Finding.failed(CUDA, "driver", e.getMessage(), "reinstall the driver, or restart the machine"));
            return List.of();
        }
        if (devices.isEmpty()) {
            String visible = System.getenv("CUDA_VISIBLE_DEVICES");
            findings.add(Finding.missing(
                    CUDA,
                    "devices",
                    "the driver shows none" + (visible == null ? "" : ", CUDA_VISIBLE_DEVICES=" + visible),
                    visible == null ? "look whether nvidia-smi lists one" : "unset CUDA_VISIBLE_DEVICES"));
        }
        List<Device> usable = new ArrayList<>();
        for (Device device : devices) {
            String what = String.format(
                    Locale.ROOT,
                    "%s, compute capability %s, %d multiprocessors, %.1f GiB",
                    device.name(),
                    device.capability(),
                    device.multiprocessors(),
                    device.memory() / (double) (1 << 30));
            String subject = "cuda:" + device.ordinal();
            if (CudaBackend.isSupported(device)) {
                usable.add(device);
                findings.add(Finding.ok(CUDA, subject, what));
            } else {
                findings.add(Finding.missing(CUDA, subject, what, "elbo needs compute capability 7.5 or newer"));
            }
        }
        return usable;
    }

    private void blas() {
        Natives.Verdict blas = Natives.blas();
        if (blas.loaded()) {
            findings.add(Finding.ok(
                    CUDA,
                    "cuBLAS",
                    blas.library() + " from " + blas.source()
                            + (blas.library().equals(Natives.BLAS) ? "" : ", JCuda's library for 12 adapted to it")));
        } else {
            findings.add(Finding.missing(CUDA, "cuBLAS", blas.problem(), CudaBackend.CUBLAS_ADVICE));
        }
    }

    private void kernels(Device device) {
        String subject = "kernels on cuda:" + device.ordinal();
        try (Context context = Context.of(device)) {
            context.push();
            try {
                Kernels.load(context);
                findings.add(Finding.ok(CUDA, subject, "the PTX of " + String.join(", ", Kernels.FAMILIES) + " loads"));
            } finally {
                context.pop();
            }
        } catch (ElboException e) {
            findings.add(Finding.failed(CUDA, subject, e.getMessage(), "install a newer driver"));
        }
    }
}
