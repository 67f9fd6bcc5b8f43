package dev.elbo.verify;

import dev.elbo.model.Activation;
import dev.elbo.verify.Argument.Place;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The cases of {@code classBias} and {@code classBiasGrad}. */
final class ClassCases {
    private static final int[] CLASSES = {2, 10, 33};
    /** Less than a quad, whole and odd quads, a tile of 32 with its neighbours, and a layer. */
    private static final int[] COLUMNS = {1, 3, 4, 20, 31, 32, 33, 400};

    private static final int[] BATCHES = {1, 7, 33, 64, 129};
    private static final int[] GAPS = {0, 2, Place.WHOLE_QUADS};

    private ClassCases() {}

    /** A case of random values. */
    private interface Maker {
        OpCase of(Sizes sizes, int gap);
    }

    private record Sizes(int batch, int samples, int classes, int cols) {
        int rows() {
            return samples * batch;
        }

        @Override
        public String toString() {
            return "%d × %d samples, %d classes × %d".formatted(batch, samples, classes, cols);
        }
    }

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        Activation[] activations = Activation.values();
        shapes(cases, (sizes, gap) -> bias(sizes, activations[cases.size() % activations.length], gap));
        for (Activation activation : activations) {
            cases.add(bias(new Sizes(9, 1, 10, 42), activation, 0));
            cases.add(bias(new Sizes(11, 3, 10, 42), activation, 3));
            Sizes sizes = new Sizes(invalid(10).length, 3, 10, 6);
            OpCase.Builder c = OpCase.of("classBias", "labels of no class, " + activation);
            cases.add(bias(c.input("labels", sizes.batch, 1, invalid(10)), sizes, activation, 0));
        }
        // rows for several threads
        cases.add(bias(new Sizes(1050, 3, 10, 33), Activation.TANH, 0));

        shapes(cases, ClassCases::grad);
        cases.add(grad(new Sizes(1050, 3, 10, 33), 0));
        cases.add(grad("classes without rows", new Sizes(40, 2, 33, 37), 5, 5, 6, 31));
        cases.add(grad("labels of no class", new Sizes(invalid(10).length, 3, 10, 37), invalid(10)));
        cases.add(grad("no label of a class", new Sizes(3, 2, 2, 5), -1, 2, Double.NaN));
        cases.add(nan());
        return cases;
    }

    /** Adds all sizes of tables, for one sample and for three; batches, gaps and what else there is take turns. */
    private static void shapes(List<OpCase> cases, Maker maker) {
        int i = 0;
        for (int samples : new int[] {1, 3}) {
            for (int classes : CLASSES) {
                for (int cols : COLUMNS) {
                    Sizes sizes = new Sizes(BATCHES[i % BATCHES.length], samples, classes, cols);
                    cases.add(maker.of(sizes, GAPS[i % GAPS.length]));
                    i++;
                }
            }
        }
    }

    /** Labels of no class among those of the first and the last. */
    private static double[] invalid(int classes) {
        return new double[] {
            3,
            -1,
            classes - 1,
            classes,
            0.5,
            Double.NaN,
            -0.0,
            classes - 0.5,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            0x1p31,
            1e30,
            1,
            -Float.MIN_VALUE,
            -0x1p31
        };
    }

    private static OpCase.Builder labels(OpCase.Builder c, Sizes sizes, int gap) {
        return c.input("labels", sizes.batch, 1, c.draw().integers(sizes.batch, 0, sizes.classes - 1))
                .zerosMeant("0 is a class")
                .gap(gap);
    }

    private static OpCase bias(Sizes sizes, Activation activation, int gap) {
        OpCase.Builder c = OpCase.of("classBias", sizes + ", " + activation + Place.label(gap));
        return bias(labels(c, sizes, gap), sizes, activation, gap);
    }

    private static OpCase bias(OpCase.Builder c, Sizes sizes, Activation activation, int gap) {
        return c.normals("table", sizes.classes, sizes.cols)
                .gap(gap)
                .inOut(
                        "y",
                        sizes.rows(),
                        sizes.cols,
                        activated(activation),
                        c.draw().normal(sizes.rows() * sizes.cols))
                .gap(gap, 1)
                .call((ops, a) -> ops.classBias(a.get("labels"), a.get("table"), activation, a.get("y")));
    }

    private static Bound activated(Activation activation) {
        return Bound.within(
                "u |y + w| of the sum, which no activation makes larger, and 8u of the value; selections exact",
                (v, u) -> (i, j) -> {
                    int label = label(v, i);
                    double weight = label < 0 ? Double.NaN : v.in("table", label, j);
                    return u * Math.abs(v.in("y", i, j) + weight)
                            + Tolerances.activation(activation, v.out("y", i, j), u);
                });
    }

    /** The class of a row, or −1. */
    private static int label(Values v, int row) {
        Grid labels = v.in("labels");
        Grid table = v.optional("table") == null ? v.out("dTable") : v.in("table");
        double label = labels.at(row % labels.rows(), 0);
        return label >= 0 && label < table.rows() && label == Math.floor(label) ? (int) label : -1;
    }

    private static OpCase grad(Sizes sizes, int gap) {
        OpCase.Builder c = OpCase.of("classBiasGrad", sizes + Place.label(gap));
        return grad(labels(c, sizes, gap), sizes, gap);
    }

    /** With these labels, in turn. */
    private static OpCase grad(String label, Sizes sizes, double... labels) {
        OpCase.Builder c = OpCase.of("classBiasGrad", label);
        double[] turns = new double[sizes.batch];
        Arrays.setAll(turns, i -> labels[i % labels.length]);
        return grad(c.input("labels", sizes.batch, 1, turns), sizes, 0);
    }

    private static OpCase grad(OpCase.Builder c, Sizes sizes, int gap) {
        return gradOf(c.normals("dY", sizes.rows(), sizes.cols).gap(gap, 1), sizes, gap);
    }

    private static OpCase gradOf(OpCase.Builder c, Sizes sizes, int gap) {
        return c.output("dTable", sizes.classes, sizes.cols, SUMS)
                .gap(gap)
                .call((ops, a) -> ops.classBiasGrad(a.get("labels"), a.get("dY"), a.get("dTable")));
    }

    private static final Bound SUMS = Bound.within(
            "u |Σ|, and the roundings of two float64 sums of n terms, 2⁻⁵² n S, S = Σ |dY|; 0 without rows", (v, u) -> {
                Grid dY = v.in("dY");
                Grid sums = v.out("dTable");
                int[] terms = new int[sums.rows()];
                double[][] s = new double[sums.rows()][sums.cols()];
                for (int i = 0; i < dY.rows(); i++) {
                    int label = label(v, i);
                    if (label >= 0) {
                        terms[label]++;
                        for (int j = 0; j < dY.cols(); j++) {
                            s[label][j] += Math.abs(dY.at(i, j));
                        }
                    }
                }
                return (k, j) -> u * Math.abs(sums.at(k, j)) + 0x1p-52 * terms[k] * s[k][j];
            });

    /** One NaN and one infinity in dY reach their own classes, in their own columns; those of rows without a class, nothing. */
    private static OpCase nan() {
        Sizes sizes = new Sizes(5, 2, 4, 9);
        OpCase.Builder c = OpCase.of("classBiasGrad", "NaN and infinities");
        c.input("labels", 5, 1, 3, 1, -1, 2, 1)
                .normals("dY", 10, 9)
                .set(Double.NaN, 9 + 4, 2 * 9 + 5)
                .set(Double.POSITIVE_INFINITY, 3 * 9 + 8)
                .set(Double.NEGATIVE_INFINITY, 7 * 9 + 1);
        return gradOf(c, sizes, 0);
    }
}
