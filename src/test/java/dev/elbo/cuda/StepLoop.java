package dev.elbo.cuda;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.Metrics;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Program;
import dev.elbo.backend.Schedule;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.Initialization;
import dev.elbo.net.Parameters;
import dev.elbo.net.Vae;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import dev.elbo.objective.Shard;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Layout;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;

/** Training steps one by one, as the trainer makes them, with the loss of every step. */
final class StepLoop {
    static final int BATCH = 128;
    private static final int EXAMPLES = 1000;
    private static final int PATTERNS = 10;

    /**
     * What came out.
     *
     * @param losses of each step, before its update
     * @param weights after the last
     */
    record Result(double[] losses, float[] weights) {}

    private StepLoop() {}

    /** The ELBO, a step a program. */
    static Result run(Backend backend, VaeSpec spec, int steps) {
        return run(backend, spec, Objectives.vae(), BATCH, steps, 1);
    }

    /** @param each steps of a program, a divisor of steps */
    static Result run(Backend backend, VaeSpec spec, Objective objective, int batch, int steps, int each) {
        Layout layout = Parameters.layout(spec);
        AdamSettings adam = AdamSettings.DEFAULT;
        Tensor data = backend.allocate(ElementType.UINT8, EXAMPLES, spec.inputs());
        Tensor order = backend.allocate(ElementType.INT32, 1, steps * batch);
        Tensor table = backend.allocate(ElementType.REAL, steps, Schedule.COLUMNS);
        Tensor metrics = backend.allocate(ElementType.FLOAT64, steps, Metrics.COLUMNS);
        Tensor x = backend.allocate(ElementType.REAL, batch, spec.inputs());
        Clock clock = Clock.allocate(backend);
        try (Arena parameters = backend.allocate(layout);
                Arena gradients = backend.allocate(layout);
                Arena m = backend.allocate(layout);
                Arena v = backend.allocate(layout);
                Vae vae = new Vae(backend, spec, parameters);
                Activations activations = vae.allocate(batch, objective.samples(), true)) {
            double[] mean = new double[spec.inputs()];
            Arrays.fill(mean, 0.3);
            double[] variance = new double[spec.inputs()];
            Arrays.fill(variance, 0.05);
            Initialization.initialize(parameters, spec, 7, mean, variance);
            data.write(patterns(spec.inputs()));
            order.write(order(steps * batch));
            double[] rows = new double[steps * Schedule.COLUMNS];
            for (int t = 1; t <= steps; t++) {
                System.arraycopy(adam.scheduleRow(t, 1e-3, 1), 0, rows, (t - 1) * Schedule.COLUMNS, Schedule.COLUMNS);
            }
            table.write(rows);
            clock.set(1, 0, 0, 0);
            Schedule schedule = new Schedule(table, clock);
            NoiseSource noise = NoiseSource.perStep(7, NoiseStream.LATENT, clock);
            Runnable one = () -> {
                backend.ops().gather(data, order, clock, 1 / 255f, null, x);
                objective.step(Shard.whole(vae, activations, x, noise, schedule, gradients, metrics, null));
                backend.ops().adam(parameters.flat(), gradients.flat(), m.flat(), v.flat(), schedule, adam);
                backend.ops().advance(clock, 1, batch, 1, 0);
            };
            try (Program program = backend.record(() -> {
                for (int i = 0; i < each; i++) {
                    one.run();
                }
            })) {
                for (int i = 0; i < steps; i += each) {
                    program.run();
                }
                double[] all = metrics.toDoubles();
                double[] losses = new double[steps];
                for (int i = 0; i < steps; i++) {
                    losses[i] = all[i * Metrics.COLUMNS + Metrics.LOSS];
                }
                return new Result(losses, parameters.flat().toFloats());
            }
        } finally {
            for (Tensor tensor : new Tensor[] {data, order, table, metrics, x, clock.counters()}) {
                tensor.buffer().close();
            }
        }
    }

    /** Images of few smooth patterns, each brighter or darker, so that there is something to learn. */
    private static byte[] patterns(int inputs) {
        byte[] images = new byte[EXAMPLES * inputs];
        for (int i = 0; i < EXAMPLES; i++) {
            double frequency = 1 + i % PATTERNS;
            double brightness = 0.5 + 0.5 * ((i * 37) % 101) / 101;
            for (int d = 0; d < inputs; d++) {
                double wave = 0.5 + 0.5 * Math.sin(frequency * d * 2 * Math.PI / inputs + 0.3 * (i % 7));
                images[i * inputs + d] = (byte) Math.round(255 * brightness * wave);
            }
        }
        return images;
    }

    private static int[] order(int count) {
        int[] order = new int[count];
        int[] permutation = null;
        for (int i = 0; i < order.length; i++) {
            if (i % EXAMPLES == 0) {
                permutation = Noise.permutation(7, i / EXAMPLES + 1, EXAMPLES);
            }
            order[i] = permutation[i % EXAMPLES];
        }
        return order;
    }
}
