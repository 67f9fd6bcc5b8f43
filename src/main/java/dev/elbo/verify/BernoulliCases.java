package dev.elbo.verify;

import dev.elbo.verify.Argument.Place;
import java.util.ArrayList;
import java.util.List;

/** The cases of {@code bernoulliLoss}. */
final class BernoulliCases {
    private BernoulliCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        for (int s = 0; s < LossCases.SHAPES.size(); s++) {
            cases.add(bernoulli(LossCases.SHAPES.get(s), s % 2 == 0, s % 3 == 0, "loss dLogits", 0));
        }
        cases.add(bernoulli(new Shape(33, 31, 3), false, true, "loss dLogits", 3));
        cases.add(bernoulli(new Shape(32, 33, 1), true, false, "loss", 0));
        cases.add(bernoulli(new Shape(31, 32, 5), true, true, "dLogits", 0));
        cases.add(extreme());
        cases.add(nan());
        return cases;
    }

    private static final Bound LOSS =
            Bound.within("(8 + 2⌈log₂ D⌉) u S, S = Σ (max(l, 0) + |l x| + log1p(exp(−|l|)))", (v, u) -> {
                Grid logits = v.in("logits");
                Grid x = v.in("x");
                return (r, zero) -> {
                    double s = 0;
                    for (int d = 0; d < logits.cols(); d++) {
                        double l = logits.at(r, d);
                        s += Math.max(l, 0) + Math.abs(l * x.at(r % x.rows(), d)) + Math.log1p(Math.exp(-Math.abs(l)));
                    }
                    return Tolerances.sum(8, logits.cols(), s, u);
                };
            });

    private static Bound gradient(double scale) {
        return Bound.within(
                "8u of the weight: sigmoid and x are at most 1",
                (v, u) -> (r, d) -> 8 * u * Math.abs(scale * v.rowWeight(r)));
    }

    private static OpCase bernoulli(Shape shape, boolean binary, boolean weighted, String outputs, int gap) {
        String options = (binary ? ", binary" : ", gray") + (weighted ? ", row weights" : "");
        OpCase.Builder c = OpCase.of("bernoulliLoss", shape + options + ", " + outputs + Place.label(gap));
        c.normals("logits", shape.rows(), shape.cols(), 0, 3).gap(gap);
        double[] x = c.draw().uniform(shape.batch() * shape.cols(), 0, 1);
        for (int i = 0; binary && i < x.length; i++) {
            x[i] = x[i] < 0.2 ? 0 : 1;
        }
        c.input("x", shape.batch(), shape.cols(), x).gap(gap, 1);
        return finish(c, weighted, outputs, gap);
    }

    private static OpCase finish(OpCase.Builder c, boolean weighted, String outputs, int gap) {
        int rows = c.argument("logits").rows();
        double scale = 1.0 / c.argument("x").rows();
        c.column("rowWeight", weighted ? rows : 0, 0.4, 0.5);
        if (outputs.contains("loss")) {
            c.output("loss", rows, 1, LOSS);
        }
        if (outputs.contains("dLogits")) {
            c.output("dLogits", rows, c.argument("logits").cols(), gradient(scale))
                    .gap(gap, 2);
        }
        return c.call((ops, a) -> ops.bernoulliLoss(
                a.get("logits"),
                a.get("x"),
                a.optional("rowWeight"),
                scale,
                a.optional("loss"),
                a.optional("dLogits")));
    }

    /** One logit a row, so that no large one hides a small one. */
    private static OpCase extreme() {
        double[] sizes = {1e-30, 1e-6, 0.1, 1, 5, 10, 16, 17, 20, 50, 80, 88, 90, 100, 104, 1000, 1e6};
        double[] targets = {0, 1, 0.25};
        double[] logits = new double[sizes.length * 2 * targets.length];
        double[] x = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            double size = sizes[i / 2 / targets.length];
            logits[i] = (float) (i / targets.length % 2 == 0 ? size : -size);
            x[i] = targets[i % targets.length];
        }
        OpCase.Builder c = OpCase.of("bernoulliLoss", "logits up to ±1e6, one a row");
        c.input("logits", logits.length, 1, logits)
                .input("x", logits.length, 1, x)
                .zerosMeant("x is 0, 1 and between, a third each");
        return finish(c, false, "loss dLogits", 0);
    }

    private static OpCase nan() {
        OpCase.Builder c = OpCase.of("bernoulliLoss", "NaN in a logit and in a pixel");
        c.normals("logits", 5, 7).set(Double.NaN, 8).uniforms("x", 5, 7, 0, 1).set(Double.NaN, 25);
        return finish(c, true, "loss dLogits", 0);
    }
}
