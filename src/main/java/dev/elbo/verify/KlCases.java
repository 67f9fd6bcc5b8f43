package dev.elbo.verify;

import dev.elbo.backend.KlWeighting;
import dev.elbo.backend.LogVariance;
import dev.elbo.backend.Schedule;
import dev.elbo.tensor.ElementType;
import dev.elbo.verify.Argument.Place;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The cases of {@code klWeight} and {@code freeBits}, which steer the KL divergence. */
final class KlCases {
    private KlCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        for (double mean : new double[] {0.1, 5 + 1e-9, 250}) {
            for (double target : new double[] {3, 30}) {
                cases.add(weight(KlWeighting.MULTIPLIER, mean, target, 2e-3, 0.4, mean > 5));
                cases.add(weight(KlWeighting.CAPACITY, mean, target, 40, 0, false));
            }
        }
        cases.add(weight(KlWeighting.CAPACITY, 3, 3, 40, 0, false));
        cases.add(weight(KlWeighting.MULTIPLIER, 5, 300, -1e-2, -2, true));
        cases.add(weight(KlWeighting.MULTIPLIER, 5, 3, 10, 13.9, false));
        cases.add(weight(KlWeighting.MULTIPLIER, 5, 300, 10, -13.9, true));
        for (KlWeighting weighting : KlWeighting.values()) {
            cases.add(weight(weighting, Double.NaN, 3, 2e-3, 0.4, true));
        }
        int[][] shapes = {{1, 1}, {3, 2}, {128, 20}, {31, 33}, {300, 129}, {2, 1021}};
        for (int[] shape : shapes) {
            cases.add(freeBits(shape[0], shape[1], 0.5, 0));
            cases.add(freeBits(shape[0], shape[1], 0.5, 3));
        }
        cases.add(freeBits(33, 10, 0, 0));
        cases.add(freeBits(33, 10, 1e6, 0));
        cases.add(freeBitsNan());
        return cases;
    }

    private static OpCase weight(
            KlWeighting weighting, double mean, double target, double rate, double logBeta, boolean started) {
        OpCase.Builder c = OpCase.of(
                "klWeight",
                weighting + ", mean " + mean + ", target " + target + ", rate " + rate + ", log beta " + logBeta
                        + (started ? ", under way" : ""));
        c.input("mean", ElementType.FLOAT64, 1, 1, mean)
                .uniforms("targets", MetricsCases.STEPS, 1, 50, 90)
                .set(target, CaseNoise.SLOT);
        Bound state = weighting == KlWeighting.CAPACITY
                ? Bound.exact("untouched")
                : Bound.within("float64, 4 roundings of its terms; log β: u |10 rate|, the rate is a float", (v, u) -> {
                    double violation = 0x1p-51 * (Math.abs(mean) + target + 1.5);
                    double change = Math.abs(rate) * (violation + 10 * u) + 0x1p-51 * (16 + 10 * Math.abs(rate));
                    return (zero, i) -> i == 0 ? change : i == 1 ? violation : 0;
                });
        c.inOut("state", ElementType.FLOAT64, 1, KlWeighting.STATE, state, logBeta, 1.5, started ? 1 : 0)
                .zerosMeant("a multiplier starts at 0, and a capacity leaves the state alone");
        double[] table = c.draw().uniform(MetricsCases.STEPS * Schedule.COLUMNS, 5, 9);
        Bound beta =
                Bound.within("(8 + |log β|) u of β and what log β is off by, u of ±rate; else untouched", (v, u) -> {
                    double off = weighting == KlWeighting.CAPACITY ? u : u * (8 + 14 + 10 * Math.abs(rate));
                    return (row, column) -> row == CaseNoise.SLOT && column == Schedule.BETA
                            ? off * Math.abs(v.out("schedule", row, column))
                            : 0;
                });
        c.inOut("schedule", MetricsCases.STEPS, Schedule.COLUMNS, beta, table);
        CaseNoise.clock(c);
        return c.call((ops, a) ->
                ops.klWeight(a.get("mean"), weighting, a.get("targets"), rate, a.get("state"), a.schedule()));
    }

    private static OpCase freeBits(int rows, int cols, double floor, int gap) {
        OpCase.Builder c = OpCase.of("freeBits", rows + " × " + cols + ", floor " + floor + Place.label(gap));
        double[] mean = c.draw().uniform(cols, 0.1, 0.4);
        // above the floor by the last bit, at it, and below
        Arrays.setAll(mean, j -> j % 3 == 0 ? 3 + mean[j] : j % 3 == 1 ? mean[j] : j % 2 == 0 ? 0.5 : Math.nextUp(0.5));
        return freeBits(c, rows, floor, gap, mean);
    }

    private static OpCase freeBitsNan() {
        return freeBits(OpCase.of("freeBits", "NaN in a mean"), 7, 0.5, 0, new double[] {2, Double.NaN, 0.1, 3});
    }

    private static OpCase freeBits(OpCase.Builder c, int rows, double floor, int gap, double[] mean) {
        int cols = mean.length;
        double[] logVar = c.draw().normal(rows * cols, -0.5, 0.5);
        logVar[0] = rows < 100 ? 0.01 : 25;
        double scale = 1.0 / rows;
        c.input("mean", ElementType.FLOAT64, 1, cols, mean);
        c.normals("mu", rows, cols).gap(gap);
        c.input("logVar", rows, cols, logVar).gap(gap);
        MetricsCases.schedule(c, 0.75);
        CaseNoise.clock(c);
        for (String name : List.of("dMu", "dLogVar")) {
            c.inOut(name, rows, cols, gradient(name, scale), c.draw().normal(rows * cols))
                    .gap(gap);
        }
        Bound term = Bound.within(
                "2u of it: a float64 sum, rounded", (v, u) -> (i, j) -> 2 * u * Math.abs(v.out("klTerm", 0, 0)));
        c.output("klTerm", 1, 1, term);
        return c.call((ops, a) -> ops.freeBits(
                a.get("mean"),
                a.get("mu"),
                a.get("logVar"),
                floor,
                a.schedule(),
                scale,
                a.get("dMu"),
                a.get("dLogVar"),
                a.get("klTerm")));
    }

    private static Bound gradient(String name, double scale) {
        return Bound.within("8u of both terms; units above the floor untouched", (v, u) -> {
            double weight = v.in("schedule", CaseNoise.SLOT, Schedule.BETA) * scale;
            return (b, j) -> {
                double before = v.in(name, b, j);
                if (v.out(name, b, j) == before) {
                    return 0;
                }
                double term = name.equals("dMu")
                        ? Math.abs(v.in("mu", b, j))
                        : 0.5 * Math.abs(Math.expm1(LogVariance.clamp(v.in("logVar", b, j))));
                return 8 * u * (Math.abs(before) + weight * term);
            };
        });
    }
}
