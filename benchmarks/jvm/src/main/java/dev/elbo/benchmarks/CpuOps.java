package dev.elbo.benchmarks;

import dev.elbo.Backends;
import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Ops;
import dev.elbo.backend.Program;
import dev.elbo.backend.Schedule;
import dev.elbo.model.Activation;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.Tensor;
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

/** Operations of a step of 784-400-20 at batch 128 on one thread of the cpu backend, each recorded alone. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CpuOps {
    private static final int BATCH = 128;
    private static final int INPUTS = 784;
    private static final int HIDDEN = 400;
    private static final int LATENT = 20;
    private static final int PARAMETERS = 652_824;
    private static final long SEED = 1;

    @Param({
        "gather",
        "dense",
        "denseGrad",
        "reparameterize",
        "reparameterizeGrad",
        "gaussianLoss",
        "bernoulliLoss",
        "importanceWeights",
        "adam"
    })
    public String op;

    private final Closer closer = new Closer();
    private Backend backend;
    private Clock clock;
    private Program program;

    private Tensor zeros(int rows, int cols) {
        return closer.register(backend.allocate(ElementType.REAL, rows, cols));
    }

    private Tensor normals(int rows, int cols) {
        Tensor tensor = zeros(rows, cols);
        backend.ops().normal(noise(), tensor);
        return tensor;
    }

    /** Above 0, where the derivative of what was rectified is 1. */
    private Tensor fractions(int rows, int cols) {
        Tensor tensor = zeros(rows, cols);
        backend.ops().activate(normals(rows, cols), Activation.SIGMOID, tensor);
        return tensor;
    }

    private NoiseSource noise() {
        return NoiseSource.perStep(SEED, NoiseStream.LATENT, clock);
    }

    private Schedule schedule() {
        Tensor table = zeros(1, Schedule.COLUMNS);
        table.write(AdamSettings.DEFAULT.scheduleRow(1000, 1e-3, 1));
        return new Schedule(table, clock);
    }

    @Setup
    public void record() {
        backend = Backends.builder("cpu").threads(1).open();
        clock = Clock.allocate(backend);
        closer.register(clock.counters());
        Ops ops = backend.ops();
        Runnable body = body(ops);
        program = closer.register(backend.record(body));
    }

    private Runnable body(Ops ops) {
        Tensor mu = normals(BATCH, LATENT);
        Tensor logVar = normals(BATCH, LATENT);
        Tensor z = normals(BATCH, LATENT);
        Tensor output = normals(BATCH, INPUTS);
        Tensor x = fractions(BATCH, INPUTS);
        Tensor dOutput = zeros(BATCH, INPUTS);
        Tensor loss = zeros(BATCH, 1);
        Tensor weight = normals(HIDDEN, INPUTS);
        Tensor bias = normals(1, HIDDEN);
        Tensor y = fractions(BATCH, HIDDEN);
        Schedule schedule = schedule();
        switch (op) {
            case "gather" -> {
                Tensor data = closer.register(backend.allocate(ElementType.UINT8, BATCH, INPUTS));
                return () -> ops.gather(data, null, clock, 1 / 255f, null, x);
            }
            case "dense" -> {
                return () -> ops.dense(x, weight, bias, Activation.RELU, y);
            }
            case "denseGrad" -> {
                Tensor dY = normals(BATCH, HIDDEN);
                Tensor dW = zeros(HIDDEN, INPUTS);
                Tensor dB = zeros(1, HIDDEN);
                return () -> ops.denseGrad(x, weight, y, dY, Activation.RELU, dW, dB, dOutput);
            }
            case "reparameterize" -> {
                Tensor kl = zeros(BATCH, 1);
                return () -> ops.reparameterize(mu, logVar, noise(), z, kl, loss);
            }
            case "reparameterizeGrad" -> {
                Tensor dMu = zeros(BATCH, LATENT);
                Tensor dLogVar = zeros(BATCH, LATENT);
                return () -> ops.reparameterizeGrad(
                        mu, logVar, noise(), z, KlMode.ANALYTIC, schedule, null, 1.0 / BATCH, dMu, dLogVar);
            }
            case "gaussianLoss" -> {
                return () -> ops.gaussianLoss(output, x, null, null, 1.0 / BATCH, loss, dOutput, null);
            }
            case "bernoulliLoss" -> {
                return () -> ops.bernoulliLoss(output, x, null, 1.0 / BATCH, loss, dOutput);
            }
            case "importanceWeights" -> {
                int rows = 50 * BATCH;
                Tensor reconstruction = normals(rows, 1);
                Tensor sampledKl = normals(rows, 1);
                Tensor logWeights = zeros(rows, 1);
                Tensor weights = zeros(rows, 1);
                return () -> ops.importanceWeights(reconstruction, sampledKl, logWeights, weights, loss);
            }
            case "adam" -> {
                Tensor parameters = normals(1, PARAMETERS);
                Tensor gradient = normals(1, PARAMETERS);
                Tensor first = zeros(1, PARAMETERS);
                Tensor second = zeros(1, PARAMETERS);
                return () -> ops.adam(parameters, gradient, first, second, schedule, AdamSettings.DEFAULT);
            }
            default -> throw new IllegalArgumentException(op);
        }
    }

    @Benchmark
    public void run() {
        program.run();
    }

    @TearDown
    public void close() {
        closer.close();
        backend.close();
    }
}
