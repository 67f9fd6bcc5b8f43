package dev.elbo.verify;

import dev.elbo.backend.LogVariance;
import dev.elbo.noise.NoiseStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The cases of {@code reparameterize} and {@code gaussianKl}. */
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

    static final String MERGED = ", halves of one matrix";

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
            cases.add(reparameterize(Shape.of(shapes[s]), noise, true, true, false));
        }
        for (CaseNoise noise : CaseNoise.values()) {
            cases.add(reparameterize(new Shape(33, 7, 3), noise, true, true, true));
            cases.add(reparameterize(new Shape(17, 10, 5), noise, false, true, false));
            cases.add(reparameterize(new Shape(32, 10, 1), noise, true, false, false));
            cases.add(reparameterize(new Shape(5, 6, 1), noise, false, false, true));
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
            Grid eps = noise.normals(v, v.out("z").rows());
            int batch = v.in("mu").rows();
            return (r, j) ->
                    8 * u * Tolerances.zTerms(v.in("mu", r % batch, j), v.in("logVar", r % batch, j), eps.at(r, j));
        });
    }

    private static final Bound KL = Bound.within(
                    "(8 + 2⌈log₂ J⌉) u ½ Σ (μ² + |expm1 log σ²| + |log σ²|)", (v, u) -> (b, zero) -> {
                        int cols = v.in("mu").cols();
                        double s = 0;
                        for (int j = 0; j < cols; j++) {
                            s += Tolerances.klTerms(v.in("mu", b, j), v.in("logVar", b, j));
                        }
                        return Tolerances.sum(8, cols, s, u);
                    })
            .andNonNegative();

    private static Bound sampledKl(CaseNoise noise) {
        return Bound.within("(4 + 2⌈log₂ J⌉) u ½ Σ (z² + ε² + |log σ²|), and |z| times what z is off by", (v, u) -> {
            Grid z = v.out("z");
            Grid eps = noise.normals(v, z.rows());
            Grid mu = v.in("mu");
            return (r, zero) -> {
                double s = 0;
                double carried = 0;
                for (int j = 0; j < z.cols(); j++) {
                    double logVar = v.in("logVar", r % mu.rows(), j);
                    double e = eps.at(r, j);
                    double lv = LogVariance.clamp(logVar);
                    s += 0.5 * (z.at(r, j) * z.at(r, j) + e * e + Math.abs(lv));
                    carried += Math.abs(z.at(r, j)) * 8 * u * Tolerances.zTerms(mu.at(r % mu.rows(), j), logVar, e);
                }
                return Tolerances.sum(4, z.cols(), s, u) + carried;
            };
        });
    }

    private static OpCase reparameterize(Shape shape, CaseNoise noise, boolean kl, boolean sampledKl, boolean merged) {
        String options = (kl ? ", kl" : "") + (sampledKl ? ", sampled kl" : "") + (merged ? MERGED : "");
        OpCase.Builder c = OpCase.of("reparameterize", shape + ", " + noise + options);
        heads(c, shape.batch(), shape.cols(), merged);
        noise.declare(c, shape.rows(), shape.cols());
        c.output("z", shape.rows(), shape.cols(), z(noise)).gap(merged ? 3 : 0);
        if (kl) {
            c.output("kl", shape.batch(), 1, KL);
        }
        if (sampledKl) {
            c.output("sampledKl", shape.rows(), 1, sampledKl(noise));
        }
        return call(c, noise);
    }

    private static OpCase call(OpCase.Builder c, CaseNoise noise) {
        return c.call((ops, a) -> ops.reparameterize(
                a.get("mu"),
                a.get("logVar"),
                noise.source(NoiseStream.LATENT, a),
                a.get("z"),
                a.optional("kl"),
                a.optional("sampledKl")));
    }

    /** Adds given noise, every output and the call; μ and log σ² are there. */
    private static OpCase finish(OpCase.Builder c, int samples, Bound z) {
        int batch = c.argument("mu").rows();
        int latent = c.argument("mu").cols();
        int rows = samples * batch;
        c.normals("noise", rows, latent)
                .output("z", rows, latent, z)
                .output("kl", batch, 1, KL)
                .output("sampledKl", rows, 1, sampledKl(CaseNoise.GIVEN));
        return call(c, CaseNoise.GIVEN);
    }

    /** Adds μ and log σ² as an encoder gives them: in merged heads, the halves of a matrix 2J wide. */
    static void heads(OpCase.Builder c, int batch, int latent, boolean merged) {
        c.normals("mu", batch, latent).half(merged, "heads", 0);
        c.normals("logVar", batch, latent, -1, 1.5).half(merged, "heads", 1);
    }

    /** {@return a row of each edge, with three different means} */
    static double[] edgeRows() {
        double[] logVar = new double[EDGES.length * 3];
        Arrays.setAll(logVar, i -> EDGES[i / 3]);
        return logVar;
    }

    private static OpCase edges() {
        int rows = EDGES.length;
        OpCase.Builder c = OpCase.of("reparameterize", "log σ² at and beyond its bounds");
        c.normals("mu", rows, 3).input("logVar", rows, 3, edgeRows());
        return finish(c, 2, z(CaseNoise.GIVEN));
    }

    private static OpCase notFinite() {
        OpCase.Builder c = OpCase.of("reparameterize", "NaN and infinite heads");
        c.normals("mu", 6, 2)
                .set(Double.NaN, 2)
                .set(Double.POSITIVE_INFINITY, 5)
                .set(Double.NEGATIVE_INFINITY, 6)
                .normals("logVar", 6, 2)
                .set(Double.NaN, 8);
        return finish(c, 1, z(CaseNoise.GIVEN));
    }

    private static OpCase atThePrior() {
        OpCase.Builder c = OpCase.of("reparameterize", "at the prior, where kl is exactly 0 and z the noise");
        String why = "the prior is μ = 0, log σ² = 0";
        c.input("mu", 5, 7, new double[35])
                .zerosMeant(why)
                .input("logVar", 5, 7, new double[35])
                .zerosMeant(why);
        return finish(c, 1, Bound.exact("0 + 1 · ε"));
    }

    private static final Bound KL_PER_UNIT = Bound.within(
                    "8u ½ (μ² + |expm1 log σ²| + |log σ²|)",
                    (v, u) -> (b, j) -> 8 * u * Tolerances.klTerms(v.in("mu", b, j), v.in("logVar", b, j)))
            .andNonNegative();

    private static OpCase kl(int batch, int latent, boolean merged) {
        OpCase.Builder c = OpCase.of("gaussianKl", batch + " × " + latent + (merged ? MERGED : ""));
        heads(c, batch, latent, merged);
        return kl(c, batch, latent, merged ? 2 : 0);
    }

    private static OpCase kl(OpCase.Builder c, int batch, int latent, int gap) {
        return c.output("klPerUnit", batch, latent, KL_PER_UNIT)
                .gap(gap)
                .call((ops, a) -> ops.gaussianKl(a.get("mu"), a.get("logVar"), a.get("klPerUnit")));
    }

    /** Every edge, near zero from both sides, where expm1(x) − x cancels, and NaN. */
    private static OpCase klEdges() {
        double[] edge = edgeRows();
        double[] mu = new double[edge.length + 30];
        double[] logVar = Arrays.copyOf(edge, mu.length);
        OpCase.Builder c = OpCase.of("gaussianKl", "log σ² at and beyond its bounds, near 0, NaN");
        double[] random = c.draw().normal(mu.length);
        // zero means leave nothing but expm1(x) − x
        Arrays.setAll(mu, i -> i % 4 == 0 ? 0 : random[i]);
        for (int i = 0; i < 28; i++) {
            logVar[edge.length + i] = (float) ((i & 1) == 0 ? Math.pow(2, -i) : -Math.pow(2, -i));
        }
        mu[mu.length - 1] = Double.NaN;
        logVar[mu.length - 2] = Double.NaN;
        logVar[mu.length - 1] = 1;
        c.input("mu", 1, mu.length, mu).input("logVar", 1, mu.length, logVar);
        return kl(c, 1, mu.length, 0);
    }
}
