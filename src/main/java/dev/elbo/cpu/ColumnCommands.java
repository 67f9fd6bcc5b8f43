package dev.elbo.cpu;

import dev.elbo.backend.HostBuffer;
import dev.elbo.backend.RawOps;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.tensor.Tensor;

/** The columns of tables. Arithmetic and sums are those of kernels/columns.cu, in the same order: the same bits on a GPU. */
final class ColumnCommands implements RawOps.Columns {
    /** Of a pass over rows: an element takes up to a hundred times as long as one that is only moved. */
    private static final int ELEMENTS = Blocks.ELEMENTS / 16;

    private static final ColumnKind[] KINDS = ColumnKind.values();

    private final Workers workers;

    ColumnCommands(Workers workers) {
        this.workers = workers;
    }

    /** The rows of {@link Columns#table()}, read where they lie. */
    record Table(int[] values, int offset, int count) {
        static Table of(Tensor columns) {
            return new Table(HostBuffer.array(columns), (int) columns.offset(), columns.rows());
        }

        ColumnKind kind(int c) {
            return KINDS[values[offset + Columns.FIELDS * c]];
        }

        int place(int c) {
            return values[offset + Columns.FIELDS * c + 1];
        }

        int size(int c) {
            return values[offset + Columns.FIELDS * c + 2];
        }

        /** Returns the number among the columns of its kind. */
        int number(int c) {
            return values[offset + Columns.FIELDS * c + 3];
        }
    }

    static Blocks blocks(Slice matrix) {
        return Blocks.ofRows(matrix.rows(), matrix.cols(), ELEMENTS);
    }

    @Override
    public Runnable columnInputs(Tensor xTensor, Tensor columns, Tensor inputsTensor) {
        Slice x = Slice.of(xTensor);
        Slice inputs = Slice.of(inputsTensor);
        Table table = Table.of(columns);
        Blocks rows = blocks(x);
        Workers.Body body = block -> {
            for (int r = rows.start(block); r < rows.start(block + 1); r++) {
                for (int c = 0; c < table.count(); c++) {
                    boolean isCount = table.kind(c).isCount();
                    for (int d = table.place(c); d < table.place(c) + table.size(c); d++) {
                        float value = x.array()[x.row(r) + d];
                        float seen = isCount ? Elementary32.log1pOfCount(value) : value;
                        inputs.array()[inputs.row(r) + d] = Float.isNaN(value) ? 0 : seen;
                    }
                }
            }
        };
        return () -> workers.run(rows.count(), body);
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
                Table.of(columns),
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
        Table table = Table.of(columns);
        int lanes = Teams.lanes(table.count(), output.cols());
        Blocks rows = blocks(output);
        Softmax[] scratch = new Softmax[rows.count()];
        for (int block = 0; block < scratch.length; block++) {
            scratch[block] = new Softmax();
        }
        Workers.Body body = block -> {
            for (int r = rows.start(block); r < rows.start(block + 1); r++) {
                for (int c = 0; c < table.count(); c++) {
                    int from = output.row(r) + table.place(c);
                    int to = mean.row(r) + table.place(c);
                    if (table.kind(c) == ColumnKind.CATEGORICAL) {
                        int size = table.size(c);
                        scratch[block].set(output.array(), from, size, Teams.lanesOfColumn(lanes, size));
                        for (int i = 0; i < size; i++) {
                            mean.array()[to + i] = scratch[block].at(i);
                        }
                    } else {
                        mean.array()[to] = mean(table.kind(c), output.array()[from]);
                    }
                }
            }
        };
        return () -> workers.run(rows.count(), body);
    }

    private static float mean(ColumnKind kind, float o) {
        return switch (kind) {
            case GAUSSIAN -> o;
            case BERNOULLI -> Elementary32.sigmoid(o, Elementary32.exp(-Math.abs(o)));
            case POISSON, NEGATIVE_BINOMIAL -> (float) Elementary.exp(CountLoss.clampLogMean(o));
            case CATEGORICAL -> throw new IllegalArgumentException(kind.label());
        };
    }
}
