package dev.elbo.cli;

import dev.elbo.analysis.InputSchema;
import dev.elbo.io.RowsFile;
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
 * @param make makes all rows, in order
 */
record Table(
        List<String> columns,
        int rows,
        boolean single,
        boolean counted,
        Optional<RowsFile.Words> words,
        Consumer<Consumer<double[]>> make) {
    Table(List<String> columns, int rows, boolean single, boolean counted, Consumer<Consumer<double[]>> make) {
        this(columns, rows, single, counted, Optional.empty(), make);
    }

    /** {@return these rows, each with a word before its numbers where they are written as CSV} */
    Table withWords(String name, IntFunction<String> of) {
        String free = columns.contains(name) ? "elbo." + name : name;
        return new Table(columns, rows, single, counted, Optional.of(new RowsFile.Words(free, of)), make);
    }

    static Table ofFloats(List<String> columns, int rows, Consumer<Consumer<float[]>> make) {
        return new Table(columns, rows, true, false, into -> make.accept(some -> into.accept(doubles(some))));
    }

    /** {@return rows that a model makes, in the data's own unit; float32 if that holds them} */
    static Table made(InputSchema inputs, int rows, Consumer<Consumer<float[]>> make) {
        return new Table(
                inputs.columns(),
                rows,
                inputs.fitsFloat(),
                false,
                into -> make.accept(some -> into.accept(inputs.unstandardizeExactly(some))));
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    /** {@return names for columns that have none of their own: x0, x1, …} */
    static List<String> names(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
    }
}
