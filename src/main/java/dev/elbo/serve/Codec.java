package dev.elbo.serve;

import dev.elbo.io.Heap;
import dev.elbo.model.VaeSpec;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The codes and outputs of a service: means of q(z|x) and p(x|z), draws, and values that a caller derives from means. */
record Codec(VaeSpec spec, Unit unit, Replicas replicas, RowClasses classes) {
    /** Leaves the means as they are. */
    static final Consumer<float[]> MEANS = means -> {};

    float[] encode(float[] x) {
        return means(unit.toModelUnits("encode", x));
    }

    float[] encode(double[] x) {
        return means(unit.toModelUnits("encode", x));
    }

    float[][] encode(float[][] x) {
        return Rows.unpack(encode(unit.pack("encode", x)), spec.latent());
    }

    private float[] means(float[] y) {
        int rows = y.length / spec.inputs();
        classes.require("encode", rows);
        float[] codes = Heap.results(rows, spec.latent());
        replicas.use(replica -> replica.encode(y, rows, classes, codes));
        return Unit.finite("encode", codes, spec.latent());
    }

    float[] samplePosterior(float[] x, long seed) {
        float[] y = unit.toModelUnits("samplePosterior", x);
        int rows = y.length / spec.inputs();
        classes.require("samplePosterior", rows);
        float[] codes = Heap.results(rows, spec.latent());
        replicas.use(replica -> replica.draw(y, rows, classes, seed, codes));
        return Unit.finite("samplePosterior", codes, spec.latent());
    }

    /** Decodes codes, N × J; {@code outcome} changes the means, N × D in the model's unit, to the requested values. */
    float[] decode(float[] z, Consumer<float[]> outcome) {
        int rows = Rows.count("decode", Objects.requireNonNull(z, "z"), spec.latent(), Rows.Check.FINITE);
        return made("decode", rows, (replica, made) -> replica.decode(z, rows, classes, made), outcome);
    }

    float[][] decode(float[][] z, Consumer<float[]> outcome) {
        float[] packed = Rows.pack("decode", Objects.requireNonNull(z, "z"), spec.latent(), Rows.Check.FINITE);
        return Rows.unpack(decode(packed, outcome), spec.inputs());
    }

    private float[] made(String method, int rows, BiConsumer<Replica, float[]> work, Consumer<float[]> outcome) {
        classes.require(method, rows);
        float[] made = Heap.results(rows, spec.inputs());
        replicas.use(replica -> work.accept(replica, made));
        outcome.accept(made);
        return unit.given(method, made);
    }

    /** Decodes the codes of examples, N × D, otherwise as {@link #decode}. */
    float[] reconstruct(float[] x, Consumer<float[]> outcome) {
        return unit.given("reconstruct", reconstructed(unit.toModelUnits("reconstruct", x), outcome));
    }

    float[][] reconstruct(float[][] x, Consumer<float[]> outcome) {
        return Rows.unpack(reconstruct(unit.pack("reconstruct", x), outcome), spec.inputs());
    }

    /** Does {@link #reconstruct(float[], Consumer)} with digits that float32 may not hold. */
    double[] reconstruct(double[] x, Consumer<float[]> outcome) {
        return unit.givenExactly("reconstruct", reconstructed(unit.toModelUnits("reconstruct", x), outcome));
    }

    private float[] reconstructed(float[] y, Consumer<float[]> outcome) {
        int rows = y.length / spec.inputs();
        classes.require("reconstruct", rows);
        float[] made = Heap.results(rows, spec.inputs());
        replicas.use(replica -> replica.reconstruct(y, rows, classes, made));
        outcome.accept(made);
        return made;
    }

    /** Decodes draws from the prior, otherwise as {@link #decode}. */
    float[] sample(int count, long seed, Consumer<float[]> outcome) {
        float[] normals = Heap.results(Rows.positive("count", count), spec.latent());
        Noise.normals(seed, 0, NoiseStream.SAMPLE, 0, 0, normals.length, normals, 0);
        return made("sample", count, (replica, made) -> replica.sample(normals, count, classes, made), outcome);
    }
}
