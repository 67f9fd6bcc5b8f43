package dev.elbo.bench;

import dev.elbo.backend.Backend;
import dev.elbo.backend.BackendTimer;
import dev.elbo.backend.Program;
import dev.elbo.error.ElboException;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.function.DoubleSupplier;

/**
 * A stopwatch for work that is queued into a backend: by the device's clock, and behind work that keeps the device busy
 * for longer than the host needs to queue it, so that no timed launch waits for the host.
 */
final class Bench implements AutoCloseable {
    /** Prefix of the device's name; the rest says which kernels it runs. */
    private static final String TEST_DEVICE = "host CUDA device";

    /** The least number of untimed runs, however long they take. */
    private static final int MIN_WARM_UPS = 3;
    /** The time of a program of repetitions, within the limits of their number. */
    private static final double PROGRAM_SECONDS = 1e-3;

    private static final int MAX_REPETITIONS = 200;
    private static final int MIN_REPETITIONS = 4;

    private final Closer closer = new Closer();
    private final Backend backend;
    private final BackendTimer timer;
    private final BenchSettings settings;
    private final Tensor from;
    private final Tensor to;

    Bench(Backend backend, BenchSettings settings) {
        this.backend = backend;
        this.settings = settings;
        try {
            timer = closer.register(timer(backend));
            int elements = (int) Math.min(Integer.MAX_VALUE - 8, settings.flush() / Float.BYTES);
            from = closer.register(backend.allocate(ElementType.REAL, 1, elements));
            to = closer.register(backend.allocate(ElementType.REAL, 1, elements));
        } catch (Throwable thrown) {
            closer.close();
            throw thrown;
        }
    }

    /** Opens a backend's timer; throws unavailable if its times are meaningless. */
    static BackendTimer timer(Backend backend) {
        BackendTimer timer = backend.timer();
        String device = String.valueOf(timer.hardwareInfo().get("device"));
        if (device.startsWith(TEST_DEVICE) && !SmokeTest.isOn()) {
            timer.close();
            throw ElboException.unavailable("backend " + backend.name() + " runs on the " + TEST_DEVICE
                    + ", a test device whose times say nothing; run the benchmark on a GPU, or on backend cpu");
        }
        return timer;
    }

    BackendTimer timer() {
        return timer;
    }

    /** Measures the seconds of work whose operands are in no cache. */
    Distribution cold(Runnable work) {
        return measure(() -> flushed(work));
    }

    private Distribution measure(DoubleSupplier once) {
        long start = System.nanoTime();
        for (int i = 0; i < MIN_WARM_UPS || (System.nanoTime() - start) * 1e-9 < settings.warmUp(); i++) {
            once.getAsDouble();
        }
        return settings.rule().measure(once, System::nanoTime);
    }

    private double flushed(Runnable work) {
        timer.copy(from, to);
        timer.start();
        work.run();
        timer.stop();
        return timer.seconds();
    }

    /** Measures the mean seconds of work that repeats, behind a run of it; {@code each} is a guess of them. */
    Distribution hot(Runnable work, double each) {
        int repetitions = (int) Math.min(MAX_REPETITIONS, Math.max(MIN_REPETITIONS, PROGRAM_SECONDS / each));
        try (Program program = backend.record(() -> {
            for (int i = 0; i < repetitions; i++) {
                work.run();
            }
        })) {
            return measure(() -> repeated(program) / repetitions);
        }
    }

    private double repeated(Program program) {
        program.run();
        timer.start();
        program.run();
        timer.stop();
        return timer.seconds();
    }

    @Override
    public void close() {
        backend.synchronize();
        closer.close();
    }
}
