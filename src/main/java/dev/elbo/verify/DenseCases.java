package dev.elbo.verify;

import dev.elbo.model.Activation;
import dev.elbo.verify.Argument.Place;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The cases of {@code dense} and {@code activate}. */
final class DenseCases {
    /** R × in → out: 1, a warp and a block with their neighbours, primes, and sums as long as an image. */
    private static final int[][] SHAPES = {
        {1, 1, 1},
        {2, 3, 1},
        {3, 2, 5},
        {1, 784, 10},
        {31, 33, 32},
        {32, 32, 32},
        {33, 31, 127},
        {128, 17, 129},
        {127, 128, 3},
        {129, 784, 64},
        {5, 8192, 13},
        {64, 64, 1},
        {259, 67, 523}
    };

    private enum Operands {
        RANDOM("random signs"),
        SAME_SIGN("one sign"),
        INTEGERS("small integers");

        private final String label;

        Operands(String label) {
            this.label = label;
        }

        OpCase.Builder declare(OpCase.Builder c, String name, int rows, int cols, double deviation) {
            return switch (this) {
                case RANDOM -> c.normals(name, rows, cols, 0, deviation);
                case SAME_SIGN -> c.uniforms(name, rows, cols, deviation / 16, deviation);
                case INTEGERS -> c.input(name, rows, cols, c.draw().signedIntegers(rows * cols, 8));
            };
        }
    }

    private DenseCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        for (int[] s : SHAPES) {
            cases.add(dense(s[0], s[1], s[2], Activation.IDENTITY, Operands.RANDOM, 0));
        }
        for (Activation activation : Activation.values()) {
            cases.add(dense(33, 29, 31, activation, Operands.RANDOM, 0));
            cases.add(dense(7, 129, 10, activation, Operands.RANDOM, 3));
        }
        thin(
                cases,
                (rows, in, out, activation, gap) -> dense(rows, in, out, activation, Operands.RANDOM, gap),
                Activation.values(),
                new int[] {1, 33, 100, 31, 32},
                66,
                33);
        cases.add(dense(65, 64, 37, Activation.IDENTITY, Operands.INTEGERS, 0));
        cases.add(dense(129, 64, 9, Activation.IDENTITY, Operands.SAME_SIGN, 0));
        for (Activation activation : Activation.values()) {
            cases.add(dense(9, 66, 42, activation, Operands.RANDOM, Place.WHOLE_QUADS));
        }
        cases.add(dense(4, 784, 17, Activation.IDENTITY, Operands.SAME_SIGN, 0));
        cases.add(dense(3, 8192, 5, Activation.IDENTITY, Operands.SAME_SIGN, 0));
        cases.add(dense(33, 784, 17, Activation.IDENTITY, Operands.INTEGERS, 0));
        cases.add(dense(128, 128, 64, Activation.IDENTITY, Operands.INTEGERS, 0));
        cases.add(special("NaN and infinities", Activation.IDENTITY, Double.POSITIVE_INFINITY));
        cases.add(special("NaN through RELU", Activation.RELU, 1));

        for (Activation activation : Activation.values()) {
            cases.add(withoutBias(33, 20, 31, activation, 0));
            cases.add(withoutBias(7, 129, 10, activation, 3));
        }
        cases.add(withoutBias(129, 64, 524, Activation.IDENTITY, Place.WHOLE_QUADS));

        for (Activation activation : Activation.values()) {
            cases.add(activate(activation, 33, 31, 0));
            cases.add(activate(activation, 1, 1, 0));
            cases.add(activate(activation, 5, 129, 2));
            cases.add(activate(activation, 5, 130, Place.WHOLE_QUADS));
            cases.add(activate(activation, 131, 1021, 0));
            cases.add(activateSpecial(activation));
        }
        return cases;
    }

    /** A case of a layer of random values, R × in → out. */
    interface Layer {
        OpCase of(int rows, int in, int out, Activation activation, int gap);
    }

    /**
     * Adds cases around the sizes at which a backend may treat few inputs differently: a quad, whole and odd, and up to
     * 64.
     *
     * @param outputs of layers up to 65 inputs
     * @param rows of the layers of 38 and 63 inputs
     * @param out outputs of these layers
     */
    static void thin(List<OpCase> cases, Layer layer, Activation[] activations, int[] outputs, int rows, int out) {
        for (int in : new int[] {1, 3, 20, 64, 65}) {
            for (int few : new int[] {1, 7, 33, 129}) {
                int i = cases.size();
                Activation activation = activations[i % activations.length];
                cases.add(layer.of(few, in, outputs[i % outputs.length], activation, i % 3));
            }
        }
        // more than half of the most inputs, the last of them in a quad that is not full
        for (int in : new int[] {38, 63}) {
            for (int gap : new int[] {0, 2, Place.WHOLE_QUADS}) {
                cases.add(layer.of(rows, in, out, activations[cases.size() % activations.length], gap));
            }
        }
    }

    private static OpCase dense(int rows, int in, int out, Activation activation, Operands operands, int gap) {
        String label = rows + " × " + in + " → " + out + ", " + activation + ", " + operands.label + Place.label(gap);
        OpCase.Builder c = operands(label, rows, in, out, operands, gap);
        operands.declare(c, "bias", 1, out, 1).shift(gap);
        return call(c.output("y", rows, out, bound(activation, operands, in)).gap(gap, 1), activation);
    }

    private static OpCase withoutBias(int rows, int in, int out, Activation activation, int gap) {
        String label = rows + " × " + in + " → " + out + ", " + activation + ", no bias" + Place.label(gap);
        OpCase.Builder c = operands(label, rows, in, out, Operands.RANDOM, gap);
        return call(
                c.output("y", rows, out, bound(activation, Operands.RANDOM, in)).gap(gap, 1), activation);
    }

    private static OpCase.Builder operands(String label, int rows, int in, int out, Operands operands, int gap) {
        OpCase.Builder c = OpCase.of("dense", label);
        operands.declare(c, "x", rows, in, 1).gap(gap);
        return operands.declare(c, "weight", out, in, 1 / Math.sqrt(in)).shift(gap);
    }

    private static OpCase call(OpCase.Builder c, Activation activation) {
        return c.call((ops, a) -> ops.dense(a.get("x"), a.get("weight"), a.optional("bias"), activation, a.get("y")));
    }

    private static Bound bound(Activation activation, Operands operands, int in) {
        if (operands == Operands.INTEGERS) {
            return Bound.exact("every partial sum is a whole number below 2^24");
        }
        String reason = operands == Operands.SAME_SIGN
                ? "2u √K S: errors of one sign add up like a random walk"
                : "16u S, S = Σ |x w| + |bias|, and no activation is steeper than 1";
        return Bound.within(reason, (v, u) -> (i, o) -> {
                    double s = absoluteTerms(v, i, o);
                    double sum = operands == Operands.SAME_SIGN ? 2 * Math.sqrt(in) * u * s : Tolerances.product(s, u);
                    return sum + Tolerances.activation(activation, v.out("y", i, o), u);
                })
                .ofProduct(v -> (i, o) -> absoluteTerms(v, i, o));
    }

    private static double absoluteTerms(Values v, int row, int unit) {
        Grid x = v.in("x");
        Grid weight = v.in("weight");
        Grid bias = v.optional("bias");
        double s = bias == null ? 0 : Math.abs(bias.at(0, unit));
        for (int k = 0; k < x.cols(); k++) {
            s += Math.abs(x.at(row, k) * weight.at(unit, k));
        }
        return s;
    }

    private static OpCase special(String label, Activation activation, double large) {
        OpCase.Builder c = OpCase.of("dense", label);
        c.normals("x", 9, 33)
                .set(Double.NaN, 33 + 4)
                .set(large, 3 * 33 + 32)
                .set(-large, 5 * 33)
                .normals("weight", 31, 33)
                .normals("bias", 1, 31)
                .output("y", 9, 31, bound(Activation.IDENTITY, Operands.RANDOM, 33));
        return call(c, activation);
    }

    private static OpCase activate(Activation activation, int rows, int cols, int gap) {
        OpCase.Builder c = OpCase.of("activate", activation + ", " + rows + " × " + cols + Place.label(gap));
        return activate(c.normals("x", rows, cols, 0, 3).gap(gap), activation, gap);
    }

    private static OpCase activate(OpCase.Builder c, Activation activation, int gap) {
        Bound bound = Bound.within(
                "8u of the value; selections exact",
                (v, u) -> (i, j) -> Tolerances.activation(activation, v.out("y", i, j), u));
        return c.output("y", c.argument("x").rows(), c.argument("x").cols(), bound)
                .gap(gap, 3)
                .call((ops, a) -> ops.activate(a.get("x"), activation, a.get("y")));
    }

    /** Both sides of zero down to the smallest normals, both ends of saturation, NaN and infinities. */
    private static OpCase activateSpecial(Activation activation) {
        OpCase.Builder c = OpCase.of("activate", activation + ", tiny, saturated, NaN and infinite");
        double[] positive = {
            0, 0x1p-126, 1e-30, 1e-8, 1e-4, 0.01, 0.3, 0.5, 0.625, 1, 2, 5, 9, 10, 15, 17, 20, 50, 80, 88, 90, 100,
            1000, 1e30
        };
        double[] negative = Arrays.stream(positive).map(x -> -x).toArray();
        double[] special = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        double[] x = Gradients.concat(positive, negative, special);
        return activate(c.input("x", 1, x.length, x), activation, 0);
    }
}
