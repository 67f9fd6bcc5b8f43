package dev.elbo.verify;

import dev.elbo.tensor.ElementType;
import dev.elbo.verify.Argument.Place;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The cases of {@code gaussianKlMean}, {@code squaredErrorMean}, {@code rowMean}, {@code logVarOfMean} and {@code
 * sumShards}: the means over a batch, and the sum of its shards.
 */
final class ShardCases {
    private static final double DOUBLE = 0x1p-53;

    private ShardCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        int[][] shapes = {{1, 1}, {3, 2}, {128, 20}, {31, 33}, {300, 129}, {2, 1021}};
        for (int[] shape : shapes) {
            cases.add(klMean(shape[0], shape[1], shape[0], 0));
            cases.add(klMean(shape[0], shape[1], 3 * shape[0] + 1, 3));
        }
        cases.add(klMean(17, 38, 17, Place.WHOLE_QUADS));
        cases.add(klMeanNan());

        for (int[] shape : new int[][] {{1, 1, 1}, {2, 3, 1}, {33, 31, 3}, {5, 129, 5}, {1, 8191, 1}, {257, 523, 1}}) {
            cases.add(squaredErrors(Shape.of(shape), 1, 0));
            cases.add(squaredErrors(Shape.of(shape), 3, 3));
        }
        cases.add(squaredErrors(new Shape(17, 38, 2), 1, Place.WHOLE_QUADS));
        cases.add(squaredErrorNan());

        for (double mean : new double[] {0.04, 1, 9.99e-7, 1e-6, 1.01e-6, 1e-30, 0, 1e12, 1 / 3.0}) {
            cases.add(logVar(mean));
        }
        cases.add(logVar(Double.NaN));
        cases.add(logVar(Double.POSITIVE_INFINITY));

        for (int rows : new int[] {1, 2, 31, 128, 257, 1000, 70_001}) {
            cases.add(rowMean(rows, rows, false));
            cases.add(rowMean(rows, 2 * rows + 3, false));
        }
        cases.add(rowMean(33, 33, true));

        for (int shards : new int[] {1, 2, 3, 5, 7, 8, 9, 31, 64, 65, 129}) {
            for (int cols : new int[] {1, 7, 32, 1021}) {
                cases.add(sum(ElementType.REAL, shards, cols));
                cases.add(sum(ElementType.FLOAT64, shards, cols));
            }
        }
        cases.add(sum(ElementType.REAL, 4, 20_000));
        // sums of sums of sums
        cases.add(sum(ElementType.REAL, 4097, 5));
        cases.add(sum(ElementType.FLOAT64, 4097, 2));
        cases.add(sumUnaligned());
        cases.add(sumNan());
        return cases;
    }

    private static Bound klMean(int rows) {
        return Bound.within("(8 + 2) u ½ Σ (μ² + |expm1 log σ²| + |log σ²|) / rows, in float64", (v, u) -> (i, j) -> {
            double s = 0;
            for (int b = 0; b < v.in("mu").rows(); b++) {
                s += Tolerances.klTerms(v.in("mu", b, j), v.in("logVar", b, j));
            }
            return (10 * u + DOUBLE * v.in("mu").rows()) * s / rows;
        });
    }

    private static void heads(OpCase.Builder c, int batch, int cols, int gap) {
        double[] logVar = c.draw().normal(batch * cols, -0.5, 1);
        logVar[batch * cols / 2] = 25;
        c.normals("mu", batch, cols).gap(gap);
        c.input("logVar", batch, cols, logVar).gap(gap, 2);
    }

    private static OpCase klMean(int batch, int cols, int rows, int gap) {
        OpCase.Builder c =
                OpCase.of("gaussianKlMean", batch + " × " + cols + " of " + rows + " rows" + Place.label(gap));
        heads(c, batch, cols, gap);
        return klMean(c, rows);
    }

    private static OpCase klMean(OpCase.Builder c, int rows) {
        return c.output(
                        "mean",
                        ElementType.FLOAT64,
                        1,
                        c.argument("mu").cols(),
                        klMean(rows).andNonNegative())
                .call((ops, a) -> ops.gaussianKlMean(a.get("mu"), a.get("logVar"), rows, a.get("mean")));
    }

    private static OpCase klMeanNan() {
        OpCase.Builder c = OpCase.of("gaussianKlMean", "NaN and infinities");
        c.normals("mu", 9, 6)
                .set(Double.NaN, 7)
                .set(Double.POSITIVE_INFINITY, 14)
                .normals("logVar", 9, 6)
                .set(Double.NaN, 21)
                .set(Double.NEGATIVE_INFINITY, 28);
        return klMean(c, 9);
    }

    private static Bound squaredErrors(long elements) {
        return Bound.within("8u of it: the square of an error 3u, four of them in float32 2u, then float64", (v, u) -> {
            Grid output = v.in("output");
            Grid x = v.in("x");
            double s = 0;
            for (int r = 0; r < output.rows(); r++) {
                for (int d = 0; d < output.cols(); d++) {
                    double e = output.at(r, d) - x.at(r % x.rows(), d);
                    s += e * e;
                }
            }
            double allowed = (8 * u + DOUBLE * output.rows() * output.cols()) * s / elements;
            return (i, j) -> allowed;
        });
    }

    private static OpCase.Builder images(OpCase.Builder c, Shape shape, int gap) {
        return c.uniforms("output", shape.rows(), shape.cols(), -0.2, 1.2)
                .gap(gap)
                .uniforms("x", shape.batch(), shape.cols(), 0, 1)
                .gap(gap, 1);
    }

    private static OpCase squaredErrors(Shape shape, int share, int gap) {
        OpCase.Builder c =
                OpCase.of("squaredErrorMean", shape + (share == 1 ? "" : ", a share of 1/" + share) + Place.label(gap));
        return squaredErrors(images(c, shape, gap), share);
    }

    private static OpCase squaredErrors(OpCase.Builder c, int share) {
        Argument output = c.argument("output");
        long elements = (long) share * output.rows() * output.cols();
        return c.output("mean", ElementType.FLOAT64, 1, 1, squaredErrors(elements))
                .call((ops, a) -> ops.squaredErrorMean(a.get("output"), a.get("x"), elements, a.get("mean")));
    }

    private static OpCase squaredErrorNan() {
        OpCase.Builder c = OpCase.of("squaredErrorMean", "one NaN");
        return squaredErrors(c.normals("output", 5, 7).set(Double.NaN, 17).normals("x", 5, 7), 1);
    }

    private static OpCase logVar(double mean) {
        Bound bound = Bound.within(
                "2u of the mean, 4u |log|", (v, u) -> (i, j) -> 2 * u + 4 * u * Math.abs(v.out("logVar", 0, 0)));
        return OpCase.of("logVarOfMean", "mean " + mean)
                .input("mean", ElementType.FLOAT64, 1, 1, mean)
                .zerosMeant("a perfect output")
                .output("logVar", 1, 1, bound)
                .call((ops, a) -> ops.logVarOfMean(a.get("mean"), a.get("logVar")));
    }

    private static Bound rowMean(int rows) {
        return Bound.within("float64: 2n 2^-53 of the mean absolute value", (v, u) -> {
            Grid value = v.in("value");
            double sum = Arrays.stream(value.values()).map(Math::abs).sum();
            return (i, j) -> 2 * DOUBLE * value.rows() * sum / rows;
        });
    }

    private static OpCase rowMean(int n, int rows, boolean nan) {
        OpCase.Builder c = OpCase.of("rowMean", n + " of " + rows + " rows" + (nan ? ", one NaN" : ""));
        c.column("value", n, 20, 3);
        if (nan) {
            c.set(Double.NaN, n - 1);
        }
        return c.output("mean", ElementType.FLOAT64, 1, 1, rowMean(rows))
                .call((ops, a) -> ops.rowMean(a.get("value"), rows, a.get("mean")));
    }

    private static final Bound SUM = Bound.within("⌈log₂ S⌉ roundings of Σ |part|", (v, u) -> {
        Grid parts = v.in("parts");
        return (i, j) -> {
            double s = 0;
            for (int r = 0; r < parts.rows(); r++) {
                s += Math.abs(parts.at(r, j));
            }
            return Tolerances.sum(0, parts.rows(), s, u);
        };
    });

    private static OpCase sum(ElementType type, int shards, int cols) {
        OpCase.Builder c = OpCase.of("sumShards", shards + " shards of " + cols + ", " + type);
        return sum(c.input("parts", type, shards, cols, c.draw().normal(shards * cols)));
    }

    private static OpCase sum(OpCase.Builder c) {
        Argument parts = c.argument("parts");
        // float64 rounds float64 on every backend
        Bound bound = parts.type() == ElementType.REAL
                ? SUM
                : Bound.within(SUM.reason(), (v, u) -> SUM.allowance().of(v, DOUBLE));
        return c.output("total", parts.type(), 1, parts.cols(), bound)
                .call((ops, a) -> ops.sumShards(a.get("parts"), a.get("total")));
    }

    /** Dense rows of whole quads that begin at an odd address. */
    private static OpCase sumUnaligned() {
        OpCase.Builder c = OpCase.of("sumShards", "5 shards of 32, REAL, at an odd address");
        return sum(c.normals("parts", 5, 32).shift(1));
    }

    private static OpCase sumNan() {
        OpCase.Builder c = OpCase.of("sumShards", "NaN and infinities");
        return sum(c.normals("parts", 5, 7)
                .set(Double.NaN, 3)
                .set(Double.POSITIVE_INFINITY, 4, 18)
                .set(Double.NEGATIVE_INFINITY, 26));
    }
}
