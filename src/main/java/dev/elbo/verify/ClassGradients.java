package dev.elbo.verify;

import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The checks of {@link Gradients} for the weights of classes. */
final class ClassGradients {
    private static final int BATCH = 4;
    private static final int SAMPLES = 3;
    private static final int CLASSES = 5;
    private static final int COLS = 3;

    private ClassGradients() {}

    static List<Check> all() {
        return Arrays.stream(Activation.values())
                .map(activation ->
                        new Check("classBiasGrad", "differences, " + activation, (s, o) -> check(activation, s, o)))
                .toList();
    }

    private static void check(Activation activation, Scratch s, Outcome outcome) {
        int rows = SAMPLES * BATCH;
        // classes 0 and 3 have no rows
        Tensor labels = s.real(BATCH, 1, 4, 1, 4, 2);
        Tensor table = s.zeros(CLASSES, COLS);
        Tensor y = s.zeros(rows, COLS);
        // a kink within a step of a point would spoil its difference
        double[] at;
        int seed = 61;
        do {
            at = new Draw(seed++).normal((rows + CLASSES) * COLS);
            Gradients.write(at, y, table);
            s.ops().classBias(labels, table, Activation.IDENTITY, y);
        } while (Arrays.stream(y.toDoubles()).anyMatch(a -> Math.abs(a) < 0.02));
        double[] c = new Draw(60).normal(rows * COLS);
        ToDoubleFunction<double[]> f = point -> {
            Gradients.write(point, y, table);
            s.ops().classBias(labels, table, activation, y);
            return Gradients.dot(c, y.toDoubles());
        };
        Tensor dY = s.real(rows, COLS, c);
        Tensor dB = s.zeros(1, COLS);
        Tensor dTable = s.zeros(CLASSES, COLS);
        Runnable backward = () -> {
            s.ops().activateGrad(y, dY, activation, dB);
            s.ops().classBiasGrad(labels, dY, dTable);
        };
        Gradients.compare(outcome, "dY|dTable", at, f, backward, dY, dTable);
        double[] gradient = dTable.toDoubles();
        for (int j = 0; j < COLS; j++) {
            outcome.close("dTable without rows", 0, gradient[j] + gradient[3 * COLS + j], 0);
        }
    }
}
