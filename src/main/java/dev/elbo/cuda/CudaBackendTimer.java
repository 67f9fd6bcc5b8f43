package dev.elbo.cuda;

import dev.elbo.backend.BackendTimer;
import dev.elbo.backend.ProgramCounts;
import dev.elbo.cuda.driver.Blas;
import dev.elbo.cuda.driver.Context;
import dev.elbo.cuda.driver.Device;
import dev.elbo.cuda.driver.Event;
import dev.elbo.cuda.driver.Stream;
import dev.elbo.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** A timer by events in the backend's stream, with the driver's copy and a product by cuBLAS. */
final class CudaBackendTimer implements BackendTimer {
    private final CudaBackend backend;
    private final Stream stream;
    private final Blas blas;
    private final Supplier<ProgramCounts> counts;
    private final Map<String, String> facts = new LinkedHashMap<>();
    private final Event[] marks = new Event[2];
    private final boolean[] recorded = new boolean[2];

    CudaBackendTimer(CudaBackend backend, Context context, Blas blas, Supplier<ProgramCounts> counts) {
        this.backend = backend;
        this.stream = blas.stream();
        this.blas = blas;
        this.counts = counts;
        Device device = context.device();
        facts.put("device", device.name());
        facts.put("compute_capability", device.capability());
        facts.put("multiprocessors", Integer.toString(device.multiprocessors()));
        facts.put("memory_bytes", Long.toString(device.memory()));
        facts.put("driver_cuda", Device.driverVersion());
        facts.put("cublas", blas.version());
        backend.use(() -> {
            marks[0] = Event.timed(context);
            try {
                marks[1] = Event.timed(context);
            } catch (Throwable thrown) {
                marks[0].close();
                throw thrown;
            }
        });
    }

    @Override
    public Map<String, String> hardwareInfo() {
        return facts;
    }

    @Override
    public boolean usesDeviceClock() {
        return true;
    }

    @Override
    public void start() {
        mark(0);
        recorded[1] = false;
    }

    @Override
    public void stop() {
        mark(1);
    }

    private void mark(int which) {
        backend.use(() -> stream.record(marks[which]));
        recorded[which] = true;
    }

    @Override
    public double seconds() {
        if (!recorded[0] || !recorded[1]) {
            throw new IllegalStateException("start() and stop() come before seconds()");
        }
        double[] seconds = new double[1];
        backend.use(() -> {
            // not only for the event: what went wrong before it comes up with its name
            stream.synchronize();
            seconds[0] = marks[1].secondsSince(marks[0]);
        });
        return seconds[0];
    }

    @Override
    public void copy(Tensor from, Tensor to) {
        if (from.size() != to.size() || !from.isContiguous() || !to.isContiguous() || from.type() != to.type()) {
            throw new IllegalArgumentException(
                    "copy takes two dense tensors of one type and size, not " + from.shape() + " and " + to.shape());
        }
        long bytes = from.size() * CudaBuffer.bytes(from.type());
        backend.use(() -> stream.copy(CudaBuffer.address(to), CudaBuffer.address(from), bytes));
    }

    @Override
    public void product(Tensor x, Tensor weight, Tensor y) {
        Node node = Node.product(x, false, weight, true, y);
        backend.use(() -> node.on(blas));
    }

    @Override
    public ProgramCounts counts() {
        return counts.get();
    }

    @Override
    public void close() {
        backend.useIfAlive(() -> {
            for (Event mark : marks) {
                mark.close();
            }
        });
    }
}
