package dev.elbo.verify;

import dev.elbo.backend.LogVariance;
import dev.elbo.backend.Ops;
import dev.elbo.noise.NoiseStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code reparameterize} and {@code gaussianKl}. */
final class LatentCases {
    /** Log variances at, around and far beyond the bounds, and moderate ones. */
    static final double[] EDGES = {
        -1e4,
        -31,
        -30.000002f,
        -30,
        -29.999998f,
        -12,
        -1,
        -1e-3,
        -1e-6,
        1e-6,
        1e-3,
        1,
        12,
        19.999998f,
        20,
        20.000002f,
        21,
        1e4,
        Double.NEGATIVE_INFINITY,
        Double.POSITIVE_INFINITY
    };

    static final NoiseStream STREAM = NoiseStream.LATENT;

    private static final Bound Z_GIVEN = z(CaseNoise.GIVEN);

    private LatentCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        int[][] shapes = {
            {1, 1, 1},
            {3, 2, 1},
            {31, 5, 3},
            {33, 20, 1},
            {128, 2, 5},
            {7, 33, 3},
            {2, 129, 1},
            {127, 31, 1},
            {1021, 50, 2}
        };
        for (int s = 0; s < shapes.length; s++) {
            CaseNoise noise = CaseNoise.values()[s % 3];
            cases.add(reparameterize(shapes[s], noise, true, true, false));
        }
        for (CaseNoise noise : CaseNoise.values()) {
            cases.add(reparameterize(new int[] {33, 7, 3}, noise, true, true, true));
            cases.add(reparameterize(new int[] {17, 10, 5}, noise, false, true, false));
            cases.add(reparameterize(new int[] {32, 10, 1}, noise, true, false, false));
            cases.add(reparameterize(new int[] {5, 6, 1}, noise, false, false, true));
        }
        cases.add(edges());
        cases.add(notFinite());
        cases.add(atThePrior());

        for (int[] s : new int[][] {{1, 1}, {31, 3}, {33, 20}, {128, 7}, {5, 129}, {1021, 50}}) {
            cases.add(kl(s[0], s[1], false));
        }
        cases.add(kl(33, 10, true));
        cases.add(klEdges());
        return cases;
    }

    private static Bound z(CaseNoise noise) {
        return Bound.within("8u (|μ| + σ |ε|): the noise is the same", (v, u) -> {
            Grid eps = normals(v, noise);
            Grid mu = v.in("mu");
            return Grid.of(
                    eps.rows(),
                    eps.cols(),
                    (r, j) -> 8
                            * u
                            * Tolerances.zTerms(
                                    mu.at(r % mu.rows(), j), v.in("logVar").at(r % mu.rows(), j), eps.at(r, j)));
        });
    }

    private static Grid normals(Values v, CaseNoise noise) {
        int batch = v.in("mu").rows();
        return noise.normals(
                v, STREAM, batch, v.out("z").rows() / batch, v.in("mu").cols());
    }

    private static final Bound KL = Bound.within("(8 + 2⌈log₂ J⌉) u ½ Σ (μ² + |expm1 log σ²| + |log σ²|)", (v, u) -> {
                Grid mu = v.in("mu");
                return Grid.of(mu.rows(), 1, (b, zero) -> {
                    double s = 0;
                    for (int j = 0; j < mu.cols(); j++) {
                        s += Tolerances.klTerms(mu.at(b, j), v.in("logVar").at(b, j));
                    }
                    return Tolerances.sum(8, mu.cols(), s, u);
                });
            })
            .andNonNegative();

    private static Bound sampledKl(CaseNoise noise) {
        return Bound.within("(4 + 2⌈log₂ J⌉) u ½ Σ (z² + ε² + |log σ²|), and |z| times what z is off by", (v, u) -> {
            Grid eps = normals(v, noise);
            Grid mu = v.in("mu");
            Grid z = v.out("z");
            return Grid.of(z.rows(), 1, (r, zero) -> {
                double s = 0;
                double carried = 0;
                for (int j = 0; j < z.cols(); j++) {
                    double logVar = v.in("logVar").at(r % mu.rows(), j);
                    double e = eps.at(r, j);
                    double lv = LogVariance.clamp(logVar);
                    s += 0.5 * (z.at(r, j) * z.at(r, j) + e * e + Math.abs(lv));
                    carried += Math.abs(z.at(r, j)) * 8 * u * Tolerances.zTerms(mu.at(r % mu.rows(), j), logVar, e);
                }
                return Tolerances.sum(4, z.cols(), s, u) + carried;
            });
        });
    }

    private static OpCase reparameterize(int[] shape, CaseNoise noise, boolean kl, boolean sampledKl, boolean merged) {
        int batch = shape[0];
        int latent = shape[1];
        int samples = shape[2];
        OpCase.Builder c = OpCase.of(
                "reparameterize",
                "%d × %d, %d samples, %s%s%s%s"
                        .formatted(
                                batch,
                                latent,
                                samples,
                                noise,
                                kl ? ", kl" : "",
                                sampledKl ? ", sampled kl" : "",
                                merged ? ", halves of one matrix" : ""));
        heads(c, batch, latent, merged);
        noise.declare(c, samples * batch, latent);
        c.output("z", samples * batch, latent, z(noise));
        if (merged) {
            c.strided(3);
        }
        if (kl) {
            c.output("kl", batch, 1, KL);
        }
        if (sampledKl) {
            c.output("sampledKl", samples * batch, 1, sampledKl(noise));
        }
        return c.call((ops, a) -> call(ops, a, noise));
    }

    private static void call(Ops ops, Arguments a, CaseNoise noise) {
        ops.reparameterize(
                a.get("mu"),
                a.get("logVar"),
                noise.source(STREAM, a),
                a.get("z"),
                a.optional("kl"),
                a.optional("sampledKl"));
    }

    /** μ and log σ² as an encoder gives them: in merged heads, the halves of a matrix 2J wide. */
    static void heads(OpCase.Builder c, int batch, int latent, boolean merged) {
        c.input("mu", batch, latent, c.draw().normal(batch * latent));
        if (merged) {
            c.within("heads", 0, 2 * latent);
        }
        c.input("logVar", batch, latent, c.draw().normal(batch * latent, -1, 1.5));
        if (merged) {
            c.within("heads", latent, 2 * latent);
        }
    }

    /** A row of each edge, with three different means. */
    static double[] edgeRows() {
        double[] logVar = new double[EDGES.length * 3];
        for (int i = 0; i < EDGES.length; i++) {
            Arrays.fill(logVar, 3 * i, 3 * i + 3, EDGES[i]);
        }
        return logVar;
    }

    private static OpCase edges() {
        int rows = EDGES.length;
        OpCase.Builder c = OpCase.of("reparameterize", "log σ² at and beyond its bounds");
        return c.input("mu", rows, 3, c.draw().normal(rows * 3))
                .input("logVar", rows, 3, edgeRows())
                .input("noise", 2 * rows, 3, c.draw().normal(2 * rows * 3))
                .output("z", 2 * rows, 3, Z_GIVEN)
                .output("kl", rows, 1, KL)
                .output("sampledKl", 2 * rows, 1, sampledKl(CaseNoise.GIVEN))
                .call((ops, a) -> call(ops, a, CaseNoise.GIVEN));
    }

    private static OpCase notFinite() {
        double nan = Double.NaN;
        double inf = Double.POSITIVE_INFINITY;
        OpCase.Builder c = OpCase.of("reparameterize", "NaN and infinite heads");
        double[] mu = c.draw().normal(6 * 2);
        double[] logVar = c.draw().normal(6 * 2);
        mu[2] = nan;
        mu[5] = inf;
        mu[6] = -inf;
        logVar[8] = nan;
        return c.input("mu", 6, 2, mu)
                .input("logVar", 6, 2, logVar)
                .input("noise", 6, 2, c.draw().normal(12))
                .output("z", 6, 2, Z_GIVEN)
                .output("kl", 6, 1, KL)
                .output("sampledKl", 6, 1, sampledKl(CaseNoise.GIVEN))
                .call((ops, a) -> call(ops, a, CaseNoise.GIVEN));
    }

    private static OpCase atThePrior() {
        OpCase.Builder c = OpCase.of("reparameterize", "at the prior, where kl is exactly 0 and z the noise");
        String why = "the prior is μ = 0, log σ² = 0";
        return c.input("mu", 5, 7, new double[35])
                .zerosMeant(why)
                .input("logVar", 5, 7, new double[35])
                .zerosMeant(why)
                .input("noise", 5, 7, c.draw().normal(35))
                .output("z", 5, 7, Bound.exact("0 + 1 · ε"))
                .output("kl", 5, 1, KL)
                .output("sampledKl", 5, 1, sampledKl(CaseNoise.GIVEN))
                .call((ops, a) -> call(ops, a, CaseNoise.GIVEN));
    }

    private static final Bound KL_PER_UNIT = Bound.within("8u ½ (μ² + |expm1 log σ²| + |log σ²|)", (v, u) -> {
                Grid mu = v.in("mu");
                return Grid.of(
                        mu.rows(),
                        mu.cols(),
                        (b, j) -> 8
                                * u
                                * Tolerances.klTerms(mu.at(b, j), v.in("logVar").at(b, j)));
            })
            .andNonNegative();

    private static OpCase kl(int batch, int latent, boolean merged) {
        OpCase.Builder c =
                OpCase.of("gaussianKl", "%d × %d%s".formatted(batch, latent, merged ? ", halves of one matrix" : ""));
        heads(c, batch, latent, merged);
        c.output("klPerUnit", batch, latent, KL_PER_UNIT);
        if (merged) {
            c.strided(2);
        }
        return c.call((ops, a) -> ops.gaussianKl(a.get("mu"), a.get("logVar"), a.get("klPerUnit")));
    }

    /** Every edge, near zero from both sides, where expm1(x) − x cancels, and NaN. */
    private static OpCase klEdges() {
        double[] edge = edgeRows();
        double[] mu = new double[edge.length + 30];
        double[] logVar = Arrays.copyOf(edge, mu.length);
        OpCase.Builder c = OpCase.of("gaussianKl", "log σ² at and beyond its bounds, near 0, NaN");
        double[] random = c.draw().normal(mu.length);
        for (int i = 0; i < mu.length; i++) {
            // zero means leave nothing but expm1(x) − x
            mu[i] = i % 4 == 0 ? 0 : random[i];
        }
        for (int i = 0; i < 28; i++) {
            logVar[edge.length + i] = (float) ((i & 1) == 0 ? Math.pow(2, -i) : -Math.pow(2, -i));
        }
        mu[mu.length - 1] = Double.NaN;
        logVar[mu.length - 2] = Double.NaN;
        logVar[mu.length - 1] = 1;
        return c.input("mu", 1, mu.length, mu)
                .input("logVar", 1, mu.length, logVar)
                .output("klPerUnit", 1, mu.length, KL_PER_UNIT)
                .call((ops, a) -> ops.gaussianKl(a.get("mu"), a.get("logVar"), a.get("klPerUnit")));
    }
}
