package dev.elbo.cpu;

import dev.elbo.backend.RawOps;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;

/** The columns of tables. Arithmetic and sums are those of kernels/columns.cu, in the same order: the same bits on a GPU. */
final class ColumnCommands implements RawOps.Columns {
    /** Of a pass over rows: an element takes up to a hundred times as long as one that is only moved. */
    private static final int ELEMENTS = Blocks.ELEMENTS / 8;

    private final Workers workers;

    ColumnCommands(Workers workers) {
        this.workers = workers;
    }

    static Blocks blocks(Slice matrix) {
        return Blocks.ofRows(matrix.rows(), matrix.cols(), ELEMENTS);
    }

    @Override
    public Runnable columnInputs(Tensor xTensor, Tensor columns, Tensor inputsTensor) {
        Slice x = Slice.of(xTensor);
        Slice inputs = Slice.of(inputsTensor);
        ColumnTable table = new ColumnTable(columns);
        Blocks rows = blocks(x);
        Workers.Body body = block -> {
            for (int r = rows.start(block); r < rows.start(block + 1); r++) {
                inputs(table, x.array(), x.row(r), inputs.array(), inputs.row(r), x.cols());
            }
        };
        return () -> {
            table.read();
            workers.run(rows.count(), body);
        };
    }

    private static void inputs(ColumnTable table, float[] x, int from, float[] inputs, int to, int cols) {
        for (int i = 0; i < cols; i++) {
            float value = x[from + i];
            inputs[to + i] = value != value ? 0 : value;
        }
        for (int c = 0; c < table.count(); c++) {
            int at = to + table.place(c);
            // log1p of 0, which is what a missing one has become, is 0
            if (table.kind(c).isCount()) {
                inputs[at] = Elementary32.log1pOfCount(inputs[at]);
            }
        }
    }

    @Override
    public Runnable columnLoss(
            Tensor output,
            Tensor x,
            Tensor columns,
            Tensor logVar,
            Tensor logDispersion,
            Tensor rowWeight,
            double scale,
            Tensor loss,
            Tensor dOutput,
            Tensor dLogVar,
            Tensor dLogDispersion) {
        return new ColumnLossCommand(
                workers,
                new ColumnTable(columns),
                new ColumnLossCommand.Rows(
                        Slice.of(output),
                        Slice.of(x),
                        Slice.of(rowWeight),
                        (float) scale,
                        Slice.of(loss),
                        Slice.of(dOutput)),
                Slice.of(logVar),
                Slice.of(logDispersion),
                Slice.of(dLogVar),
                Slice.of(dLogDispersion));
    }

    @Override
    public Runnable columnMean(Tensor outputTensor, Tensor columns, Tensor meanTensor) {
        Slice output = Slice.of(outputTensor);
        Slice mean = Slice.of(meanTensor);
        ColumnTable table = new ColumnTable(columns);
        int lanes = Teams.lanes(table.count(), output.cols());
        Blocks rows = blocks(output);
        Exponentials[] exponentials = new Exponentials[rows.count()];
        Arrays.setAll(exponentials, block -> new Exponentials(table, lanes));
        Workers.Body body = block -> {
            for (int r = rows.start(block); r < rows.start(block + 1); r++) {
                mean(table, exponentials[block], output.array(), output.row(r), mean.array(), mean.row(r));
            }
        };
        return () -> {
            table.read();
            workers.run(rows.count(), body);
        };
    }

    private static void mean(ColumnTable table, Exponentials e, float[] o, int outputAt, float[] mean, int meanAt) {
        for (int end = 0, c = 0; c < table.count(); c++) {
            if (c == end) {
                end = e.compute(c, o, outputAt, null, 0);
            }
            float output = o[outputAt + table.place(c)];
            int to = meanAt + table.place(c);
            switch (table.kind(c)) {
                case GAUSSIAN -> mean[to] = output;
                case BERNOULLI -> mean[to] = Elementary32.sigmoid(output, e.next());
                case POISSON, NEGATIVE_BINOMIAL -> mean[to] = (float) Elementary.exp(CountLoss.clampLogMean(output));
                case CATEGORICAL -> {
                    e.sum(c);
                    for (int i = 0; i < table.size(c); i++) {
                        mean[to + i] = e.softmax(i);
                    }
                }
            }
        }
    }
}
