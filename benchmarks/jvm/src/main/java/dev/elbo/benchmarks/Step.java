package dev.elbo.benchmarks;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.Metrics;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Program;
import dev.elbo.backend.Schedule;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.Initialization;
import dev.elbo.net.Parameters;
import dev.elbo.net.Vae;
import dev.elbo.noise.NoiseStream;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.Objectives;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Training steps on one batch, recorded once; its row of the schedule and of the metrics is always the first. */
final class Step implements AutoCloseable {
    private static final long SEED = 1;
    private static final double RATE = 1e-3;

    private final Closer closer = new Closer();
    private final Program program;

    /** @param steps of one program */
    Step(Backend backend, int inputs, int hidden, int latent, int batch, int steps) {
        VaeSpec spec =
                VaeSpec.mlp(inputs, List.of(hidden), latent, Activation.RELU, Likelihood.BERNOULLI, true);
        Arena parameters = closer.register(backend.allocate(Parameters.layout(spec)));
        Arena gradients = closer.register(backend.allocate(Parameters.layout(spec)));
        Arena first = closer.register(backend.allocate(Parameters.layout(spec)));
        Arena second = closer.register(backend.allocate(Parameters.layout(spec)));
        double[] half = new double[inputs];
        Arrays.fill(half, 0.5);
        Initialization.initialize(parameters, spec, SEED, half, half);
        Vae vae = closer.register(new Vae(backend, spec, parameters));
        Activations activations = closer.register(vae.allocate(batch, 1, true));
        Tensor data = closer.register(backend.allocate(ElementType.UINT8, batch, inputs));
        byte[] bytes = new byte[batch * inputs];
        new SplittableRandom(SEED).nextBytes(bytes);
        data.write(bytes);
        Tensor x = closer.register(backend.allocate(ElementType.REAL, batch, inputs));
        Clock clock = Clock.allocate(backend);
        closer.register(clock.counters());
        Schedule schedule = new Schedule(closer.register(backend.allocate(ElementType.REAL, 1, Schedule.COLUMNS)), clock);
        schedule.table().write(AdamSettings.DEFAULT.scheduleRow(1000, RATE, 1));
        Tensor metrics = closer.register(backend.allocate(ElementType.FLOAT64, 1, Metrics.COLUMNS));
        NoiseSource noise = NoiseSource.perStep(SEED, NoiseStream.LATENT, clock);
        Elbo elbo = Objectives.vae();
        clock.set(1, 0, 0, 0);
        program = closer.register(backend.record(() -> {
            for (int i = 0; i < steps; i++) {
                backend.ops().gather(data, null, clock, 1 / 255f, null, x);
                elbo.step(vae, activations, x, noise, schedule, gradients, metrics, null);
                backend.ops()
                        .adam(
                                parameters.flat(),
                                gradients.flat(),
                                first.flat(),
                                second.flat(),
                                schedule,
                                AdamSettings.DEFAULT);
                backend.ops().advance(clock, 1, 0, 0, 0);
            }
        }));
    }

    void run() {
        program.run();
    }

    @Override
    public void close() {
        closer.close();
    }
}
