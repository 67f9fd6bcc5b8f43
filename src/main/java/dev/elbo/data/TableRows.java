package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.TableColumn;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/** A view of a source's cells as the places of a table. */
final class TableRows extends Rows {
    /** Cells that are read at once. */
    private static final int CHUNK = 1 << 12;

    private final String name;
    private final Rows cells;
    private final ColumnCode[] codes;
    /** Of each modelled column: the column of the source, the first place, and the places. */
    private final int[] sources;

    private final int[] starts;
    private final int[] sizes;
    private final boolean[] groups;

    /**
     * @param columns of the table that are modelled
     * @param sources the column of the source for each
     * @param codes for each column of the source
     */
    TableRows(String name, Rows cells, List<TableColumn> columns, int[] sources, ColumnCode[] codes) {
        super(cells.count(), columns.stream().mapToInt(TableColumn::size).sum(), Type.FLOAT64);
        this.name = name;
        this.cells = cells;
        this.sources = sources;
        this.codes = codes;
        this.starts = new int[sources.length];
        this.sizes = columns.stream().mapToInt(TableColumn::size).toArray();
        this.groups = new boolean[sources.length];
        for (int i = 0, place = 0; i < starts.length; place += sizes[i++]) {
            starts[i] = place;
            groups[i] = columns.get(i).kind().orElseThrow() == ColumnKind.CATEGORICAL;
        }
    }

    @Override
    public boolean isMapped() {
        return cells.isMapped();
    }

    @Override
    void copyBytes(int from, int rows, ByteBuffer into, int at) {
        throw new IllegalStateException("rows of a table are numbers");
    }

    @Override
    void copyFloats(int from, int rows, FloatBuffer into, int at) {
        double[] places = new double[features()];
        visitCells(from, rows, (row, raw, start) -> {
            place(row, raw, start, places, 0);
            int first = at + (row - from) * places.length;
            for (int i = 0; i < places.length; i++) {
                float value = (float) places[i];
                if (Float.isInfinite(value)) {
                    throw ElboException.data(name + ": row " + row + ", column " + i + " (from 0) is " + places[i]
                            + ", more than float32 holds (3.4e38); Standardization.perFeature takes it as float64, or"
                            + " rescale the column");
                }
                into.put(first + i, value);
            }
        });
    }

    @Override
    void copyDoubles(int from, int rows, double[] into, int at) {
        visitCells(from, rows, (row, raw, start) -> place(row, raw, start, into, at + (row - from) * features()));
    }

    private interface Visit {
        void row(int row, double[] cells, int start);
    }

    private void visitCells(int from, int rows, Visit visit) {
        int width = cells.features();
        int block = Math.max(1, Math.min(rows, CHUNK / width));
        double[] raw = new double[block * width];
        for (int done = 0, some; done < rows; done += some) {
            some = Math.min(block, rows - done);
            cells.copyDoubles(from + done, some, raw, 0);
            for (int i = 0; i < some; i++) {
                visit.row(from + done + i, raw, i * width);
            }
        }
    }

    private void place(int row, double[] raw, int start, double[] into, int at) {
        for (int i = 0; i < sources.length; i++) {
            double value = codes[sources[i]].value(row, raw[start + sources[i]]);
            int first = at + starts[i];
            if (!groups[i]) {
                into[first] = value;
            } else if (Double.isNaN(value)) {
                Arrays.fill(into, first, first + sizes[i], Double.NaN);
            } else {
                Arrays.fill(into, first, first + sizes[i], 0);
                into[first + (int) value] = 1;
            }
        }
    }
}
