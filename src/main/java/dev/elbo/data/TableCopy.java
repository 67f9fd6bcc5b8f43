package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import dev.elbo.io.Messages;
import dev.elbo.model.Table;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;

/**
 * A copy of the file of a table whose gaps are filled: a text (CSV) stays as it is, character by character, but for the fields that
 * are missing; of an array (NPY, or one of an NPZ archive) the values that are missing are replaced, in its type and its order.
 */
public final class TableCopy {
    /** Values for the gaps of a table. */
    @FunctionalInterface
    public interface Gaps {
        /**
         * {@return the value of a gap, a number or the place of a word among those of the column; NaN to leave the cell as it is}
         *
         * @param row number of the row in the file, from 0
         * @param column number of the column in the table, from 0
         */
        double value(int row, int column);
    }

    /**
     * A further column of a text, behind the others: numbers, and empty fields for NaN.
     *
     * @param name of the column, if the text has a line of names
     * @param column number of the column in the table whose cells the numbers belong to
     * @param values the numbers
     */
    public record Beside(String name, int column, Gaps values) {
        /** Validates the components. */
        public Beside {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(values, "values");
        }
    }

    private final Path source;
    private final ReadOptions options;
    private final Table table;
    private final boolean archive;
    private final boolean text;

    private TableCopy(Content source, ReadOptions options, Table table) {
        this.source = source.path();
        this.options = options;
        this.table = table;
        this.archive = DataFormat.NPZ.is(source);
        this.text = !archive && !DataFormat.NPY.is(source);
    }

    /**
     * {@return a copy of a file that {@link Datasets} read with the same options}
     *
     * @param source the file
     * @param options with the table whose rows the file has
     * @throws IllegalArgumentException if the options have no table
     */
    public static TableCopy of(Path source, ReadOptions options) {
        Table table = options.table()
                .flatMap(TableOptions::table)
                .orElseThrow(() -> new IllegalArgumentException("the options have no table"));
        return new TableCopy(Content.of(source), options, table);
    }

    /** {@return whether the file is a text; otherwise it is an array} */
    public boolean isText() {
        return text;
    }

    /**
     * Writes the copy.
     *
     * @param out takes the bytes, and is not closed
     * @param packed whether they are packed with gzip
     * @param rows number of the first rows that are copied
     * @param gaps values for the gaps
     * @param beside further columns; none for an array
     * @param single whether numbers are written with the digits of float32; otherwise of float64
     * @return for each column of the table the number of gaps that were filled
     * @throws IOException from {@code out}
     * @throws ElboException of kind DATA if the file is not as it was when it was read, or an array cannot hold a value; of kind
     *     IO if reading fails
     */
    public int[] write(
            WritableByteChannel out, boolean packed, int rows, Gaps gaps, List<Beside> beside, boolean single)
            throws IOException {
        OutputStream bytes = new BufferedOutputStream(Channels.newOutputStream(out), 1 << 16);
        OutputStream content = packed ? new GZIPOutputStream(bytes, 1 << 13) : bytes;
        int[] filled = text
                ? new CsvTableCopy(source, options, table, rows, gaps, beside, single).write(content)
                : array(content, rows, gaps);
        if (content instanceof GZIPOutputStream zip) {
            zip.finish();
        }
        bytes.flush();
        return filled;
    }

    private int[] array(OutputStream out, int rows, Gaps gaps) throws IOException {
        NpyCopy copy = new NpyCopy(source.toString(), table, rows, gaps, out);
        try (InputFile in = InputFile.open(source)) {
            if (archive) {
                NpzArrays arrays = new NpzArrays(in, options.scale());
                arrays.read(NpzChoice.of(arrays, options.array()).train(), copy::write);
            } else {
                Gunzip.read(in, copy::write, copy::write);
            }
        }
        return copy.filled();
    }

    /** Returns the error for a file whose cells are not those that were read. */
    static ElboException changed(String file) {
        return ElboException.data(file + ": was changed while its gaps were filled; run the command again, and do not"
                + " change data files that are in use");
    }

    /** Returns a word as a number of an array. */
    static double number(String file, Table table, int column, String word) {
        double number = ColumnWords.number(word);
        if (!Double.isFinite(number)) {
            throw ElboException.data(file + ": an array has no words, but column "
                    + Messages.quote(table.columns().get(column).name()) + " of the model has, such as "
                    + Messages.quote(word) + "; give the table as text (CSV)");
        }
        return number;
    }
}
