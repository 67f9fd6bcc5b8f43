package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.NpyForm;
import dev.elbo.io.NpyHeader;
import dev.elbo.model.Table;
import dev.elbo.model.TableColumn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** A copy of a table that is an array of NumPy, with gaps filled: type, order and, if all rows are copied, header stay. */
final class NpyCopy {
    private static final int CHUNK = 1 << 16;

    private final String file;
    private final Table table;
    private final int rows;
    private final TableCopy.Gaps gaps;
    private final OutputStream out;
    private final int[] filled;

    NpyCopy(String file, Table table, int rows, TableCopy.Gaps gaps, OutputStream out) {
        this.file = file;
        this.table = table;
        this.rows = rows;
        this.gaps = gaps;
        this.out = out;
        this.filled = new int[table.columns().size()];
    }

    /** Returns for each column of the table the number of gaps that were filled. */
    int[] filled() {
        return filled;
    }

    /** Copies an NPY file, from its first byte on; returns the number of its rows. */
    int write(InputStream in) throws IOException {
        Recorded start = new Recorded(in);
        NpyHeader header = NpyHeader.read(file, start, Long.MAX_VALUE, true);
        int[] shape = header.shape();
        if (shape.length != 2 || shape[1] != table.columns().size() || shape[0] < rows) {
            throw TableCopy.changed(file);
        }
        out.write(shape[0] == rows ? start.bytes.toByteArray() : NpyForm.header(header, rows, shape[1]));
        byte[] chunk = new byte[CHUNK];
        ByteBuffer view = ByteBuffer.wrap(chunk).order(header.order());
        int width = header.width();
        long count = (long) shape[0] * shape[1];
        for (long done = 0; done < count; ) {
            int some = (int) Math.min(count - done, CHUNK / width);
            if (in.readNBytes(chunk, 0, some * width) < some * width) {
                throw TableCopy.changed(file);
            }
            int kept = 0;
            for (int i = 0; i < some; i++, done++) {
                int row = (int) (header.fortran() ? done % shape[0] : done / shape[1]);
                int column = (int) (header.fortran() ? done / shape[0] : done % shape[1]);
                if (row < rows) {
                    fill(header, view, i * width, row, column);
                    System.arraycopy(chunk, i * width, chunk, kept, width);
                    kept += width;
                }
            }
            out.write(chunk, 0, kept);
        }
        return shape[0];
    }

    private void fill(NpyHeader header, ByteBuffer view, int at, int row, int column) {
        TableColumn of = table.columns().get(column);
        double value =
                of.isConstant() ? Double.isNaN(header.value(view, at)) ? 0 : Double.NaN : gaps.value(row, column);
        if (Double.isNaN(value)) {
            return;
        }
        filled[column]++;
        double number = of.words().isEmpty()
                ? value
                : TableCopy.number(file, table, column, of.words().get((int) value));
        if (!NpyForm.put(header, view, at, number)) {
            throw ElboException.data(file + ": its " + NpyForm.type(header) + " cannot hold " + Rows.shown(number)
                    + ", the value for row " + row + ", column " + column + " (from 0); save it as float64 (astype)");
        }
    }

    /** Keeps the bytes that are read. */
    private static final class Recorded extends InputStream {
        private final InputStream in;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Recorded(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            int one = in.read();
            if (one >= 0) {
                bytes.write(one);
            }
            return one;
        }
    }
}
