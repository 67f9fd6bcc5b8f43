package dev.elbo.verify;

import dev.elbo.reference.ReferenceVariant.Fault;
import dev.elbo.tensor.Tensor;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Faults in the columns of tables that the harness must catch. */
class ColumnFaultsTest {
    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of("loss 0.0001 % too large", "columnLoss", Failure.BOUND, map(7, loss -> 1.000001 * loss)),
                Arguments.of("gradients 0.0001 % too large", "columnLoss", Failure.BOUND, map(8, d -> 1.000001 * d)),
                Arguments.of("d log σ² 0.001 % too large", "columnLoss", Failure.BOUND, map(9, d -> 1.00001 * d)),
                Arguments.of("d log θ 0.001 % too large", "columnLoss", Failure.BOUND, map(10, d -> 1.00001 * d)),
                Arguments.of("a gradient where it is 0", "columnLoss", Failure.BOUND, map(8, d -> d == 0 ? 1e-30 : d)),
                Arguments.of("row weights ignored", "columnLoss", Failure.BOUND, (Fault)
                        (healthy, a, ops) -> ops.columns()
                                .columnLoss(
                                        t(a, 0),
                                        t(a, 1),
                                        t(a, 2),
                                        t(a, 3),
                                        t(a, 4),
                                        null,
                                        (double) a[6],
                                        t(a, 7),
                                        t(a, 8),
                                        t(a, 9),
                                        t(a, 10))),
                Arguments.of(
                        "NaN of what is missing",
                        "columnLoss",
                        Failure.NAN_POSITION,
                        map(8, d -> d == 0 ? Double.NaN : d)),
                Arguments.of("NaN hidden", "columnLoss", Failure.NAN_POSITION, map(7, d -> Double.isNaN(d) ? 0 : d)),
                Arguments.of(
                        "missing values as they are",
                        "columnInputs",
                        Failure.NAN_POSITION,
                        map(2, d -> d == 0 ? Double.NaN : d)),
                Arguments.of("log of counts rounded", "columnInputs", Failure.BOUND, map(2, d -> (1 + 1e-6) * d)),
                Arguments.of("means rounded", "columnMean", Failure.BOUND, map(2, d -> (1 + 1e-5) * d)));
    }

    @ParameterizedTest(name = "{0} in {1}")
    @MethodSource("faults")
    void isCaught(String name, String op, Failure expected, Fault fault) {
        new SeededFaultsTest().isCaught(name, op, expected, fault);
    }

    private static Tensor t(Object[] args, int index) {
        return (Tensor) args[index];
    }

    /** Changes every element of an argument after the run, where there is one. */
    private static Fault map(int index, DoubleUnaryOperator change) {
        return (healthy, args, ops) -> () -> {
            healthy.run();
            Tensor tensor = t(args, index);
            if (tensor != null) {
                double[] values = tensor.toDoubles();
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) change.applyAsDouble(values[i]);
                }
                tensor.write(values);
            }
        };
    }
}
