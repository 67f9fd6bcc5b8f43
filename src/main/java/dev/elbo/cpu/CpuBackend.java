package dev.elbo.cpu;

import dev.elbo.backend.BackendTimer;
import dev.elbo.backend.DiagnosticResult;
import dev.elbo.backend.HostBackend;
import dev.elbo.backend.HostBuffer;
import dev.elbo.backend.RawOps;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import java.util.Set;

/**
 * A backend in float32 on the host: products by OpenBLAS, everything else in Java, all of it cut into blocks that
 * depend on shapes alone and are spread over threads. Results have the same bits for any number of threads.
 */
public final class CpuBackend extends HostBackend {
    private final Products products = Products.get();
    private final Workers workers;
    private final int threads;

    /** Creates a backend on all cores. */
    public CpuBackend() {
        this(Runtime.getRuntime().availableProcessors());
    }

    /**
     * @param threads number of threads, the caller's included
     * @throws IllegalArgumentException if below 1
     */
    public CpuBackend(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
        this.threads = threads;
        this.workers = new Workers(threads);
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String description() {
        return "float32, " + products.description() + ", " + threads + (threads == 1 ? " thread" : " threads");
    }

    /** {@return the library of its products, with version and place, or the reason that there is none} */
    public DiagnosticResult diagnosis() {
        return products.finding(name(), description());
    }

    @Override
    public double unitRoundoff() {
        return 0x1p-24;
    }

    @Override
    public BackendTimer timer() {
        return hostTimer();
    }

    @Override
    protected RawOps raw() {
        return new RawOps(
                new DenseCommands(workers, products),
                new ConvolutionCommands(workers),
                new ClassCommands(workers),
                new ColumnCommands(workers),
                new LatentCommands(workers),
                new LossCommands(workers),
                new StepCommands(workers));
    }

    @Override
    protected Buffer newBuffer(ElementType type, int size, Set<Buffer> open) {
        return new HostBuffer(type, float.class, size, open);
    }

    @Override
    protected void dispose() {
        workers.close();
    }
}
