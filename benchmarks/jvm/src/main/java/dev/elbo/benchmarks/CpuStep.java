package dev.elbo.benchmarks;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A training step on the cpu backend: 784-400-20 at batch 128, and one so small that little but the JVM is in it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CpuStep {
    @Param({"784-400-20", "12-8-3"})
    public String model;

    @Param({"1", "2"})
    public int threads;

    private Backend backend;
    private Step step;

    @Setup
    public void open() {
        backend = Backends.builder("cpu").threads(threads).open();
        step = model.equals("784-400-20")
                ? new Step(backend, 784, 400, 20, 128, 1)
                : new Step(backend, 12, 8, 3, 4, 1);
    }

    @Benchmark
    public void step() {
        step.run();
    }

    @TearDown
    public void close() {
        step.close();
        backend.close();
    }
}
