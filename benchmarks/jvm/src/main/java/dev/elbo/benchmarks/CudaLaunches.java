package dev.elbo.benchmarks;

import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.Precision;
import dev.elbo.backend.Program;
import dev.elbo.cuda.CudaBackend;
import dev.elbo.cuda.CudaSettings;
import dev.elbo.tensor.Closer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it takes to launch through JCuda: a graph of the smallest kernel (cuGraphLaunch), that kernel alone (cuLaunchKernel),
 * and a graph of 16 training steps of 12-8-3. Each waits for the device once in 64 launches: what the device does meanwhile
 * is in the time where it takes longer.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CudaLaunches {
    private static final int LAUNCHES = 64;

    @Param({"cuGraphLaunch", "cuLaunchKernel", "16 steps"})
    public String what;

    private final Closer closer = new Closer();
    private Backend backend;
    private Runnable launch;

    @Setup
    public void record() {
        boolean graphs = !what.equals("cuLaunchKernel");
        backend = CudaBackend.open(0, new CudaSettings(Precision.FP32, graphs, false));
        if (what.equals("16 steps")) {
            launch = closer.register(new Step(backend, 12, 8, 3, 4, 16))::run;
            return;
        }
        Clock clock = Clock.allocate(backend);
        closer.register(clock.counters());
        Program program = closer.register(backend.record(() -> backend.ops().advance(clock, 1, 0, 0, 0)));
        launch = program::run;
    }

    @Benchmark
    @OperationsPerInvocation(LAUNCHES)
    public void launch() {
        for (int i = 0; i < LAUNCHES; i++) {
            launch.run();
        }
        backend.synchronize();
    }

    @TearDown
    public void close() {
        closer.close();
        backend.close();
    }
}
