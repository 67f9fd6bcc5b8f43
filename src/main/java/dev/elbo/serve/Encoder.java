package dev.elbo.serve;

import dev.elbo.io.Heap;
import dev.elbo.model.VaeSpec;
import java.util.Objects;

/** Computes a service's codes: the means of q(z|x), and draws from it. */
final class Encoder {
    private final VaeSpec spec;
    private final Unit unit;
    private final Replicas replicas;

    Encoder(VaeSpec spec, Unit unit, Replicas replicas) {
        this.spec = spec;
        this.unit = unit;
        this.replicas = replicas;
    }

    float[] encode(float[] x) {
        int rows = Rows.count("encode", Objects.requireNonNull(x, "x"), spec.inputs());
        return means(unit.toModelUnits("encode", x, rows, 0), rows);
    }

    float[] encode(double[] x) {
        float[] y = unit.toModelUnits("encode", Objects.requireNonNull(x, "x"));
        return means(y, y.length / spec.inputs());
    }

    float[][] encode(float[][] x) {
        return Rows.unpack(encode(Rows.pack("encode", Objects.requireNonNull(x, "x"), spec.inputs())), spec.latent());
    }

    private float[] means(float[] y, int rows) {
        float[] codes = Heap.results(rows, spec.latent());
        replicas.use(replica -> replica.encode(y, rows, codes));
        return Unit.finite("encode", codes, spec.latent());
    }

    float[] samplePosterior(float[] x, long seed) {
        int rows = Rows.count("samplePosterior", Objects.requireNonNull(x, "x"), spec.inputs());
        float[] codes = Heap.results(rows, spec.latent());
        float[] y = unit.toModelUnits("samplePosterior", x, rows, 0);
        replicas.use(replica -> replica.draw(y, rows, seed, codes));
        return Unit.finite("samplePosterior", codes, spec.latent());
    }
}
