package dev.elbo.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The cases of {@code importanceWeights}. */
final class WeightCases {
    private WeightCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        for (int batch : new int[] {1, 2, 33, 129}) {
            for (int samples : new int[] {1, 2, 3, 5, 64}) {
                cases.add(weights(batch, samples, 90, 3, 5, true, true));
            }
        }
        cases.add(weights(1, 5000, 90, 3, 5, true, true));
        cases.add(weights(7, 5, 990, 2, 10, true, true));
        cases.add(weights(7, 8, 1000, 60, 10, true, true));
        cases.add(weights(31, 5, 1, 0.01, 0.01, true, true));
        cases.add(weights(31, 5, 90, 3, 5, false, true));
        cases.add(weights(31, 5, 90, 3, 5, true, false));
        cases.add(weights(31, 5, 90, 3, 5, false, false));
        cases.add(notFinite());
        return cases;
    }

    private static double logWeight(Values v, int r) {
        return -v.in("reconstruction", r, 0) - v.in("sampledKl", r, 0);
    }

    /** The largest bound of an example's finite log weights, and the largest log weight. */
    private static double[] deltaAndMax(Values v, int b, int batch, double u) {
        double delta = 0;
        double max = Double.NEGATIVE_INFINITY;
        for (int r = b; r < v.in("reconstruction").rows(); r += batch) {
            double logW = logWeight(v, r);
            delta = Double.isInfinite(logW) ? delta : Math.max(delta, u * Math.abs(logW));
            max = Math.max(max, logW);
        }
        return new double[] {delta, max};
    }

    private static final Bound LOG_WEIGHTS =
            Bound.within("one rounding", (v, u) -> (r, zero) -> u * Math.abs(logWeight(v, r)));

    private static Bound weights(int batch, int samples) {
        return samples == 1
                ? Bound.exact("one sample has all the weight")
                : Bound.within("w (2δ + u |log w − max| + (8 + 2 log₂ K) u), underflow exempt", (v, u) -> {
                            double[][] deltaAndMax = IntStream.range(0, batch)
                                    .mapToObj(b -> deltaAndMax(v, b, batch, u))
                                    .toArray(double[][]::new);
                            return (r, zero) -> {
                                double[] own = deltaAndMax[r % batch];
                                double w = v.out("weights", r, 0);
                                double distance = w == 0 ? 0 : u * Math.abs(logWeight(v, r) - own[1]);
                                return w * (2 * own[0] + distance + roundings(8, samples, u));
                            };
                        })
                        .andNonNegative();
    }

    private static double roundings(int c, int samples, double u) {
        return (c + 2 * Math.log(samples) / Math.log(2)) * u;
    }

    private static Bound bound(int batch, int samples) {
        return Bound.within("max δ + u |L| + (6 + 2 log₂ K) u", (v, u) -> (b, zero) -> {
            double delta = deltaAndMax(v, b, batch, u)[0];
            return delta + u * Math.abs(v.out("bound", b, 0)) + roundings(6, samples, u);
        });
    }

    private static OpCase weights(
            int batch, int samples, double mean, double spread, double kl, boolean logWeights, boolean weights) {
        OpCase.Builder c = OpCase.of(
                "importanceWeights",
                batch + " × " + samples + " samples, log w near " + (-mean - kl) + " ± " + spread
                        + (logWeights ? "" : ", no log weights")
                        + (weights ? "" : ", no weights"));
        c.column("reconstruction", batch * samples, mean, spread).column("sampledKl", batch * samples, kl, spread / 3);
        return finish(c, batch, samples, logWeights, weights);
    }

    private static OpCase finish(OpCase.Builder c, int batch, int samples, boolean logWeights, boolean weights) {
        int rows = batch * samples;
        if (logWeights) {
            c.output("logWeights", rows, 1, LOG_WEIGHTS);
        }
        if (weights) {
            c.output("weights", rows, 1, weights(batch, samples));
        }
        return c.output("bound", batch, 1, bound(batch, samples))
                .call((ops, a) -> ops.importanceWeights(
                        a.get("reconstruction"),
                        a.get("sampledKl"),
                        a.optional("logWeights"),
                        a.optional("weights"),
                        a.get("bound")));
    }

    /** Example 1 has one NaN, example 2 one sample that weighs nothing; the others have neither. */
    private static OpCase notFinite() {
        OpCase.Builder c = OpCase.of("importanceWeights", "NaN, and a weight of zero");
        c.column("reconstruction", 4 * 3, 50, 2).set(Double.NaN, 4 + 1);
        c.column("sampledKl", 4 * 3, 5, 1).set(Double.POSITIVE_INFINITY, 8 + 2);
        return finish(c, 4, 3, true, true);
    }
}
