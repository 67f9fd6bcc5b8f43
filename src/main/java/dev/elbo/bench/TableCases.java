package dev.elbo.bench;

import dev.elbo.cost.KernelCost;
import dev.elbo.cost.Work;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Columns.Column;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The cases of the columns of tables. */
record TableCases(KernelCases table) {
    /** 60 columns: 24 real numbers, 12 of two values, 18 of 2 to 19 categories, 3 and 3 counts. */
    private static final Columns MIXED = mixed();

    private static Columns mixed() {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 4; j++) {
                columns.add(Column.of(ColumnKind.GAUSSIAN));
            }
            for (int j = 0; j < 2; j++) {
                columns.add(Column.of(ColumnKind.BERNOULLI));
            }
            for (int j = 0; j < 3; j++) {
                columns.add(new Column(ColumnKind.CATEGORICAL, 2 + 3 * i + j));
            }
            columns.add(Column.of(i % 2 == 0 ? ColumnKind.POISSON : ColumnKind.NEGATIVE_BINOMIAL));
        }
        return new Columns(columns);
    }

    void all() {
        int places = MIXED.features();
        inputs(table.rows(KernelCost.COLUMN_INPUTS.bytes(), places));
        inputs(KernelCases.BATCH);
        mean(table.rows(KernelCost.COLUMN_MEAN.bytes(), places));
        mean(KernelCases.BATCH);
        loss(table.rows((int) lossWork(1).bytes(), 1));
        loss(KernelCases.BATCH);
    }

    private static String label(int rows) {
        return rows + " × " + MIXED.all().size() + " columns of " + MIXED.features() + " places";
    }

    private void inputs(int rows) {
        Work work = KernelCost.COLUMN_INPUTS.of((double) rows * MIXED.features());
        table.add("columnInputs", label(rows), work, memory -> {
            Tensor x = memory.cells(MIXED, rows);
            Tensor columns = memory.columns(MIXED);
            Tensor inputs = memory.output(rows, MIXED.features());
            return ops -> ops.columnInputs(x, columns, inputs);
        });
    }

    private void mean(int rows) {
        Work work = KernelCost.COLUMN_MEAN.of((double) rows * MIXED.features());
        table.add("columnMean", label(rows), work, memory -> {
            Tensor output = memory.normals(rows, MIXED.features());
            Tensor columns = memory.columns(MIXED);
            Tensor mean = memory.output(rows, MIXED.features());
            return ops -> ops.columnMean(output, columns, mean);
        });
    }

    /** The work of rows, with the terms of the gradients of log σ² and log θ, which are written and read. */
    private static Work lossWork(int rows) {
        double parameters = MIXED.count(ColumnKind.GAUSSIAN) + MIXED.count(ColumnKind.NEGATIVE_BINOMIAL);
        Work work = new Work(Float.BYTES * rows * parameters, 0);
        for (Column column : MIXED.all()) {
            work = work.plus(KernelCost.COLUMN_LOSS.of(
                    (double) rows * column.size(), column.kind().ordinal()));
        }
        return work.plus(KernelCost.COLUMN_LOSS_FINISH.of(rows * parameters));
    }

    private void loss(int rows) {
        table.add("columnLoss", label(rows), lossWork(rows), memory -> {
            Tensor output = memory.normals(rows, MIXED.features());
            Tensor x = memory.cells(MIXED, rows);
            Tensor columns = memory.columns(MIXED);
            Tensor logVar = memory.normals(1, MIXED.count(ColumnKind.GAUSSIAN));
            Tensor logDispersion = memory.normals(1, MIXED.count(ColumnKind.NEGATIVE_BINOMIAL));
            Tensor loss = memory.output(rows, 1);
            Tensor dOutput = memory.output(rows, MIXED.features());
            Tensor dLogVar = memory.output(1, logVar.cols());
            Tensor dLogDispersion = memory.output(1, logDispersion.cols());
            return ops -> ops.columnLoss(
                    output,
                    x,
                    columns,
                    logVar,
                    logDispersion,
                    null,
                    1.0 / rows,
                    loss,
                    dOutput,
                    dLogVar,
                    dLogDispersion);
        });
    }
}
