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
        for (int rows : new int[] {1, 31, 128, 1000}) {
            cases.add(weight(KlWeighting.MULTIPLIER, rows, 3, 2e-3, 0.4, rows % 2 == 0));
            cases.add(weight(KlWeighting.CAPACITY, rows, 3, 40, 0, false));
            cases.add(weight(KlWeighting.CAPACITY, rows, 30, 40, 0, false));
        }
        cases.add(weight(KlWeighting.MULTIPLIER, 33, 300, -1e-2, -2, true));
        cases.add(weight(KlWeighting.MULTIPLIER, 33, 3, 10, 13.9, false));
        cases.add(weight(KlWeighting.MULTIPLIER, 33, 300, 10, -13.9, true));
        int[][] shapes = {{1, 1}, {3, 2}, {128, 20}, {31, 33}, {300, 129}, {2, 1021}};
        for (int[] shape : shapes) {
            cases.add(freeBits(shape[0], shape[1], 0.5, 0));
            cases.add(freeBits(shape[0], shape[1], 0.5, 3));
        }
        cases.add(freeBits(33, 10, 0, 0));
        cases.add(freeBits(33, 10, 1e6, 0));
        return cases;
    }

    private static OpCase weight(
            KlWeighting weighting, int rows, double target, double rate, double logBeta, boolean started) {
        OpCase.Builder c = OpCase.of(
                "klWeight",
                weighting + ", " + rows + " rows, target " + target + ", rate " + rate + ", log beta " + logBeta
                        + (started ? ", under way" : ""));
        c.column("value", rows, 5, 1)
                .uniforms("targets", MetricsCases.STEPS, 1, 50, 90)
                .set(target, CaseNoise.SLOT);
        Bound state = weighting == KlWeighting.CAPACITY
                ? Bound.exact("untouched")
                : Bound.within("4u of the change and of the violation: the rate is a float", (v, u) -> {
                    double violation = 4 * u * (Math.abs(v.out("state", 0, 1)) + Math.abs(target) + 10);
                    return (zero, i) -> i == 0 ? Math.abs(rate) * violation + 4 * u * Math.abs(10 * rate) : violation;
                });
        c.inOut("state", ElementType.FLOAT64, 1, KlWeighting.STATE, state, logBeta, 1.5, started ? 1 : 0)
                .zerosMeant("a multiplier starts at 0, and a capacity leaves the state alone");
        double[] table = c.draw().uniform(MetricsCases.STEPS * Schedule.COLUMNS, 5, 9);
        Bound beta = Bound.within("8u (1 + |log β|) of β, and what log β is off by; else untouched", (v, u) -> {
            double off = weighting == KlWeighting.CAPACITY ? u : 8 * u * (16 + 20 * Math.abs(rate) * (10 + target));
            return (row, column) -> row == CaseNoise.SLOT && column == Schedule.BETA
                    ? off * Math.abs(v.out("schedule", row, column))
                    : 0;
        });
        c.inOut("schedule", MetricsCases.STEPS, Schedule.COLUMNS, beta, table);
        CaseNoise.clock(c);
        return c.call((ops, a) ->
                ops.klWeight(a.get("value"), weighting, a.get("targets"), rate, a.get("state"), a.schedule()));
    }

    /** Units well above and well below the floor, none near it, so that rounding cannot move one across. */
    private static OpCase freeBits(int rows, int cols, double floor, int gap) {
        OpCase.Builder c = OpCase.of("freeBits", rows + " × " + cols + ", floor " + floor + Place.label(gap));
        double[] mu = c.draw().normal(rows * cols);
        double[] logVar = c.draw().normal(rows * cols, -0.5, 0.5);
        Arrays.setAll(mu, i -> i % cols % 2 == 0 ? 0.05 * mu[i] : 1.5 + 0.5 * mu[i]);
        Arrays.setAll(logVar, i -> i % cols % 2 == 0 ? 0.05 * logVar[i] : logVar[i]);
        logVar[0] = rows < 100 ? 0.01 : 25;
        double scale = 1.0 / rows;
        c.input("mu", rows, cols, mu).gap(gap);
        c.input("logVar", rows, cols, logVar).gap(gap);
        MetricsCases.schedule(c, 0.75);
        CaseNoise.clock(c);
        for (String name : List.of("dMu", "dLogVar")) {
            c.inOut(name, rows, cols, gradient(name, scale), c.draw().normal(rows * cols))
                    .gap(gap);
        }
        Bound term = Bound.within(
                "(10 + 2⌈log₂ B⌉) u of it", (v, u) -> (i, j) -> Tolerances.sum(10, rows, v.out("klTerm", 0, 0), u));
        c.output("klTerm", 1, 1, term);
        return c.call((ops, a) -> ops.freeBits(
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
