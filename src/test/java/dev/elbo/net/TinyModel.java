package dev.elbo.net;

import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.Metrics;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Schedule;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Shard;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** A model with weights, data, noise and all that a training step needs, some tens of parameters large. */
public final class TinyModel implements AutoCloseable {
    private static final List<Component> LIKELIHOODS = List.of(
            Likelihood.GAUSSIAN, Likelihood.GAUSSIAN_OPTIMAL, Likelihood.GAUSSIAN_LEARNED, Likelihood.BERNOULLI);

    private final List<AutoCloseable> owned = new ArrayList<>();
    private final Backend backend;
    public final VaeSpec spec;
    public final Arena parameters;
    public final Arena gradients;
    public final Vae vae;
    public final Tensor x;
    public final Tensor noise;
    public final Schedule schedule;
    public final Tensor metrics;

    /** The built-in likelihoods. */
    public static List<Component> likelihoods() {
        return LIKELIHOODS;
    }

    /** Weights of order one, x in [0, 1], all from fixed seeds; β = 1. */
    public TinyModel(Backend backend, VaeSpec spec, int batch, int samples) {
        this.backend = backend;
        this.spec = spec;
        parameters = own(backend.allocate(Parameters.layout(spec)));
        gradients = own(backend.allocate(Parameters.layout(spec)));
        int k = 0;
        for (String name : parameters.names()) {
            Tensor tensor = parameters.tensor(name);
            double[] values = normals(100 + k++, (int) tensor.size());
            for (int i = 0; i < values.length; i++) {
                values[i] *= name.endsWith(".weight") ? 1 / Math.sqrt(tensor.cols()) : 0.3;
            }
            tensor.write(values);
        }
        vae = own(new Vae(backend, spec, parameters));
        x = tensor(ElementType.REAL, batch, spec.inputs());
        float[] pixels = new float[batch * spec.inputs()];
        Noise.uniforms(1, 0, NoiseStream.BINARIZE, 0, 0, pixels.length, pixels, 0);
        x.write(pixels);
        noise = tensor(ElementType.REAL, samples * batch, spec.latent());
        noise.write(normals(2, (int) noise.size()));
        Clock clock = new Clock(tensor(ElementType.INT32, 1, Clock.SIZE));
        schedule = new Schedule(tensor(ElementType.REAL, 1, Schedule.COLUMNS), clock);
        metrics = tensor(ElementType.FLOAT64, 1, Metrics.COLUMNS);
        setBeta(1);
    }

    public static double[] normals(int seed, int count) {
        double[] values = new double[count];
        Noise.normals(seed, 0, NoiseStream.SAMPLE, 0, 0, count, values, 0);
        return values;
    }

    public void setBeta(double beta) {
        schedule.table().write(new double[] {0, 0, beta});
    }

    public Tensor tensor(ElementType type, int rows, int cols) {
        Tensor tensor = backend.allocate(type, rows, cols);
        own(tensor.buffer());
        return tensor;
    }

    /** Closed with the model. */
    public Activations activations(Objective objective) {
        return own(vae.allocate(x.rows(), objective.samples(), true));
    }

    /** One step; the loss. */
    public double step(Objective objective, Activations a) {
        objective.step(Shard.whole(vae, a, x, NoiseSource.given(noise), schedule, gradients, metrics, null));
        return metrics.toDoubles()[Metrics.LOSS];
    }

    public <T extends AutoCloseable> T own(T resource) {
        owned.add(resource);
        return resource;
    }

    @Override
    public void close() {
        for (AutoCloseable resource : owned) {
            try {
                resource.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
