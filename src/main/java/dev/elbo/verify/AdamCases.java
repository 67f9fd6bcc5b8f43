package dev.elbo.verify;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Clock;
import dev.elbo.backend.Ops;
import dev.elbo.backend.Schedule;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The cases of {@code adam}. */
final class AdamCases {
    private static final double LEARNING_RATE = 1e-3;

    private AdamCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        for (int n : new int[] {1, 3, 31, 32, 33, 127, 128, 129, 1025, 5003, 200_003}) {
            cases.add(step(n, 1 + n, AdamSettings.DEFAULT));
        }
        cases.add(step(33, 1, AdamSettings.DEFAULT));
        cases.add(step(33, 100_000, AdamSettings.DEFAULT));
        cases.add(step(33, 7, new AdamSettings(0.5, 0.9, 1e-4)));
        cases.add(step(33, 7, new AdamSettings(0, 0.99, 1e-8)));
        cases.add(nan());
        cases.add(thousandSteps());
        return cases;
    }

    /** The absolute terms of the first moment after one step. */
    private static double momentTerms(Values v, int i, AdamSettings settings) {
        double beta1 = settings.beta1();
        return beta1 * Math.abs(v.in("m", 0, i)) + (1 - beta1) * Math.abs(v.in("gradient", 0, i));
    }

    private static Bound m(AdamSettings settings) {
        return Bound.within("3u (β₁ |m| + (1 − β₁) |g|)", (v, u) -> (zero, i) -> 3 * u * momentTerms(v, i, settings));
    }

    private static final Bound V = Bound.within("4u of it", (v, u) -> (zero, i) -> 4 * u * v.out("v", 0, i));

    private static Bound parameters(AdamSettings settings) {
        return Bound.within("2u |p|, and 12u of the step's absolute terms", (v, u) -> {
            double stepSize = v.in("schedule", CaseNoise.SLOT, Schedule.STEP_SIZE);
            double scale = v.in("schedule", CaseNoise.SLOT, Schedule.SECOND_MOMENT_SCALE);
            return (zero, i) -> {
                double terms = momentTerms(v, i, settings);
                double root = Math.sqrt(v.out("v", 0, i)) * scale + settings.epsilon();
                return 2 * u * Math.abs(v.in("parameters", 0, i)) + 12 * u * stepSize * terms / root;
            };
        });
    }

    private static OpCase step(int n, long t, AdamSettings settings) {
        OpCase.Builder c = OpCase.of("adam", n + " parameters, step " + t + ", " + settings);
        Draw draw = c.draw();
        double[] second = draw.normal(n, 0, 0.1);
        Arrays.setAll(second, i -> (float) (second[i] * second[i]));
        double[] parameters = draw.normal(n, 0, 0.05);
        double[] gradient = draw.normal(n, 0, 0.1);
        boolean first = t == 1;
        double[] m = first ? new double[n] : draw.normal(n, 0, 0.05);
        return finish(c, t, settings, parameters, gradient, m, first ? new double[n] : second);
    }

    private static OpCase finish(
            OpCase.Builder c,
            long t,
            AdamSettings settings,
            double[] parameters,
            double[] gradient,
            double[] m,
            double[] v) {
        int n = parameters.length;
        String zeros = t == 1 ? "moments start at zero" : null;
        c.input("gradient", 1, n, gradient);
        MetricsCases.schedule(c, settings.scheduleRow(t, LEARNING_RATE, 1));
        CaseNoise.clock(c);
        return c.inOut("parameters", 1, n, parameters(settings), parameters)
                .inOut("m", 1, n, m(settings), m)
                .zerosMeant(zeros)
                .inOut("v", 1, n, V, v)
                .zerosMeant(zeros)
                .call((ops, a) -> step(ops, a, a.get("gradient"), settings));
    }

    private static void step(Ops ops, Arguments a, Tensor gradient, AdamSettings settings) {
        ops.adam(a.get("parameters"), gradient, a.get("m"), a.get("v"), a.schedule(), settings);
    }

    private static OpCase nan() {
        OpCase.Builder c = OpCase.of("adam", "one NaN among the gradients");
        double[] gradient = c.draw().normal(33);
        gradient[31] = Double.NaN;
        double[] v = c.draw().uniform(33, 0.1, 1);
        double[] parameters = c.draw().normal(33);
        return finish(c, 5, AdamSettings.DEFAULT, parameters, gradient, c.draw().normal(33), v);
    }

    /** Runs the whole recursion, schedule and clock included, on gradients that do not depend on it. */
    private static OpCase thousandSteps() {
        int n = 37;
        int steps = 1000;
        AdamSettings settings = AdamSettings.DEFAULT;
        Bound close = absolute("a thousand steps of 2u |p| and 12u lr", 2e-5);
        // β₂ rounded to float32 beside an exact 1 − β₂ would put v off by 3.4e-6
        Bound moments = absolute("a random walk of √1000 roundings", 2e-6);
        OpCase.Builder c = OpCase.of("adam", "1000 steps on fixed gradients");
        c.normals("gradients", steps, n, 0.1, 1);
        c.input("schedule", steps, Schedule.COLUMNS, schedule(settings, steps, LEARNING_RATE));
        c.inOut("clock", ElementType.INT32, 1, Clock.SIZE, Bound.exact("whole numbers"), 1, 0, 0, 0);
        c.inOut("parameters", 1, n, close, c.draw().normal(n));
        c.inOut("m", 1, n, moments, new double[n]).zerosMeant("moments start at zero");
        c.inOut("v", 1, n, moments, new double[n]).zerosMeant("moments start at zero");
        return c.call((ops, a) -> {
            for (int t = 0; t < steps; t++) {
                step(ops, a, a.get("gradients").rows(t, 1), settings);
                ops.advance(a.clock(), 1, 0, 1, 0);
            }
        });
    }

    /** The schedule's rows of the first steps, one after the other. */
    static double[] schedule(AdamSettings settings, int steps, double learningRate) {
        return IntStream.rangeClosed(1, steps)
                .mapToObj(t -> settings.scheduleRow(t, learningRate, 1))
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    /** Returns an absolute bound for float32, scaled with the unit roundoff. */
    private static Bound absolute(String reason, double float32) {
        return Bound.within(float32 + " absolute for float32: " + reason, (v, u) -> (zero, i) -> float32 * u * 0x1p24);
    }
}
