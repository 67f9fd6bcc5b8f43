package dev.elbo.verify;

import dev.elbo.model.Activation;
import dev.elbo.verify.Argument.Place;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.IntToDoubleFunction;

/** The cases of {@code denseGrad} and {@code activateGrad}. */
final class DenseGradCases {
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
            cases.add(denseGrad(9, 66, 42, activation, true, Place.WHOLE_QUADS));
        }
        // sums over an odd number of chunks of rows
        cases.add(denseGrad(1700, 3, 5, Activation.SIGMOID, false, 0));
        cases.add(denseGrad(17, 31, 20, Activation.TANH, true, 3));
        DenseCases.thin(
                cases,
                (rows, in, out, activation, gap) -> denseGrad(rows, in, out, activation, true, gap),
                EnumSet.complementOf(EnumSet.of(Activation.IDENTITY)).toArray(Activation[]::new),
                new int[] {1, 33, 523, 129, 66},
                34,
                35);
        // a backend may treat thousands of rows differently
        cases.add(denseGrad(2047, 20, 33, Activation.TANH, true, 0));
        cases.add(denseGrad(2048, 38, 10, Activation.LEAKY_RELU, true, 0));
        cases.add(denseGrad(2051, 63, 12, Activation.ELU, true, Place.WHOLE_QUADS));
        cases.add(denseGrad(2065, 5, 11, Activation.TANH, true, Place.WHOLE_QUADS));
        cases.add(denseGrad(2050, 20, 9, Activation.SIGMOID, true, 0));
        cases.add(denseGrad(2049, 20, 131, Activation.RELU, true, 0));
        cases.add(denseGrad(2050, 64, 33, Activation.SOFTPLUS, true, 1));
        for (Activation activation : Activation.values()) {
            cases.add(withoutBias(33, 20, 31, activation, true, 0));
            cases.add(withoutBias(600, 129, 10, activation, false, 2));
            cases.add(activateGrad(33, 31, activation, 0));
            cases.add(activateGrad(5, 130, activation, Place.WHOLE_QUADS));
            cases.add(activateGrad(257, 301, activation, 3));
        }
        // positions of a batch of pictures
        cases.add(withoutBias(6272, 16, 32, Activation.LEAKY_RELU, true, 0));
        cases.add(activateGrad(25_088, 32, Activation.RELU, 0));
        cases.add(activateGrad(6_273, 33, Activation.TANH, 1));
        cases.add(activateGrad(1, 1, Activation.ELU, 0));
        cases.add(sumsOfItself());
        cases.add(integers());
        cases.add(nan());
        return cases;
    }

    private static OpCase denseGrad(int rows, int in, int out, Activation activation, boolean withDX, int gap) {
        String options = activation + (withDX ? "" : ", no dX") + Place.label(gap);
        OpCase.Builder c = OpCase.of("denseGrad", rows + " × " + in + " → " + out + ", " + options);
        c.normals("x", rows, in).gap(gap);
        c.normals("weight", out, in, 0, 1 / Math.sqrt(in)).shift(gap);
        c.input("y", rows, out, outputs(activation, c.draw(), rows * out)).gap(gap);
        return finish(c, activation, withDX, gap);
    }

    private static OpCase withoutBias(int rows, int in, int out, Activation activation, boolean withDX, int gap) {
        String options = activation + ", no dB" + (withDX ? "" : ", no dX") + Place.label(gap);
        OpCase.Builder c = OpCase.of("denseGrad", rows + " × " + in + " → " + out + ", " + options);
        c.normals("x", rows, in).gap(gap);
        c.normals("weight", out, in, 0, 1 / Math.sqrt(in)).shift(gap);
        c.input("y", rows, out, outputs(activation, c.draw(), rows * out)).gap(gap);
        return finish(c, activation, false, withDX, gap);
    }

    private static OpCase activateGrad(int rows, int cols, Activation activation, int gap) {
        OpCase.Builder c = OpCase.of("activateGrad", activation + ", " + rows + " × " + cols + Place.label(gap));
        return c.input("y", rows, cols, outputs(activation, c.draw(), rows * cols))
                .gap(gap, 1)
                .zerosMeant(activation == Activation.RELU ? "RELU gives zeros" : null)
                .inOut("dY", rows, cols, beforeActivation(activation), c.draw().normal(rows * cols))
                .gap(gap)
                .output("dB", 1, cols, biases(activation))
                .call((ops, a) -> ops.activateGrad(a.get("y"), a.get("dY"), activation, a.get("dB")));
    }

    /** Without an activation y is not looked at, and may be dY. */
    private static OpCase sumsOfItself() {
        OpCase.Builder c = OpCase.of("activateGrad", "identity, 70 × 9, y is dY");
        return c.inOut(
                        "dY",
                        70,
                        9,
                        beforeActivation(Activation.IDENTITY),
                        c.draw().normal(70 * 9))
                .output("dB", 1, 9, biases(Activation.IDENTITY))
                .call((ops, a) -> ops.activateGrad(a.get("dY"), a.get("dY"), Activation.IDENTITY, a.get("dB")));
    }

    private static OpCase finish(OpCase.Builder c, Activation activation, boolean withDX, int gap) {
        return finish(c, activation, true, withDX, gap);
    }

    private static OpCase finish(OpCase.Builder c, Activation activation, boolean withDB, boolean withDX, int gap) {
        int rows = c.argument("x").rows();
        int in = c.argument("x").cols();
        int out = c.argument("weight").rows();
        c.zerosMeant(activation == Activation.RELU ? "RELU gives zeros" : null);
        c.inOut("dY", rows, out, beforeActivation(activation), c.draw().normal(rows * out))
                .gap(gap)
                .output("dW", out, in, product("rows", activation, DenseGradCases::weightTerms));
        if (withDB) {
            c.output("dB", 1, out, biases(activation));
        }
        if (withDX) {
            c.output("dX", rows, in, product("units", activation, DenseGradCases::inputTerms))
                    .gap(gap, 1);
        }
        return call(c, activation);
    }

    private static OpCase call(OpCase.Builder c, Activation activation) {
        return c.call((ops, a) -> ops.denseGrad(
                a.get("x"),
                a.get("weight"),
                a.get("y"),
                a.get("dY"),
                activation,
                a.get("dW"),
                a.optional("dB"),
                a.optional("dX")));
    }

    private static double[] outputs(Activation activation, Draw draw, int count) {
        return Arrays.stream(draw.normal(count))
                .map(x -> switch (activation) {
                    case IDENTITY -> x;
                    case RELU -> Math.max(x, 0);
                    case LEAKY_RELU -> x > 0 ? x : Activation.LEAK * x;
                    case ELU -> x > 0 ? x : Math.expm1(2 * x);
                    case TANH -> Math.tanh(2 * x);
                    case SIGMOID -> 1 / (1 + Math.exp(-3 * x));
                    case SOFTPLUS -> Math.log1p(Math.exp(3 * x));
                })
                .toArray();
    }

    private static Grid.Element gradientBound(Activation activation, Values v, double u) {
        return (i, o) -> switch (activation) {
            case IDENTITY, RELU -> 0;
            // 1 − y² cancels where tanh saturates
            case TANH -> 8 * u * Math.abs(v.in("dY", i, o));
            default -> 8 * u * Math.abs(v.out("dY", i, o));
        };
    }

    private static Bound beforeActivation(Activation activation) {
        return Bound.within(
                "dY ⊙ activation′(y): 8u of it, 8u |dY| for tanh, selections exact",
                (v, u) -> gradientBound(activation, v, u));
    }

    /** Σ |a b| over the terms of a product. */
    private static double absoluteSum(int count, IntToDoubleFunction a, IntToDoubleFunction b) {
        double s = 0;
        for (int i = 0; i < count; i++) {
            s += Math.abs(a.applyAsDouble(i) * b.applyAsDouble(i));
        }
        return s;
    }

    /** The bound of a product with dY, from the sums of its absolute terms with any dY. */
    private static Bound product(
            String over, Activation activation, BiFunction<Values, Grid.Element, Grid.Element> terms) {
        return Bound.within("16u S over the " + over + ", and what dY is off by", (v, u) -> {
                    Grid.Element s = terms.apply(v, v.out("dY")::at);
                    Grid.Element off = terms.apply(v, gradientBound(activation, v, u));
                    return (i, j) -> Tolerances.product(s.at(i, j), u) + off.at(i, j);
                })
                .ofProduct(v -> terms.apply(v, v.out("dY")::at));
    }

    private static Grid.Element weightTerms(Values v, Grid.Element dY) {
        Grid x = v.in("x");
        return (o, k) -> absoluteSum(x.rows(), i -> dY.at(i, o), i -> x.at(i, k));
    }

    private static Grid.Element inputTerms(Values v, Grid.Element dY) {
        Grid weight = v.in("weight");
        return (i, k) -> absoluteSum(weight.rows(), o -> dY.at(i, o), o -> weight.at(o, k));
    }

    private static Bound biases(Activation activation) {
        return Bound.within("2⌈log₂ R⌉ u S over the rows, and what dY is off by", (v, u) -> {
            Grid dY = v.out("dY");
            Grid.Element off = gradientBound(activation, v, u);
            return (zero, o) -> Tolerances.sum(0, dY.rows(), absoluteSum(dY.rows(), i -> dY.at(i, o), i -> 1), u)
                    + absoluteSum(dY.rows(), i -> off.at(i, o), i -> 1);
        });
    }

    private static OpCase integers() {
        Bound exact = Bound.exact("every partial sum is a whole number below 2^24");
        OpCase.Builder c = OpCase.of("denseGrad", "129 × 33 → 65, small integers");
        Draw draw = c.draw();
        c.input("x", 129, 33, draw.signedIntegers(129 * 33, 8))
                .input("weight", 65, 33, draw.signedIntegers(65 * 33, 8))
                .normals("y", 129, 65)
                .inOut("dY", 129, 65, exact, draw.signedIntegers(129 * 65, 8))
                .output("dW", 65, 33, exact)
                .output("dB", 1, 65, exact)
                .output("dX", 129, 33, exact);
        return call(c, Activation.IDENTITY);
    }

    /** One NaN in y reaches its row of dX, its unit's row of dW and dB, and nothing else. */
    private static OpCase nan() {
        OpCase.Builder c = OpCase.of("denseGrad", "7 × 5 → 9, relu, one NaN");
        double[] y = c.draw().normal(7 * 9, 0.5, 1);
        Arrays.setAll(y, i -> Math.max(y[i], 0));
        y[3 * 9 + 4] = Double.NaN;
        c.normals("x", 7, 5).normals("weight", 9, 5).input("y", 7, 9, y);
        return finish(c, Activation.RELU, true, 0);
    }
}
