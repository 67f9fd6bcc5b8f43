package dev.elbo.serve;

import dev.elbo.io.Heap;
import dev.elbo.model.VaeSpec;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.util.Objects;
import java.util.function.Consumer;

/** What a service makes of codes and examples: the means of p(x|z), or what a caller puts in their place. */
final class Decoder {
    /** Leaves the means as they are. */
    static final Consumer<float[]> MEANS = means -> {};

    private final VaeSpec spec;
    private final Unit unit;
    private final Replicas replicas;

    Decoder(VaeSpec spec, Unit unit, Replicas replicas) {
        this.spec = spec;
        this.unit = unit;
        this.replicas = replicas;
    }

    /**
     * Of codes, N × J.
     *
     * @param outcome changes the means, N × D in the unit of the model, to what is asked for
     */
    float[] decode(float[] z, Consumer<float[]> outcome) {
        int rows = Rows.count("decode", Objects.requireNonNull(z, "z"), spec.latent());
        return decode("decode", z, rows, outcome);
    }

    float[][] decode(float[][] z, Consumer<float[]> outcome) {
        float[] packed = Rows.pack("decode", Objects.requireNonNull(z, "z"), spec.latent());
        return Rows.unpack(decode("decode", packed, z.length, outcome), spec.inputs());
    }

    private float[] decode(String method, float[] z, int rows, Consumer<float[]> outcome) {
        float[] made = Heap.results(rows, spec.inputs());
        replicas.use(replica -> replica.decode(z, rows, made));
        outcome.accept(made);
        return unit.given(method, made);
    }

    /** Of the codes of examples, N × D, otherwise as {@link #decode}. */
    float[] reconstruct(float[] x, Consumer<float[]> outcome) {
        int rows = Rows.count("reconstruct", Objects.requireNonNull(x, "x"), spec.inputs());
        float[] made = Heap.results(rows, spec.inputs());
        float[] y = unit.toModelUnits("reconstruct", x, rows, 0);
        replicas.use(replica -> replica.reconstruct(y, rows, made));
        outcome.accept(made);
        return unit.given("reconstruct", made);
    }

    float[][] reconstruct(float[][] x, Consumer<float[]> outcome) {
        float[] packed = Rows.pack("reconstruct", Objects.requireNonNull(x, "x"), spec.inputs());
        return Rows.unpack(reconstruct(packed, outcome), spec.inputs());
    }

    /** As {@link #reconstruct(float[], Consumer)}, with digits that float32 may not hold. */
    double[] reconstruct(double[] x, Consumer<float[]> outcome) {
        float[] y = unit.toModelUnits("reconstruct", Objects.requireNonNull(x, "x"));
        float[] made = Heap.results(y.length / spec.inputs(), spec.inputs());
        replicas.use(replica -> replica.reconstruct(y, y.length / spec.inputs(), made));
        outcome.accept(made);
        return unit.givenExactly("reconstruct", made);
    }

    /** Of draws from the prior, otherwise as {@link #decode}. */
    float[] sample(int count, long seed, Consumer<float[]> outcome) {
        float[] z = Heap.results(Rows.positive("count", count), spec.latent());
        Noise.normals(seed, 0, NoiseStream.SAMPLE, 0, 0, z.length, z, 0);
        return decode("sample", z, count, outcome);
    }
}
