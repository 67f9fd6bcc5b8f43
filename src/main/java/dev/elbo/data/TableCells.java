package dev.elbo.data;

import dev.elbo.data.RawColumn.Entry;
import dev.elbo.data.RawColumn.TextKind;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.model.Table;
import dev.elbo.model.TableColumn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** The cells of a table while the lines of a text are read. */
final class TableCells {
    private final String file;
    private final TableOptions options;
    private final boolean named;
    private final List<RawColumn> columns = new ArrayList<>();
    private long empty;

    /**
     * Creates empty columns.
     *
     * @param chosen the columns of the file that are taken, in an order that {@link #options} made
     * @param header the names of all columns of the file, if they have any
     */
    TableCells(
            String file, TableOptions options, CsvNumbers numbers, CsvColumns chosen, Optional<List<String>> header) {
        this.file = file;
        this.options = options;
        this.named = options.table().isPresent() || header.isPresent();
        List<String> names = names(chosen);
        MissingWords missing = new MissingWords(options.missing());
        int[] places = chosen.places();
        for (int i = 0; i < places.length; i++) {
            int column = places[i];
            ColumnPlace place = new ColumnPlace(file, column + 1, header.map(all -> all.get(column)), true);
            columns.add(RawColumn.ofTexts(names.get(i), place, numbers, missing));
        }
    }

    /** The names of the columns that are taken: those of the table that is given, or of the file, or made up. */
    private List<String> names(CsvColumns chosen) {
        if (options.table().isEmpty() || chosen.byModel()) {
            return chosen.names()
                    .orElseGet(() -> IntStream.range(0, chosen.features())
                            .mapToObj(TableCells::made)
                            .toList());
        }
        List<String> names = names(options.table().get());
        RawTable.requireWidth(file, chosen.features(), names);
        return names;
    }

    private static List<String> names(Table table) {
        return table.columns().stream().map(TableColumn::name).toList();
    }

    /** Returns the name of a column that has none in its source, by its place from 0. */
    static String made(int column) {
        return "x" + column;
    }

    /** Returns options that find the columns of the table that is given, if there is one, by name in a header. */
    static CsvOptions options(CsvOptions csv, TableOptions options, Optional<List<String>> header) {
        if (options.table().isEmpty() || header.isEmpty()) {
            return csv;
        }
        Set<String> there = new HashSet<>(header.get());
        // a constant column says nothing: it may be left out
        List<String> needed = options.table().get().columns().stream()
                .filter(column -> !column.isConstant() || there.contains(column.name()))
                .map(TableColumn::name)
                .toList();
        List<String> all = names(options.table().get());
        boolean unnamed =
                IntStream.range(0, all.size()).allMatch(i -> all.get(i).equals(made(i))) && !there.containsAll(needed);
        return csv.withNames(unnamed ? List.of() : needed);
    }

    /** Returns the cell of a field, in the row that is read. */
    double cell(int column, char[] text, int offset, int length, int row, long line) {
        return columns.get(column).cell(text, offset, length, row, line);
    }

    /** Ends a row. */
    void end(double[] row) {
        for (double cell : row) {
            if (!Double.isNaN(cell)) {
                return;
            }
        }
        empty++;
    }

    /** Refuses a first line that may as well be what it was not taken for. */
    void requireHeader(boolean header, long line) {
        if (header) {
            if (columns.stream().allMatch(column -> column.has(column.name()))) {
                throw ElboException.data(
                        file + ": line " + line + " is taken for names, but each of them is a value of its"
                                + " column too; CsvOptions.Header.NO reads the line as a row, CsvOptions.Header.YES as names");
            }
            return;
        }
        for (RawColumn column : columns) {
            List<Entry> words = column.entries().stream()
                    .filter(entry -> entry.type == TextKind.WORD)
                    .toList();
            boolean numbers = column.observed() > 1;
            if (numbers && words.size() == 1 && words.get(0).line == line && words.get(0).count == 1) {
                throw ElboException.data(column.place().at(line) + ": is " + Messages.quote(words.get(0).text)
                        + ", the only word in a column of numbers; CsvOptions.Header.YES takes the line for names,"
                        + " CsvOptions.Header.NO for a row");
            }
        }
    }

    /** Returns the rows that were read as rows of a table, and tells what is missing in them. */
    Dataset finish(Rows cells, Optional<int[]> labels, Progress progress) {
        return new RawTable(file, cells, columns, named, empty).dataset(labels, options, progress);
    }
}
