package dev.elbo.io;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Rows of numbers written as they come, as CSV (UTF-8, a line of names first, {@code \n} behind every line, numbers by {@link
 * Decimals}) or as NPY (little endian, C order). The same rows give the same bytes, whatever the locale and the JDK.
 */
public abstract sealed class RowsFile {
    private static final int CHUNK = 1 << 16;

    final boolean single;
    final int columns;
    private final int rows;
    private final WritableByteChannel out;
    private int written;

    private RowsFile(WritableByteChannel out, int columns, int rows, boolean single) {
        this.out = out;
        this.columns = columns;
        this.rows = rows;
        this.single = single;
    }

    /**
     * Begins a file of CSV with the names of its columns.
     *
     * @param out takes all bytes that it is given, and is not closed
     * @param names of the columns
     * @param rows number of rows that will come
     * @param single whether the numbers are float32, which takes fewer digits than float64
     * @param counted whether each row begins with its number, from 0, in a column of its own called row
     * @return takes the rows
     * @throws IOException from {@code out}
     */
    public static RowsFile csv(WritableByteChannel out, List<String> names, int rows, boolean single, boolean counted)
            throws IOException {
        return csv(out, names, rows, single, counted, Optional.empty());
    }

    /**
     * Begins a file of CSV as {@link #csv(WritableByteChannel, List, int, boolean, boolean)}, with a column of words.
     *
     * @param out takes all bytes that it is given, and is not closed
     * @param names of the columns of numbers
     * @param rows number of rows that will come
     * @param single whether the numbers are float32
     * @param counted whether each row begins with its number
     * @param words a column before those of the numbers
     * @return takes the rows
     * @throws IOException from {@code out}
     */
    public static RowsFile csv(
            WritableByteChannel out,
            List<String> names,
            int rows,
            boolean single,
            boolean counted,
            Optional<Words> words)
            throws IOException {
        return new Csv(out, names, rows, single, counted, words.orElse(null));
    }

    /**
     * A column of words.
     *
     * @param name of the column
     * @param of the word of each row, from 0
     */
    public record Words(String name, IntFunction<String> of) {}

    /**
     * Makes the fields of a line.
     *
     * @hidden
     */
    @FunctionalInterface
    public interface Line {
        /**
         * {@return the fields of a row}
         *
         * @param values rows
         * @param at place of the row's first value
         */
        List<String> of(double[] values, int at);
    }

    /**
     * Begins a file of CSV whose lines are made of rows of numbers.
     *
     * @param out takes all bytes that it is given, and is not closed
     * @param names of the fields
     * @param columns values of a row
     * @param rows number of rows that will come
     * @param words a column before those of the fields
     * @param line makes as many fields as there are names
     * @return takes the rows
     * @throws IOException from {@code out}
     */
    public static RowsFile csv(
            WritableByteChannel out, List<String> names, int columns, int rows, Optional<Words> words, Line line)
            throws IOException {
        return new Text(out, names, columns, rows, words.orElse(null), line);
    }

    /**
     * Begins a file of NPY with its header. Its shape is (rows, columns), or (rows) for a single column of float64.
     *
     * @param out takes all bytes that it is given, and is not closed
     * @param columns values of a row
     * @param rows number of rows that will come
     * @param single whether it is to be float32, otherwise float64
     * @return takes the rows
     * @throws IOException from {@code out}
     */
    public static RowsFile npy(WritableByteChannel out, int columns, int rows, boolean single) throws IOException {
        return new Array(out, columns, rows, single);
    }

    /**
     * Writes rows.
     *
     * @param values whole rows, one after the other
     * @throws IOException from the file's channel
     * @throws IllegalArgumentException for a part of a row, or more rows than were announced
     */
    public final void write(double[] values) throws IOException {
        if (values.length % columns != 0 || values.length / columns > rows - written) {
            throw new IllegalArgumentException(
                    values.length + " values do not fit after " + written + " of " + rows + " rows of " + columns);
        }
        for (int at = 0; at < values.length; at += columns) {
            row(written++, values, at);
        }
    }

    /**
     * Writes the buffered rest, after the last row.
     *
     * @throws IOException from the file's channel
     * @throws IllegalStateException if fewer rows came than were announced
     */
    public final void finish() throws IOException {
        if (written != rows) {
            throw new IllegalStateException("only " + written + " of " + rows + " rows are written");
        }
        flush();
    }

    abstract void row(int number, double[] values, int at) throws IOException;

    abstract void flush() throws IOException;

    final void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    private static final class Csv extends RowsFile {
        private final boolean counted;
        private final Words words;
        private final StringBuilder lines = new StringBuilder();

        Csv(WritableByteChannel out, List<String> names, int rows, boolean single, boolean counted, Words words)
                throws IOException {
            super(out, names.size(), rows, single);
            this.counted = counted;
            this.words = words;
            List<String> head = new ArrayList<>(counted ? List.of("row") : List.of());
            if (words != null) {
                head.add(words.name());
            }
            head.addAll(names);
            lines.append(quoted(head)).append('\n');
            flush();
        }

        /** Returns the fields of a line, in quotes where they need some. */
        private static String quoted(List<String> fields) throws IOException {
            StringWriter text = new StringWriter();
            try (CsvWriter writer =
                    CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text)) {
                writer.writeRecord(fields);
            }
            return text.getBuffer().substring(0, text.getBuffer().length() - 1);
        }

        @Override
        void row(int number, double[] values, int at) throws IOException {
            if (counted) {
                lines.append(number).append(',');
            }
            if (words != null) {
                lines.append(quoted(List.of(words.of().apply(number)))).append(',');
            }
            for (int i = 0; i < columns; i++) {
                double value = values[at + i];
                lines.append(i == 0 ? "" : ",").append(single ? Decimals.text((float) value) : Decimals.text(value));
            }
            lines.append('\n');
            if (lines.length() > CHUNK) {
                flush();
            }
        }

        @Override
        void flush() throws IOException {
            send(ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8)));
            lines.setLength(0);
        }
    }

    private static final class Text extends RowsFile {
        private final Words words;
        private final Line line;
        private final StringWriter lines = new StringWriter();
        private final CsvWriter writer =
                CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(lines);

        Text(WritableByteChannel out, List<String> names, int columns, int rows, Words words, Line line)
                throws IOException {
            super(out, columns, rows, false);
            this.words = words;
            this.line = line;
            write(words == null ? "" : words.name(), names);
            flush();
        }

        private void write(String word, List<String> fields) {
            List<String> all = new ArrayList<>(words == null ? List.of() : List.of(word));
            all.addAll(fields);
            writer.writeRecord(all);
        }

        @Override
        void row(int number, double[] values, int at) throws IOException {
            write(words == null ? "" : words.of().apply(number), line.of(values, at));
            if (lines.getBuffer().length() > CHUNK) {
                flush();
            }
        }

        @Override
        void flush() throws IOException {
            writer.flush();
            send(ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8)));
            lines.getBuffer().setLength(0);
        }
    }

    private static final class Array extends RowsFile {
        private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);

        Array(WritableByteChannel out, int columns, int rows, boolean single) throws IOException {
            super(out, columns, rows, single);
            int[] shape = columns == 1 && !single ? new int[] {rows} : new int[] {rows, columns};
            send(ByteBuffer.wrap(Npy.header(single ? "<f4" : "<f8", shape)));
        }

        @Override
        void row(int number, double[] values, int at) throws IOException {
            for (int i = 0; i < columns; i++) {
                if (chunk.remaining() < Double.BYTES) {
                    flush();
                }
                if (single) {
                    chunk.putFloat((float) values[at + i]);
                } else {
                    chunk.putDouble(values[at + i]);
                }
            }
        }

        @Override
        void flush() throws IOException {
            send(chunk.flip());
            chunk.clear();
        }
    }
}
