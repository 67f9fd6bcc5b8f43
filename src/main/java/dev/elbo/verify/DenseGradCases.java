package dev.elbo.verify;

import dev.elbo.backend.Ops;
import dev.elbo.model.Activation;
import dev.elbo.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;

/** {@code denseGrad}. */
final class DenseGradCases {
    private static final int WHOLE_QUADS = DenseCases.WHOLE_QUADS;

    /** R × in → out; the first is also the length of the sums over rows, the last of those over units. */
    private static final int[][] SHAPES = {
        {1, 1, 1},
        {2, 3, 1},
        {3, 1, 2},
        {31, 32, 33},
        {128, 33, 32},
        {127, 3, 129},
        {129, 784, 5},
        {33, 7, 784},
        {8192, 9, 8},
        {259, 523, 67}
    };

    private DenseGradCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        for (int[] s : SHAPES) {
            cases.add(denseGrad(s[0], s[1], s[2], Activation.IDENTITY, true, 0));
        }
        for (Activation activation : Activation.values()) {
            cases.add(denseGrad(33, 29, 31, activation, true, 0));
            cases.add(denseGrad(7, 10, 129, activation, false, 2));
            cases.add(denseGrad(9, 66, 42, activation, true, WHOLE_QUADS));
        }
        // sums over an odd number of chunks of rows
        cases.add(denseGrad(1700, 3, 5, Activation.SIGMOID, false, 0));
        cases.add(denseGrad(17, 31, 20, Activation.TANH, true, 3));
        thin(cases);
        cases.add(integers());
        cases.add(nan());
        return cases;
    }

    /** Around where a backend may take other ways for few inputs, for few rows and for thousands. */
    private static void thin(List<OpCase> cases) {
        int[] outputs = {1, 33, 523, 129, 66};
        Activation[] activations = Activation.values();
        for (int in : new int[] {1, 3, 20, 64, 65}) {
            for (int rows : new int[] {1, 7, 33, 129}) {
                int i = cases.size();
                Activation activation = activations[1 + i % (activations.length - 1)];
                cases.add(denseGrad(rows, in, outputs[i % outputs.length], activation, true, i % 3));
            }
        }
        // more than half of the most inputs, the last of them in a quad that is not full
        for (int in : new int[] {38, 63}) {
            for (int gap : new int[] {0, 2, WHOLE_QUADS}) {
                int i = cases.size();
                cases.add(denseGrad(34, in, 35, activations[1 + i % (activations.length - 1)], true, gap));
            }
        }
        cases.add(denseGrad(2047, 20, 33, Activation.TANH, true, 0));
        cases.add(denseGrad(2048, 38, 10, Activation.LEAKY_RELU, true, 0));
        cases.add(denseGrad(2051, 63, 12, Activation.ELU, true, WHOLE_QUADS));
        cases.add(denseGrad(2065, 5, 11, Activation.TANH, true, WHOLE_QUADS));
        cases.add(denseGrad(2050, 20, 9, Activation.SIGMOID, true, 0));
        cases.add(denseGrad(2049, 20, 131, Activation.RELU, true, 0));
        cases.add(denseGrad(2050, 64, 33, Activation.SOFTPLUS, true, 1));
    }

    private static OpCase denseGrad(int rows, int in, int out, Activation activation, boolean withDX, int gap) {
        OpCase.Builder c = OpCase.of(
                "denseGrad",
                "%d × %d → %d, %s%s%s"
                        .formatted(rows, in, out, activation, withDX ? "" : ", no dX", DenseCases.label(gap)));
        Draw draw = c.draw();
        input(c, "x", rows, in, draw.normal(rows * in), gap);
        c.input("weight", out, in, draw.normal(out * in, 0, 1 / Math.sqrt(in)));
        DenseCases.shift(c, gap);
        input(c, "y", rows, out, outputs(activation, draw, rows * out), gap);
        if (activation == Activation.RELU) {
            c.zerosMeant("RELU gives zeros");
        }
        c.inOut("dY", ElementType.REAL, rows, out, beforeActivation(activation), draw.normal(rows * out));
        DenseCases.place(c, "dY", out, gap);
        c.output("dW", out, in, weights(activation));
        c.output("dB", 1, out, biases(activation));
        if (withDX) {
            c.output("dX", rows, in, inputs(activation));
            DenseCases.place(c, "dX", in, gap > 0 ? gap + 1 : gap);
        }
        return c.call((ops, a) -> call(ops, a, activation));
    }

    private static void call(Ops ops, Arguments a, Activation activation) {
        ops.denseGrad(
                a.get("x"),
                a.get("weight"),
                a.get("y"),
                a.get("dY"),
                activation,
                a.get("dW"),
                a.get("dB"),
                a.optional("dX"));
    }

    private static void input(OpCase.Builder c, String name, int rows, int cols, double[] values, int gap) {
        c.input(name, rows, cols, values);
        DenseCases.place(c, name, cols, gap);
    }

    private static double[] outputs(Activation activation, Draw draw, int count) {
        double[] y = draw.normal(count);
        for (int i = 0; i < count; i++) {
            double x = y[i];
            y[i] = (float)
                    switch (activation) {
                        case IDENTITY -> x;
                        case RELU -> Math.max(x, 0);
                        case LEAKY_RELU -> x > 0 ? x : Activation.LEAK * x;
                        case ELU -> x > 0 ? x : Math.expm1(2 * x);
                        case TANH -> Math.tanh(2 * x);
                        case SIGMOID -> 1 / (1 + Math.exp(-3 * x));
                        case SOFTPLUS -> Math.log1p(Math.exp(3 * x));
                    };
        }
        return y;
    }

    private static double gradientBound(Activation activation, Values v, int i, int o, double u) {
        return Tolerances.activationGradient(
                activation, v.in("dY").at(i, o), v.out("dY").at(i, o), u);
    }

    private static Bound beforeActivation(Activation activation) {
        return Bound.within(
                "dY ⊙ activation′(y): 8u of it, 8u |dY| for tanh, selections exact",
                (v, u) ->
                        Grid.of(v.in("dY").rows(), v.in("dY").cols(), (i, o) -> gradientBound(activation, v, i, o, u)));
    }

    private static Bound weights(Activation activation) {
        return Bound.within("16u S over the rows, and what dY is off by", (v, u) -> {
                    Grid x = v.in("x");
                    Grid terms = weightTerms(v);
                    return Grid.of(terms.rows(), terms.cols(), (o, k) -> {
                        double carried = 0;
                        for (int i = 0; i < x.rows(); i++) {
                            carried += gradientBound(activation, v, i, o, u) * Math.abs(x.at(i, k));
                        }
                        return Tolerances.product(terms.at(o, k), u) + carried;
                    });
                })
                .ofProduct(DenseGradCases::weightTerms);
    }

    private static Grid weightTerms(Values v) {
        Grid x = v.in("x");
        Grid dY = v.out("dY");
        return Grid.of(dY.cols(), x.cols(), (o, k) -> {
            double s = 0;
            for (int i = 0; i < x.rows(); i++) {
                s += Math.abs(dY.at(i, o) * x.at(i, k));
            }
            return s;
        });
    }

    private static Bound biases(Activation activation) {
        return Bound.within("2⌈log₂ R⌉ u S over the rows, and what dY is off by", (v, u) -> {
            Grid dY = v.out("dY");
            return Grid.of(1, dY.cols(), (zero, o) -> {
                double s = 0;
                double carried = 0;
                for (int i = 0; i < dY.rows(); i++) {
                    s += Math.abs(dY.at(i, o));
                    carried += gradientBound(activation, v, i, o, u);
                }
                return Tolerances.sum(0, dY.rows(), s, u) + carried;
            });
        });
    }

    private static Bound inputs(Activation activation) {
        return Bound.within("16u S over the units, and what dY is off by", (v, u) -> {
                    Grid weight = v.in("weight");
                    Grid terms = inputTerms(v);
                    return Grid.of(terms.rows(), terms.cols(), (i, k) -> {
                        double carried = 0;
                        for (int o = 0; o < weight.rows(); o++) {
                            carried += gradientBound(activation, v, i, o, u) * Math.abs(weight.at(o, k));
                        }
                        return Tolerances.product(terms.at(i, k), u) + carried;
                    });
                })
                .ofProduct(DenseGradCases::inputTerms);
    }

    private static Grid inputTerms(Values v) {
        Grid weight = v.in("weight");
        Grid dY = v.out("dY");
        return Grid.of(dY.rows(), weight.cols(), (i, k) -> {
            double s = 0;
            for (int o = 0; o < weight.rows(); o++) {
                s += Math.abs(dY.at(i, o) * weight.at(o, k));
            }
            return s;
        });
    }

    private static OpCase integers() {
        Bound exact = Bound.exact("every partial sum is a whole number below 2^24");
        OpCase.Builder c = OpCase.of("denseGrad", "129 × 33 → 65, small integers");
        Draw draw = c.draw();
        return c.input("x", 129, 33, draw.signedIntegers(129 * 33, 8))
                .input("weight", 65, 33, draw.signedIntegers(65 * 33, 8))
                .input("y", 129, 65, draw.normal(129 * 65))
                .inOut("dY", ElementType.REAL, 129, 65, exact, draw.signedIntegers(129 * 65, 8))
                .output("dW", 65, 33, exact)
                .output("dB", 1, 65, exact)
                .output("dX", 129, 33, exact)
                .call((ops, a) -> call(ops, a, Activation.IDENTITY));
    }

    /** One NaN in y reaches its row of dX, its unit's row of dW and dB, and nothing else. */
    private static OpCase nan() {
        Activation relu = Activation.RELU;
        OpCase.Builder c = OpCase.of("denseGrad", "7 × 5 → 9, relu, one NaN");
        double[] y = c.draw().normal(7 * 9, 0.5, 1);
        for (int i = 0; i < y.length; i++) {
            y[i] = Math.max(y[i], 0);
        }
        y[3 * 9 + 4] = Double.NaN;
        return c.input("x", 7, 5, c.draw().normal(35))
                .input("weight", 9, 5, c.draw().normal(45))
                .input("y", 7, 9, y)
                .zerosMeant("RELU gives zeros")
                .inOut(
                        "dY",
                        ElementType.REAL,
                        7,
                        9,
                        beforeActivation(relu),
                        c.draw().normal(63))
                .output("dW", 9, 5, weights(relu))
                .output("dB", 1, 9, biases(relu))
                .output("dX", 7, 5, inputs(relu))
                .call((ops, a) -> call(ops, a, relu));
    }
}
