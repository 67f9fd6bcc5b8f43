package dev.elbo.verify;

import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Columns.Column;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The checks of {@link Gradients} for the columns of tables. */
final class ColumnGradients {
    private static final int BATCH = 3;
    private static final int SAMPLES = 2;
    private static final double SCALE = 1 / 3.0;

    private ColumnGradients() {}

    static List<Check> all() {
        return List.of(
                new Check("columnLoss", "differences", (s, o) -> check(false, s, o)),
                new Check("columnLoss", "differences, row weights", (s, o) -> check(true, s, o)));
    }

    /** Checks every kind, some of it missing, with a clamped variance and a clamped dispersion. */
    private static void check(boolean weighted, Scratch s, Outcome outcome) {
        Columns columns = new Columns(List.of(
                Column.of(ColumnKind.GAUSSIAN),
                new Column(ColumnKind.CATEGORICAL, 3),
                Column.of(ColumnKind.NEGATIVE_BINOMIAL),
                Column.of(ColumnKind.GAUSSIAN),
                Column.of(ColumnKind.BERNOULLI),
                Column.of(ColumnKind.POISSON),
                Column.of(ColumnKind.NEGATIVE_BINOMIAL)));
        Tensor table = s.zeros(ElementType.INT32, columns.all().size(), Columns.FIELDS);
        table.write(columns.table());
        double none = Double.NaN;
        int cols = columns.features();
        int rows = SAMPLES * BATCH;
        Tensor x = s.real(
                BATCH,
                cols,
                Gradients.concat(
                        new double[] {0.3, 0, 1, 0, 2, -1, 1, 3, 0},
                        new double[] {none, none, none, none, none, 0.5, none, none, none},
                        new double[] {-0.7, 1, 0, 0, 0, none, 0, 0, 5}));
        Draw draw = new Draw(71);
        double[] w = weighted ? draw.uniform(rows, 0.2, 1) : null;
        double[] at = Gradients.concat(draw.normal(rows * cols), new double[] {-0.4, 25}, new double[] {0.6, 23});
        Tensor output = s.zeros(rows, cols);
        Tensor logVar = s.zeros(1, 2);
        Tensor logDispersion = s.zeros(1, 2);
        Tensor rowWeight = w == null ? null : s.real(rows, 1, w);
        Tensor loss = s.zeros(rows, 1);
        ToDoubleFunction<double[]> f = point -> {
            Gradients.write(point, output, logVar, logDispersion);
            s.ops().columnLoss(output, x, table, logVar, logDispersion, null, 1, loss, null, null, null);
            return Gradients.weightedSum(loss, w, SCALE);
        };
        Tensor dOutput = s.zeros(rows, cols);
        Tensor dLogVar = s.zeros(1, 2);
        Tensor dLogDispersion = s.zeros(1, 2);
        Runnable backward = () -> s.ops()
                .columnLoss(
                        output,
                        x,
                        table,
                        logVar,
                        logDispersion,
                        rowWeight,
                        SCALE,
                        null,
                        dOutput,
                        dLogVar,
                        dLogDispersion);
        Gradients.compare(outcome, "dOutput|dLogVar|dLogDispersion", at, f, backward, dOutput, dLogVar, dLogDispersion);
    }
}
