package dev.elbo.verify;

import dev.elbo.backend.Clock;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.LogVariance;
import dev.elbo.backend.Schedule;
import dev.elbo.noise.NoiseStream;
import java.util.ArrayList;
import java.util.List;

/** The cases of {@code reparameterizeGrad}. */
final class LatentGradCases {
    private LatentGradCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        int[][] shapes = {{1, 1, 1}, {3, 2, 5}, {31, 33, 1}, {128, 5, 3}, {2, 129, 1}, {127, 7, 1}, {1021, 20, 2}};
        for (KlMode mode : KlMode.values()) {
            for (int s = 0; s < shapes.length; s++) {
                CaseNoise noise = CaseNoise.values()[(s + mode.ordinal()) % 3];
                cases.add(gradient(Shape.of(shapes[s]), noise, mode, s % 2 == 1, false, 0.75));
            }
            for (CaseNoise noise : CaseNoise.values()) {
                cases.add(gradient(new Shape(33, 10, 3), noise, mode, true, true, 1));
                cases.add(gradient(new Shape(32, 31, 1), noise, mode, false, true, 4));
            }
            cases.add(gradient(new Shape(9, 5, 2), CaseNoise.PER_STEP, mode, false, false, 0));
            cases.add(gradient(new Shape(17, 20, 3), CaseNoise.GIVEN, mode, true, false, 1));
            cases.add(edges(mode));
            cases.add(nan(mode));
        }
        return cases;
    }

    /** The term that carries the KL divergence of row r: β · scale · rowWeight_r. */
    private static double klWeight(Values v, double scale, int row) {
        int step = (int) v.in("clock", 0, Clock.SLOT);
        return v.in("schedule", step, Schedule.BETA) * scale * v.rowWeight(row);
    }

    /** The absolute terms of what reaches z in row r: dZ itself, and what a divergence at the sample adds. */
    private static double dZTerms(Values v, KlMode mode, double scale, int b, int j, int r, double eps) {
        double mu = v.in("mu", b, j);
        double logVar = v.in("logVar", b, j);
        double dz = Math.abs(v.in("dZ", r, j));
        double weight = Math.abs(klWeight(v, scale, r));
        return switch (mode) {
            case ANALYTIC -> dz;
            case SAMPLED -> dz + weight * Tolerances.zTerms(mu, logVar, eps);
            case DOUBLY_REPARAMETERIZED -> {
                double score = Math.abs(eps) / Tolerances.sigma(logVar);
                yield Math.abs(v.rowWeight(r)) * (dz + weight * (Tolerances.zTerms(mu, logVar, eps) + score));
            }
        };
    }

    private static Bound dMu(CaseNoise noise, KlMode mode, double scale) {
        return Bound.within("(12 + 2⌈log₂ 2K⌉) u Σ_k of the absolute terms: z itself is within 8u", (v, u) -> {
            Grid mu = v.in("mu");
            Grid dZ = v.in("dZ");
            Grid eps = noise.normals(v, dZ.rows());
            return (b, j) -> {
                double s = 0;
                for (int r = b; r < dZ.rows(); r += mu.rows()) {
                    s += dZTerms(v, mode, scale, b, j, r, eps.at(r, j));
                    s += mode == KlMode.ANALYTIC ? Math.abs(klWeight(v, scale, r) * mu.at(b, j)) : 0;
                }
                return Tolerances.sum(12, 2L * dZ.rows() / mu.rows(), s, u);
            };
        });
    }

    private static Bound dLogVar(CaseNoise noise, KlMode mode, double scale) {
        return Bound.within("(16 + 2⌈log₂ 2K⌉) u Σ_k of the absolute terms; exactly 0 where clamped", (v, u) -> {
            Grid mu = v.in("mu");
            Grid dZ = v.in("dZ");
            Grid eps = noise.normals(v, dZ.rows());
            return (b, j) -> {
                double logVar = v.in("logVar", b, j);
                double s = 0;
                for (int r = b; r < dZ.rows(); r += mu.rows()) {
                    double half = 0.5 * Tolerances.sigma(logVar) * Math.abs(eps.at(r, j));
                    double weight = 0.5 * Math.abs(klWeight(v, scale, r));
                    s += half * dZTerms(v, mode, scale, b, j, r, eps.at(r, j));
                    s += switch (mode) {
                        case ANALYTIC -> weight * Math.abs(Math.expm1(LogVariance.clamp(logVar)));
                        case SAMPLED -> weight;
                        case DOUBLY_REPARAMETERIZED -> 0;
                    };
                }
                return LogVariance.isInside(logVar) ? Tolerances.sum(16, 2L * dZ.rows() / mu.rows(), s, u) : 0;
            };
        });
    }

    private static OpCase gradient(
            Shape shape, CaseNoise noise, KlMode mode, boolean weighted, boolean merged, double beta) {
        String options = (weighted ? ", row weights" : "") + (merged ? LatentCases.MERGED : "") + ", β " + beta;
        OpCase.Builder c = OpCase.of("reparameterizeGrad", shape + ", " + mode + ", " + noise + options);
        LatentCases.heads(c, shape.batch(), shape.cols(), merged);
        noise.declare(c, shape.rows(), shape.cols());
        c.normals("dZ", shape.rows(), shape.cols(), 0, 1.0 / shape.batch()).gap(merged ? 3 : 0);
        return finish(c, noise, mode, weighted, merged, beta);
    }

    /** Adds row weights, schedule, outputs and the call; heads, noise and dZ are there. */
    private static OpCase finish(
            OpCase.Builder c, CaseNoise noise, KlMode mode, boolean weighted, boolean merged, double beta) {
        int batch = c.argument("mu").rows();
        int latent = c.argument("mu").cols();
        double scale = 1.0 / batch;
        c.column("rowWeight", weighted ? c.argument("dZ").rows() : 0, 0.4, 0.5);
        MetricsCases.schedule(c, beta);
        return c.output("dMu", batch, latent, dMu(noise, mode, scale))
                .half(merged, "gradients", 0)
                .output("dLogVar", batch, latent, dLogVar(noise, mode, scale))
                .half(merged, "gradients", 1)
                .call((ops, a) -> ops.reparameterizeGrad(
                        a.get("mu"),
                        a.get("logVar"),
                        noise.source(NoiseStream.LATENT, a),
                        a.get("dZ"),
                        mode,
                        a.schedule(),
                        a.optional("rowWeight"),
                        scale,
                        a.get("dMu"),
                        a.get("dLogVar")));
    }

    private static OpCase edges(KlMode mode) {
        int rows = LatentCases.EDGES.length;
        OpCase.Builder c = OpCase.of("reparameterizeGrad", "log σ² at and beyond its bounds, " + mode);
        c.normals("mu", rows, 3).input("logVar", rows, 3, LatentCases.edgeRows());
        CaseNoise.GIVEN.declare(c, 2 * rows, 3);
        return finish(c.normals("dZ", 2 * rows, 3), CaseNoise.GIVEN, mode, true, false, 0.5);
    }

    private static OpCase nan(KlMode mode) {
        OpCase.Builder c = OpCase.of("reparameterizeGrad", "NaN in μ, log σ² and dZ, " + mode);
        double[] mu = c.draw().normal(12);
        double[] logVar = c.draw().normal(12, -1, 1);
        double[] dZ = c.draw().normal(12);
        mu[2] = Double.NaN;
        logVar[5] = Double.NaN;
        dZ[9] = Double.NaN;
        c.input("mu", 6, 2, mu).input("logVar", 6, 2, logVar);
        CaseNoise.GIVEN.declare(c, 6, 2);
        c.input("dZ", 6, 2, dZ);
        return finish(c, CaseNoise.GIVEN, mode, false, false, 0.5);
    }
}
