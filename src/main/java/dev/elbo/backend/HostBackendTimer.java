package dev.elbo.backend;

import dev.elbo.model.Activation;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.Map;

/** The timer of a host backend: the wall clock, and a copy and a product made of the operations. */
final class HostBackendTimer implements BackendTimer {
    private final Backend backend;
    private Tensor zeros;
    private boolean started;
    private boolean stopped;
    private long from;
    private long to;

    HostBackendTimer(Backend backend) {
        this.backend = backend;
    }

    @Override
    public Map<String, String> hardwareInfo() {
        return Map.of("device", backend.description());
    }

    @Override
    public boolean usesDeviceClock() {
        return false;
    }

    @Override
    public void start() {
        started = true;
        stopped = false;
        from = System.nanoTime();
    }

    @Override
    public void stop() {
        to = System.nanoTime();
        stopped = true;
    }

    @Override
    public double seconds() {
        if (!started || !stopped) {
            throw new IllegalStateException("start() and stop() come before seconds()");
        }
        return (to - from) * 1e-9;
    }

    @Override
    public void copy(Tensor source, Tensor target) {
        backend.ops().activate(source, Activation.IDENTITY, target);
    }

    @Override
    public void product(Tensor x, Tensor weight, Tensor y) {
        if (zeros == null || zeros.cols() < weight.rows()) {
            close();
            zeros = backend.allocate(ElementType.REAL, 1, weight.rows());
        }
        backend.ops().dense(x, weight, zeros.cols(0, weight.rows()), Activation.IDENTITY, y);
    }

    @Override
    public ProgramCounts counts() {
        return ProgramCounts.NONE;
    }

    @Override
    public void close() {
        if (zeros != null) {
            zeros.buffer().close();
            zeros = null;
        }
    }
}
