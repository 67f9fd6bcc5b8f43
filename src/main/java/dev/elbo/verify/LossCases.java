package dev.elbo.verify;

import dev.elbo.backend.LogVariance;
import dev.elbo.linalg.LinearGaussian;
import dev.elbo.verify.Argument.Place;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The cases of {@code gaussianLoss}, {@code optimalLogVar} and {@code bernoulliLoss}. */
final class LossCases {
    /** B × D, K. */
    private static final int[][] SHAPES = {
        {1, 1, 1},
        {2, 3, 1},
        {3, 784, 1},
        {33, 31, 3},
        {128, 7, 1},
        {5, 129, 5},
        {1, 8191, 1},
        {127, 32, 1},
        {257, 523, 1}
    };

    private enum Variance {
        UNIT,
        SHARED,
        PER_DIMENSION;

        int cols(int inputs) {
            return this == SHARED ? 1 : inputs;
        }
    }

    private LossCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        for (Variance variance : Variance.values()) {
            for (int s = 0; s < SHAPES.length; s++) {
                cases.add(gaussian(
                        Shape.of(SHAPES[s]), variance, (s + variance.ordinal()) % 2 == 0, "loss dOutput dLogVar", 0));
            }
            cases.add(gaussian(new Shape(33, 29, 3), variance, true, "loss dOutput dLogVar", 3));
            cases.add(gaussian(new Shape(33, 31, 1), variance, false, "loss", 0));
            cases.add(gaussian(new Shape(32, 33, 1), variance, true, "dOutput", 0));
        }
        cases.add(gaussian(new Shape(31, 33, 3), Variance.PER_DIMENSION, true, "dLogVar", 0));
        // sums over an odd number of chunks of rows
        cases.add(gaussian(new Shape(570, 5, 3), Variance.PER_DIMENSION, false, "dLogVar", 0));
        cases.add(edges());
        cases.add(nan());

        for (int[] shape : SHAPES) {
            cases.add(optimal(Shape.of(shape), 0.2, 0));
        }
        cases.add(optimal(new Shape(33, 31, 3), 0.3, 2));
        for (int cols : new int[] {37, 38, 39}) {
            cases.add(optimal(new Shape(17, cols, 2), 0.3, Place.WHOLE_QUADS));
        }
        cases.add(optimal(new Shape(17, 10, 1), 1e-5, 0));
        cases.add(optimal(new Shape(17, 10, 1), 0, 0));
        cases.add(optimal(new Shape(17, 10, 1), 1000, 0));
        cases.add(optimalNan());

        for (int s = 0; s < SHAPES.length; s++) {
            cases.add(bernoulli(Shape.of(SHAPES[s]), s % 2 == 0, s % 3 == 0, "loss dLogits", 0));
        }
        cases.add(bernoulli(new Shape(33, 31, 3), false, true, "loss dLogits", 3));
        cases.add(bernoulli(new Shape(32, 33, 1), true, false, "loss", 0));
        cases.add(bernoulli(new Shape(31, 32, 5), true, true, "dLogits", 0));
        cases.add(bernoulliExtreme());
        cases.add(bernoulliNan());
        return cases;
    }

    private static double logVar(Values v, int d) {
        Grid logVar = v.optional("logVar");
        return logVar == null ? 0 : logVar.at(0, logVar.cols() == 1 ? 0 : d);
    }

    private static double error(Values v, int r, int d) {
        return v.in("output", r, d) - v.in("x", r % v.in("x").rows(), d);
    }

    private static double weight(Values v, double scale, int r) {
        return Math.abs(scale * v.rowWeight(r));
    }

    private static Bound loss(Variance variance) {
        int c = variance == Variance.UNIT ? 4 : 8;
        return Bound.within(
                "(" + c + " + 2⌈log₂ D⌉) u S, S = ½ Σ (error²/σ² + |log σ²| + log 2π)", (v, u) -> (r, zero) -> {
                    int cols = v.in("x").cols();
                    double s = 0;
                    for (int d = 0; d < cols; d++) {
                        double e = error(v, r, d);
                        double lv = LogVariance.clamp(logVar(v, d));
                        s += 0.5 * (e * e * Math.exp(-lv) + Math.abs(lv) + LinearGaussian.LOG_2_PI);
                    }
                    return Tolerances.sum(c, cols, s, u);
                });
    }

    private static Bound dOutput(Variance variance, boolean weighted, double scale) {
        int c = (variance == Variance.UNIT ? 3 : 8) + (weighted ? 1 : 0);
        String reason = c + "u of it: the error, the scale and their product"
                + (variance == Variance.UNIT ? "" : ", exp(−log σ²)")
                + (weighted ? ", the row weight" : "");
        return Bound.within(
                reason,
                (v, u) -> (r, d) -> c
                        * u
                        * weight(v, scale, r)
                        * Math.abs(error(v, r, d) * Math.exp(-LogVariance.clamp(logVar(v, d)))));
    }

    private static Bound dLogVar(double scale) {
        return Bound.within("(8 + 2⌈log₂ n⌉) u ½ Σ |w| (1 + error²/σ²); exactly 0 where clamped", (v, u) -> {
            Grid output = v.in("output");
            int cols = v.in("logVar").cols();
            return (zero, at) -> {
                double s = 0;
                for (int r = 0; r < output.rows(); r++) {
                    for (int d = at; d < output.cols(); d += cols == 1 ? 1 : output.cols()) {
                        double e = error(v, r, d);
                        s += 0.5 * weight(v, scale, r) * (1 + e * e * Math.exp(-LogVariance.clamp(logVar(v, d))));
                    }
                }
                long terms = (long) output.rows() * output.cols() / cols;
                return LogVariance.isInside(logVar(v, at)) ? Tolerances.sum(8, terms, s, u) : 0;
            };
        });
    }

    private static OpCase gaussian(Shape shape, Variance variance, boolean weighted, String outputs, int gap) {
        String form = variance.name().toLowerCase(Locale.ROOT).replace('_', ' ') + (weighted ? ", row weights" : "");
        OpCase.Builder c = OpCase.of("gaussianLoss", shape + ", variance " + form + ", " + outputs + Place.label(gap));
        images(c, shape, gap);
        if (variance != Variance.UNIT) {
            c.normals("logVar", 1, variance.cols(shape.cols()), -2, 1).shift(gap);
        }
        return finish(c, variance, weighted, outputs, gap);
    }

    /** Adds pixels, and outputs that resemble them. */
    private static void images(OpCase.Builder c, Shape shape, int gap) {
        c.uniforms("output", shape.rows(), shape.cols(), -0.2, 1.2).gap(gap);
        c.uniforms("x", shape.batch(), shape.cols(), 0, 1).gap(gap, 1);
    }

    private static OpCase finish(OpCase.Builder c, Variance variance, boolean weighted, String outputs, int gap) {
        int rows = c.argument("output").rows();
        int cols = c.argument("output").cols();
        double scale = 1.0 / c.argument("x").rows();
        c.column("rowWeight", weighted ? rows : 0, 0.4, 0.5);
        if (outputs.contains("loss")) {
            c.output("loss", rows, 1, loss(variance));
        }
        if (outputs.contains("dOutput")) {
            c.output("dOutput", rows, cols, dOutput(variance, weighted, scale)).gap(gap, 2);
        }
        if (outputs.contains("dLogVar") && variance != Variance.UNIT) {
            c.output("dLogVar", 1, variance.cols(cols), dLogVar(scale));
        }
        return c.call((ops, a) -> ops.gaussianLoss(
                a.get("output"),
                a.get("x"),
                a.optional("logVar"),
                a.optional("rowWeight"),
                scale,
                a.optional("loss"),
                a.optional("dOutput"),
                a.optional("dLogVar")));
    }

    private static OpCase edges() {
        int cols = LatentCases.EDGES.length;
        OpCase.Builder c = OpCase.of("gaussianLoss", "log σ² at and beyond its bounds, per dimension");
        images(c, new Shape(7, cols, 1), 0);
        c.input("logVar", 1, cols, LatentCases.EDGES.clone());
        return finish(c, Variance.PER_DIMENSION, true, "loss dOutput dLogVar", 0);
    }

    /** NaN in an output, a pixel and a log variance. */
    private static OpCase nan() {
        OpCase.Builder c = OpCase.of("gaussianLoss", "NaN and infinities");
        c.normals("output", 9, 5)
                .set(Double.NaN, 5)
                .set(Double.POSITIVE_INFINITY, 16)
                .set(Double.NEGATIVE_INFINITY, 22)
                .uniforms("x", 9, 5, 0, 1)
                .set(Double.NaN, 28);
        return finish(c, Variance.UNIT, false, "loss dOutput", 0);
    }

    private static final Bound OPTIMAL = Bound.within("(6 + 2⌈log₂ n⌉) u of the mean, 4u |log|", (v, u) -> {
        long terms = (long) v.in("output").rows() * v.in("output").cols();
        return (i, j) -> Tolerances.sum(6, terms, 1, u) + 4 * u * Math.abs(v.out("logVar", 0, 0));
    });

    private static OpCase optimal(Shape shape, double deviation, int gap) {
        OpCase.Builder c = OpCase.of("optimalLogVar", shape + ", error " + deviation + Place.label(gap));
        double[] x = c.draw().uniform(shape.batch() * shape.cols(), 0, 1);
        double[] output = c.draw().normal(shape.rows() * shape.cols(), 0, deviation);
        Arrays.setAll(output, i -> output[i] + x[i % x.length]);
        c.input("output", shape.rows(), shape.cols(), output).gap(gap);
        c.input("x", shape.batch(), shape.cols(), x).gap(gap == Place.WHOLE_QUADS ? gap : 0);
        return optimal(c);
    }

    private static OpCase optimal(OpCase.Builder c) {
        return c.output("logVar", 1, 1, OPTIMAL)
                .call((ops, a) -> ops.optimalLogVar(a.get("output"), a.get("x"), a.get("logVar")));
    }

    private static OpCase optimalNan() {
        OpCase.Builder c = OpCase.of("optimalLogVar", "one NaN");
        return optimal(c.normals("output", 5, 7).set(Double.NaN, 17).normals("x", 5, 7));
    }

    private static final Bound BERNOULLI =
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

    private static Bound dLogits(double scale) {
        return Bound.within(
                "8u of the weight: sigmoid and x are at most 1", (v, u) -> (r, d) -> 8 * u * weight(v, scale, r));
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
        return bernoulli(c, weighted, outputs, gap);
    }

    private static OpCase bernoulli(OpCase.Builder c, boolean weighted, String outputs, int gap) {
        Argument logits = c.argument("logits");
        double scale = 1.0 / c.argument("x").rows();
        c.column("rowWeight", weighted ? logits.rows() : 0, 0.4, 0.5);
        if (outputs.contains("loss")) {
            c.output("loss", logits.rows(), 1, BERNOULLI);
        }
        if (outputs.contains("dLogits")) {
            c.output("dLogits", logits.rows(), logits.cols(), dLogits(scale)).gap(gap, 2);
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
    private static OpCase bernoulliExtreme() {
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
        return bernoulli(c, false, "loss dLogits", 0);
    }

    private static OpCase bernoulliNan() {
        OpCase.Builder c = OpCase.of("bernoulliLoss", "NaN in a logit and in a pixel");
        c.normals("logits", 5, 7).set(Double.NaN, 8).uniforms("x", 5, 7, 0, 1).set(Double.NaN, 25);
        return bernoulli(c, true, "loss dLogits", 0);
    }
}
