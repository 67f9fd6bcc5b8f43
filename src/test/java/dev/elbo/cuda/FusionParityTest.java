package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Program;
import dev.elbo.backend.Schedule;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.Initialization;
import dev.elbo.net.Parameters;
import dev.elbo.net.Vae;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.Shard;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A program in which operations become one launch gives what they give one by one. */
@OnDevice
class FusionParityTest {
    private static final int INPUTS = 70;

    /** Shares of the largest element of each result. */
    private static final double BOUND = 1e-5;

    /** All that a step leaves: codes, a KL divergence, the output, losses, gradients of the codes and of all parameters. */
    private static List<float[]> step(Backend backend, VaeSpec spec, KlMode mode, int batch, boolean recorded) {
        try (Closer closer = new Closer();
                Arena parameters = backend.allocate(Parameters.layout(spec));
                Arena gradients = backend.allocate(Parameters.layout(spec));
                Vae vae = new Vae(backend, spec, parameters);
                Activations a = vae.allocate(batch, 1, true)) {
            double[] mean = new double[spec.inputs()];
            Arrays.fill(mean, 0.3);
            Initialization.initialize(parameters, spec, 7, mean, mean);
            Tensor x = closer.register(backend.allocate(ElementType.REAL, batch, spec.inputs()));
            float[] values = new float[batch * spec.inputs()];
            Noise.normals(5, 1, NoiseStream.EVALUATION, 0, 0, values.length, values, 0);
            for (int i = 0; i < values.length; i++) {
                values[i] = Math.min(1, Math.abs(values[i]));
            }
            x.write(values);
            Tensor table = closer.register(backend.allocate(ElementType.REAL, 1, Schedule.COLUMNS));
            table.write(new double[] {1e-3, 1, 0.7});
            Clock clock = Clock.allocate(backend);
            closer.register(clock.counters());
            clock.set(3, 0, 0, 0);
            // of a shard, so that its first row too is what the launch gets
            NoiseSource noise =
                    NoiseSource.perStep(7, NoiseStream.LATENT, clock).fromRow(13);
            Schedule schedule = new Schedule(table, clock);
            Runnable step =
                    () -> new Elbo(1, mode).step(Shard.whole(vae, a, x, noise, schedule, gradients, null, null));
            if (recorded) {
                try (Program program = backend.record(step)) {
                    program.run();
                }
            } else {
                step.run();
            }
            return List.of(
                    a.mu().toFloats(),
                    a.logVar().toFloats(),
                    a.z().toFloats(),
                    (mode == KlMode.SAMPLED ? a.sampledKl() : a.kl()).toFloats(),
                    a.output().toFloats(),
                    a.reconstruction().toFloats(),
                    a.dZ().toFloats(),
                    a.dMu().toFloats(),
                    a.dLogVar().toFloats(),
                    gradients.flat().toFloats());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "RELU, bernoulli, ANALYTIC, 36, 5, 7",
        "TANH, gaussian-optimal, SAMPLED, 400, 20, 2",
        "ELU, gaussian, ANALYTIC, 12, 64, 3",
        // more rows than one sum takes, so that the biases' stay each layer's own
        "SIGMOID, gaussian-optimal, ANALYTIC, 4, 1, 300",
    })
    void whatIsRecordedIsWhatIsRunOneByOne(
            Activation activation, Component likelihood, KlMode mode, int hidden, int latent, int batch) {
        VaeSpec spec = VaeSpec.mlp(INPUTS, List.of(hidden), latent, activation, likelihood, true);
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT)) {
            List<float[]> apart = step(backend, spec, mode, batch, false);
            List<float[]> together = step(backend, spec, mode, batch, true);
            for (int i = 0; i < apart.size(); i++) {
                float[] expected = apart.get(i);
                float[] found = together.get(i);
                double largest = 0;
                for (float value : expected) {
                    largest = Math.max(largest, Math.abs(value));
                }
                assertEquals(expected.length, found.length);
                for (int j = 0; j < expected.length; j++) {
                    assertEquals(expected[j], found[j], BOUND * largest, "result " + i + ", element " + j);
                }
            }
        }
    }
}
