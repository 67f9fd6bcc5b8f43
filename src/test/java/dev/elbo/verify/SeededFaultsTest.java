package dev.elbo.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.LogVariance;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Schedule;
import dev.elbo.model.Activation;
import dev.elbo.model.Patches;
import dev.elbo.reference.ReferenceBackend;
import dev.elbo.reference.ReferenceVariant;
import dev.elbo.reference.ReferenceVariant.Fault;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Faults that the harness must catch, each as what it is; if one passes, the net has a hole. */
class SeededFaultsTest {
    private static final List<OpCase> CASES = OpCases.all();

    static Stream<Arguments> faults() {
        return Stream.of(
                fault("half the gradient of the KL divergence", "reparameterizeGrad", Failure.BOUND, halfKlGradient()),
                fault("gradient where log σ² is clamped", "reparameterizeGrad", Failure.BOUND, gradientWhereClamped()),
                fault("loss 0.1 % too large", "gaussianLoss", Failure.BOUND, scaled(5, 1.001)),
                fault("loss 0.001 % too large", "bernoulliLoss", Failure.BOUND, scaled(4, 1.00001)),
                fault(
                        "row weights ignored",
                        "bernoulliLoss",
                        Failure.BOUND,
                        (healthy, args, ops) -> ops.loss()
                                .bernoulliLoss(t(args, 0), t(args, 1), null, (double) args[3], t(args, 4), t(args, 5))),
                fault("σ² in place of σ", "reparameterize", Failure.BOUND, varianceForDeviation()),
                fault(
                        "KL below zero by one rounding",
                        "gaussianKl",
                        Failure.BOUND,
                        map(2, kl -> kl < 1e-12 ? -1e-17 : kl)),
                fault(
                        "log of the variance without its floor",
                        "optimalLogVar",
                        Failure.BOUND,
                        map(2, lv -> lv < -13 ? -16 : lv)),
                fault("weights that do not sum to 1", "importanceWeights", Failure.BOUND, scaled(3, 1 + 1e-4)),
                fault("float32 sums of metrics", "stepMetrics", Failure.BOUND, map(6, value -> (float) value)),
                fault("β₂ rounded to float32", "adam", Failure.BOUND, roundedBeta2()),
                fault("cosine twice", "normal", Failure.BOUND, cosineTwice()),
                fault("rows of the batch for rows of the data", "normal", Failure.BOUND, noiseOfTheBatch()),
                fault("a signed byte", "gather", Failure.BOUND, signedBytes()),
                fault(
                        "a wrapped counter",
                        "advance",
                        Failure.BOUND,
                        (healthy, args, ops) -> ops.step()
                                .advance((Clock) args[0], (int) args[1] & 1, (int) args[2], (int) args[3], (int)
                                        args[4])),
                fault("operands rounded to TF32", "dense", Failure.BOUND, tf32()),
                fault(
                        "no bias",
                        "fold",
                        Failure.BOUND,
                        (healthy, args, ops) -> ops.convolution()
                                .fold(t(args, 0), (Patches) args[1], null, (Activation) args[3], t(args, 4))),
                fault("channels of data", "unfold", Failure.BOUND, channelsOfData()),
                fault("sums 0.1 % too large", "activateGrad", Failure.BOUND, scaled(3, 1.001)),
                fault("one past the end", "activate", Failure.GUARD, onePastTheEnd()),
                fault("strides ignored", "activate", Failure.GUARD, stridesIgnored()),
                fault("last odd row dropped", "denseGrad", Failure.POISON_LEFT, lastOddRowDropped(7)),
                fault("last odd row dropped", "gather", Failure.POISON_LEFT, lastOddRowDropped(5)),
                fault("nothing written", "normal", Failure.POISON_LEFT, (healthy, args, ops) -> () -> {}),
                fault("added to what was there", "denseGrad", Failure.NAN_POSITION, accumulated(5)),
                fault(
                        "NaN hidden by a maximum",
                        "activate",
                        Failure.NAN_POSITION,
                        map(2, y -> Double.isNaN(y) ? 0 : y)),
                fault("NaN of one row in the next", "reparameterize", Failure.NAN_POSITION, spreadNaN()),
                fault("NaN hidden", "classBias", Failure.NAN_POSITION, map(3, y -> Double.isNaN(y) ? 0 : y)),
                fault("two roundings", "classBiasGrad", Failure.BOUND, scaled(2, 1 + 0x1p-23)),
                fault("added to what was there", "classBiasGrad", Failure.NAN_POSITION, accumulated(2)),
                fault("input modified", "dense", Failure.INPUT_MODIFIED, inputModified()),
                fault("counted runs", "importanceWeights", Failure.RERUN, countedRuns()),
                fault("guard read", "activate", Failure.RERUN, guardRead()),
                fault("only the first run works", "activate", Failure.PROGRAM, onlyTheFirstRun()),
                fault("runs while recorded", "normal", Failure.PROGRAM, (healthy, args, ops) -> {
                    healthy.run();
                    return healthy;
                }),
                fault("an exception", "adam", Failure.EXCEPTION, (healthy, args, ops) -> () -> {
                    throw new IllegalStateException("no");
                }));
    }

    static Arguments fault(String name, String op, Failure expected, Fault fault) {
        return Arguments.of(name, op, expected, fault);
    }

    @ParameterizedTest(name = "{0} in {1}")
    @MethodSource("faults")
    void isCaught(String name, String op, Failure expected, Fault fault) {
        requireCaught(name, op, expected, fault);
    }

    static void requireCaught(String name, String op, Failure expected, Fault fault) {
        Map<Failure, String> caught = new EnumMap<>(Failure.class);
        try (Backend candidate = ReferenceVariant.rounded(op, fault);
                Backend oracle = new ReferenceBackend()) {
            // until it is caught as what it is
            for (OpCase opCase : CASES) {
                if (opCase.op().equals(op) && !caught.containsKey(expected)) {
                    Outcome outcome = new Outcome();
                    Parity.run(opCase, candidate, oracle, outcome);
                    outcome.failures().forEach(caught::putIfAbsent);
                }
            }
            assertEquals(List.of(), List.copyOf(candidate.openBuffers()));
        }
        assertTrue(caught.containsKey(expected), () -> name + " was caught as " + caught + ", not as " + expected);
    }

    static Tensor t(Object[] args, int index) {
        return (Tensor) args[index];
    }

    /** Changes every element of an argument after the run, where there is one. */
    static Fault map(int index, DoubleUnaryOperator change) {
        return (healthy, args, ops) -> () -> {
            healthy.run();
            change(t(args, index), change);
        };
    }

    private static void change(Tensor tensor, DoubleUnaryOperator change) {
        if (tensor != null) {
            double[] values = tensor.toDoubles();
            for (int i = 0; i < values.length; i++) {
                values[i] = change.applyAsDouble(values[i]);
            }
            tensor.write(values);
        }
    }

    private static Fault scaled(int index, double factor) {
        return map(index, value -> (float) (factor * value));
    }

    private static Fault halfKlGradient() {
        return (healthy, args, ops) -> () -> {
            healthy.run();
            double[] mu = t(args, 0).toDoubles();
            double[] dMu = t(args, 8).toDoubles();
            Schedule schedule = (Schedule) args[5];
            double beta = schedule.table().toDoubles()[CaseNoise.SLOT * Schedule.COLUMNS + Schedule.BETA];
            for (int i = 0; args[4] == KlMode.ANALYTIC && i < mu.length; i++) {
                dMu[i] = (float) (dMu[i] - 0.5 * beta * (double) args[7] * mu[i]);
            }
            t(args, 8).write(dMu);
        };
    }

    private static Fault gradientWhereClamped() {
        return (healthy, args, ops) -> () -> {
            healthy.run();
            double[] logVar = t(args, 1).toDoubles();
            double[] dLogVar = t(args, 9).toDoubles();
            for (int i = 0; i < logVar.length; i++) {
                dLogVar[i] += LogVariance.isInside(logVar[i]) ? 0 : 1e-6f;
            }
            t(args, 9).write(dLogVar);
        };
    }

    private static Fault varianceForDeviation() {
        return (healthy, args, ops) -> () -> {
            healthy.run();
            double[] mu = t(args, 0).toDoubles();
            double[] logVar = t(args, 1).toDoubles();
            double[] z = t(args, 3).toDoubles();
            for (int i = 0; i < z.length; i++) {
                int b = i % mu.length;
                z[i] = (float) (mu[b] + (z[i] - mu[b]) * Tolerances.sigma(logVar[b]));
            }
            t(args, 3).write(z);
        };
    }

    /** v comes out as (float) β₂ · v + (1 − β₂) g². */
    private static Fault roundedBeta2() {
        return (healthy, args, ops) -> () -> {
            double[] v = t(args, 3).toDoubles();
            healthy.run();
            double[] g = t(args, 1).toDoubles();
            double beta2 = ((AdamSettings) args[5]).beta2();
            for (int i = 0; i < v.length; i++) {
                v[i] = (float) ((float) beta2 * v[i] + (1 - beta2) * g[i] * g[i]);
            }
            t(args, 3).write(v);
        };
    }

    private static Fault cosineTwice() {
        return (healthy, args, ops) -> () -> {
            healthy.run();
            double[] out = t(args, 1).toDoubles();
            for (int i = 1; i < out.length; i += 2) {
                out[i] = out[i - 1];
            }
            t(args, 1).write(out);
        };
    }

    private static Fault noiseOfTheBatch() {
        return (healthy, args, ops) -> {
            NoiseSource noise = (NoiseSource) args[0];
            NoiseSource wrong =
                    noise.given() != null ? noise : NoiseSource.perStep(noise.seed(), noise.stream(), noise.clock());
            return ops.latent().normal(wrong, t(args, 1));
        };
    }

    private static Fault signedBytes() {
        return (healthy, args, ops) -> () -> {
            healthy.run();
            if (t(args, 0).type() == ElementType.UINT8 && args[4] == null) {
                float scale = (float) args[3];
                change(t(args, 5), x -> x > 127.5f * scale ? (float) (x - 256 * scale) : x);
            }
        };
    }

    private static Fault channelsOfData() {
        return (healthy, args, ops) -> {
            Patches p = (Patches) args[1];
            Patches other = new Patches(p.picture(), p.kernel(), p.stride(), p.padding(), !p.channelsFirst());
            return ops.convolution().unfold(t(args, 0), other, t(args, 2));
        };
    }

    private static Fault tf32() {
        return (healthy, args, ops) -> () -> {
            double[] x = t(args, 0).toDoubles();
            double[] weight = t(args, 1).toDoubles();
            DoubleUnaryOperator round = SeededFaultsTest::tf32;
            change(t(args, 0), round);
            change(t(args, 1), round);
            healthy.run();
            t(args, 0).write(x);
            t(args, 1).write(weight);
        };
    }

    /** To 10 bits behind the leading one, ties away from zero. */
    private static double tf32(double value) {
        int bits = Float.floatToRawIntBits((float) value);
        return Double.isFinite(value) ? Float.intBitsToFloat((bits + (1 << 12)) & -(1 << 13)) : value;
    }

    private static Fault onePastTheEnd() {
        return (healthy, args, ops) -> () -> {
            healthy.run();
            Tensor y = t(args, 2);
            long end = y.offset() + (y.rows() - 1) * y.stride() + y.cols();
            y.buffer().write(end, new double[] {0}, 0, 1);
        };
    }

    private static Fault stridesIgnored() {
        return (healthy, args, ops) -> {
            Tensor y = t(args, 2);
            return ops.dense()
                    .activate(t(args, 0), (Activation) args[1], Tensor.of(y.buffer(), y.offset(), y.rows(), y.cols()));
        };
    }

    private static Fault lastOddRowDropped(int index) {
        return (healthy, args, ops) -> () -> {
            Tensor output = t(args, index);
            Tensor last = output == null || output.rows() % 2 == 0 ? null : output.rows(output.rows() - 1, 1);
            double[] before = last == null ? null : last.toDoubles();
            healthy.run();
            if (last != null) {
                last.write(before);
            }
        };
    }

    private static Fault accumulated(int index) {
        return (healthy, args, ops) -> () -> {
            double[] before = t(args, index).toDoubles();
            healthy.run();
            double[] after = t(args, index).toDoubles();
            for (int i = 0; i < after.length; i++) {
                after[i] += before[i];
            }
            t(args, index).write(after);
        };
    }

    private static Fault spreadNaN() {
        return (healthy, args, ops) -> () -> {
            healthy.run();
            double[] z = t(args, 3).toDoubles();
            for (int i = z.length - 1; i > 0; i--) {
                z[i] = Double.isNaN(z[i - 1]) ? Double.NaN : z[i];
            }
            t(args, 3).write(z);
        };
    }

    private static Fault inputModified() {
        return (healthy, args, ops) -> () -> {
            healthy.run();
            change(t(args, 2), bias -> -bias);
        };
    }

    /** One rounding more or less from run to run stays within every bound. */
    private static Fault countedRuns() {
        int[] runs = {0};
        return (healthy, args, ops) -> () -> {
            healthy.run();
            boolean odd = ++runs[0] % 2 == 1;
            change(t(args, 4), bound -> odd ? bound : Math.nextUp((float) bound));
        };
    }

    /** What lies behind the last element leaks in, far below the bound. */
    private static Fault guardRead() {
        return (healthy, args, ops) -> () -> {
            healthy.run();
            Tensor x = t(args, 0);
            double[] behind = new double[1];
            x.buffer().read(x.offset() + (x.rows() - 1) * x.stride() + x.cols(), behind, 0, 1);
            change(t(args, 2), y -> Math.abs(y) > 0.5 && behind[0] > 0 ? Math.nextUp((float) y) : y);
        };
    }

    private static Fault onlyTheFirstRun() {
        return (healthy, args, ops) -> {
            boolean[] done = {false};
            return () -> {
                if (!done[0]) {
                    healthy.run();
                }
                done[0] = true;
            };
        };
    }

    @Test
    void mostlyZeroInputsAreMistrusted() {
        OpCase.Builder zeros = OpCase.of("activate", "zeros").input("x", 1, 10, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6);
        OpCase.Builder fewer = OpCase.of("activate", "fewer").input("x", 1, 10, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6);
        OpCase.Builder meant = OpCase.of("activate", "meant").input("x", 1, 10, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6);
        assertEquals(Set.of(Failure.MISTRUSTED), failures(zeros));
        assertEquals(Set.of(), failures(fewer));
        assertEquals(Set.of(), failures(meant.zerosMeant("this test")));
    }

    private static Set<Failure> failures(OpCase.Builder builder) {
        OpCase opCase = builder.output("y", 1, 10, Bound.exact("a copy"))
                .call((ops, a) -> ops.activate(a.get("x"), Activation.IDENTITY, a.get("y")));
        return failures(opCase);
    }

    private static Set<Failure> failures(OpCase opCase) {
        Outcome outcome = new Outcome();
        try (Backend candidate = ReferenceVariant.rounded();
                Backend oracle = new ReferenceBackend()) {
            Parity.run(opCase, candidate, oracle, outcome);
        }
        return outcome.failures().keySet();
    }

    /** A bound that is NaN or infinite must not let anything through. */
    @Test
    void aBoundThatIsNoNumberFails() {
        for (double allowance : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            OpCase opCase = OpCase.of("activate", "boundless")
                    .input("x", 1, 2, 1, 2)
                    .output("y", 1, 2, Bound.within("none", (v, u) -> (i, j) -> allowance))
                    .call((ops, a) -> ops.activate(a.get("x"), Activation.TANH, a.get("y")));
            assertEquals(Set.of(Failure.BOUND), failures(opCase));
        }
    }
}
