package dev.elbo.cli;

import dev.elbo.analysis.InputSchema;
import dev.elbo.data.TableText;
import dev.elbo.io.RowsFile;
import dev.elbo.model.Table;
import dev.elbo.model.TableColumn;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Rows of numbers that a command writes, some whole rows at a time.
 *
 * @param columns their names
 * @param rows number of rows
 * @param single whether they are float32, otherwise float64
 * @param counted whether CSV shows the number of a row
 * @param words a column of words, for CSV alone
 * @param text the columns and words of a table, which CSV shows in place of the numbers at their places
 * @param make makes all rows, in order
 */
record RowsOutput(
        List<String> columns,
        int rows,
        boolean single,
        boolean counted,
        Optional<RowsFile.Words> words,
        Optional<Columns> text,
        Consumer<Consumer<double[]>> make) {
    /** The names of a table's columns, and the texts of a row of numbers. */
    record Columns(List<String> names, RowsFile.Line line) {
        static Columns of(Table table, boolean single) {
            TableText text = new TableText(table);
            int places = table.features();
            return new Columns(table.columns().stream().map(TableColumn::name).toList(), (values, at) -> {
                double[] row = Arrays.copyOfRange(values, at, at + places);
                return Arrays.asList(single ? text.decode(floats(row)) : text.decode(row));
            });
        }
    }

    RowsOutput(List<String> columns, int rows, boolean single, boolean counted, Consumer<Consumer<double[]>> make) {
        this(columns, rows, single, counted, Optional.empty(), Optional.empty(), make);
    }

    /** {@return these rows, each with a word before its numbers where they are written as CSV} */
    RowsOutput withWords(String name, IntFunction<String> of) {
        boolean taken = text.map(Columns::names).orElse(columns).contains(name);
        String free = taken ? "elbo." + name : name;
        return new RowsOutput(columns, rows, single, counted, Optional.of(new RowsFile.Words(free, of)), text, make);
    }

    static RowsOutput ofFloats(List<String> columns, int rows, Consumer<Consumer<float[]>> make) {
        return new RowsOutput(columns, rows, true, false, into -> make.accept(some -> into.accept(doubles(some))));
    }

    /** {@return rows that a model makes, in the data's own unit; float32 if that holds them} */
    static RowsOutput made(InputSchema inputs, int rows, Consumer<Consumer<float[]>> make) {
        return new RowsOutput(
                inputs.columns(),
                rows,
                inputs.fitsFloat(),
                false,
                Optional.empty(),
                inputs.table().map(table -> Columns.of(table, inputs.fitsFloat())),
                into -> make.accept(some -> into.accept(inputs.unstandardizeExactly(some))));
    }

    /** {@return the fields of a line of CSV, without a row's number and word} */
    int fields() {
        return text.map(Columns::names).orElse(columns).size();
    }

    RowsFile csv(WritableByteChannel channel) throws IOException {
        return text.isPresent()
                ? RowsFile.csv(
                        channel,
                        text.get().names(),
                        columns.size(),
                        rows,
                        words,
                        text.get().line())
                : RowsFile.csv(channel, columns, rows, single, counted, words);
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    /** {@return names for columns that have none of their own: x0, x1, …} */
    static List<String> names(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
    }
}
