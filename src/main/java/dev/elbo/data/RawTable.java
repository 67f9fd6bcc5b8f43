package dev.elbo.data;

import dev.elbo.data.RawColumn.Entry;
import dev.elbo.data.RawColumn.TextKind;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.model.Table;
import dev.elbo.model.TableColumn;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The cells of a table as one source has them, which {@link RawColumn} explains: not the values of an example yet. */
final class RawTable extends Rows {
    private static final int LISTED = 8;

    private final String name;
    private final Rows cells;
    private final List<RawColumn> columns;
    private final boolean named;
    private final long empty;

    /**
     * @param cells a value for each column
     * @param named whether the columns have names in the source
     * @param empty number of rows without any value
     */
    RawTable(String name, Rows cells, List<RawColumn> columns, boolean named, long empty) {
        super(cells.count(), cells.features(), Type.FLOAT64);
        this.name = name;
        this.cells = cells;
        this.columns = columns;
        this.named = named;
        this.empty = empty;
    }

    String name() {
        return name;
    }

    List<RawColumn> columns() {
        return columns;
    }

    boolean named() {
        return named;
    }

    long empty() {
        return empty;
    }

    @Override
    public boolean isMapped() {
        return cells.isMapped();
    }

    @Override
    void copyBytes(int from, int rows, ByteBuffer into, int at) {
        throw unread();
    }

    @Override
    void copyFloats(int from, int rows, FloatBuffer into, int at) {
        throw unread();
    }

    @Override
    void copyDoubles(int from, int rows, double[] into, int at) {
        throw unread();
    }

    private static IllegalStateException unread() {
        return new IllegalStateException("cells are read by a table");
    }

    /**
     * Returns for each column of some names that of this source: by name, or by place if one of the two has no names.
     *
     * @param others the names, in their order
     * @param byName whether they are names of a source
     */
    int[] order(List<String> others, boolean byName) {
        if (!named || !byName) {
            requireWidth(name, columns.size(), others);
            return IntStream.range(0, columns.size()).toArray();
        }
        Map<String, Integer> places = new HashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            places.put(columns.get(i).name(), i);
        }
        List<String> lacking =
                others.stream().filter(other -> !places.containsKey(other)).toList();
        if (!lacking.isEmpty()) {
            throw ElboException.data(name + ": has no column " + Messages.list(lacking, LISTED, Messages::quote)
                    + ", which the table has");
        }
        if (others.size() < columns.size()) {
            List<String> more = columns.stream()
                    .map(RawColumn::name)
                    .filter(own -> !others.contains(own))
                    .toList();
            throw ElboException.data(name + ": has the column " + Messages.list(more, LISTED, Messages::quote)
                    + ", which the table does not have");
        }
        return others.stream().mapToInt(places::get).toArray();
    }

    /** Refuses another number of columns than a table has. */
    static void requireWidth(String name, int columns, List<String> table) {
        if (table.size() != columns) {
            throw ElboException.data(name + ": has " + columns + " columns, the table has " + table.size() + ": "
                    + Messages.list(table, LISTED, Messages::quote));
        }
    }

    /** The rows as a table has them, and a note on each column with values that it does not know. */
    record Coded(Rows rows, List<String> notes) {}

    /**
     * Codes the cells by a table.
     *
     * @throws ElboException of kind DATA for a value that the table does not know
     */
    Coded coded(Table table, boolean unknownMissing) {
        requireRowBytes(
                name, table.columns().stream().mapToLong(TableColumn::size).sum() * Double.BYTES);
        Set<String> there = columns.stream().map(RawColumn::name).collect(Collectors.toSet());
        List<TableColumn> needed = table.columns().stream()
                .filter(column -> !column.isConstant() || !named || there.contains(column.name()))
                .toList();
        int[] sources = order(needed.stream().map(TableColumn::name).toList(), named);
        ColumnCode[] codes = new ColumnCode[columns.size()];
        List<String> notes = new ArrayList<>();
        List<TableColumn> modelled = new ArrayList<>();
        IntStream.Builder chosen = IntStream.builder();
        for (int i = 0; i < sources.length; i++) {
            TableColumn column = needed.get(i);
            ColumnCode code = new ColumnCode(columns.get(sources[i]), column, unknownMissing);
            code.check(cells, sources[i]);
            code.note().ifPresent(notes::add);
            codes[sources[i]] = code;
            if (!column.isConstant()) {
                modelled.add(column);
                chosen.add(sources[i]);
            }
        }
        return new Coded(new TableRows(name, cells, modelled, chosen.build().toArray(), codes), notes);
    }

    /** Returns the rows as those of the table that the options give, or of one that is found when it is needed. */
    Dataset dataset(Optional<int[]> labels, TableOptions options, Progress progress) {
        notes().forEach(progress::note);
        if (options.table().isEmpty()) {
            return Dataset.unchecked(name, this, Optional.empty(), 1, labels).withTable(TableSources.of(this, options));
        }
        Table table = options.table().get();
        requireKinds(table, options);
        Coded coded = coded(table, options.unknownMissing());
        coded.notes().forEach(progress::note);
        return Dataset.unchecked(name, coded.rows(), Optional.empty(), 1, labels)
                .withTable(TableSources.given(table));
    }

    private static void requireKinds(Table table, TableOptions options) {
        options.kinds().forEach((column, kind) -> {
            for (TableColumn own : table.columns()) {
                if (own.name().equals(column) && own.kind().equals(Optional.of(kind))) {
                    return;
                }
            }
            throw ElboException.usage("withKind: the table that is given has no " + kind.label() + " column "
                    + Messages.quote(column) + "; leave withKind out");
        });
    }

    /** Returns notes on the texts that were taken for missing values, or that may be some, and on rows without any value. */
    List<String> notes() {
        List<String> notes = new ArrayList<>();
        Map<String, Long> missing = new TreeMap<>();
        int gappy = 0;
        for (RawColumn column : columns) {
            boolean gaps = false;
            for (Entry entry : column.entries()) {
                if (entry.type == TextKind.MISSING) {
                    missing.merge(entry.text, entry.count, Long::sum);
                    gaps = true;
                } else if (entry.type == TextKind.WORD && MissingWords.isDoubtful(entry.text)) {
                    notes.add("note: " + column.place().at(entry.line) + ": is " + Messages.quote(entry.text)
                            + ", taken for a word"
                            + (entry.count == 1 ? "" : ", here and in " + (entry.count - 1) + " more rows")
                            + "; withMissing(" + Messages.quote(entry.text) + ") takes it as missing");
                }
            }
            gappy += gaps ? 1 : 0;
        }
        if (gappy > 0) {
            long all = missing.values().stream().mapToLong(Long::longValue).sum();
            notes.add("note: " + name + ": " + all + (all == 1 ? " value is" : " values are") + " missing, in " + gappy
                    + " of " + columns.size() + " columns: "
                    + Messages.list(
                            missing.entrySet(),
                            LISTED,
                            entry -> MissingWords.shown(entry.getKey()) + " " + entry.getValue() + "×"));
        }
        if (empty > 0) {
            notes.add("note: " + name + ": " + empty + (empty == 1 ? " row has" : " rows have")
                    + " no value at all, and nothing to learn from");
        }
        return notes;
    }
}
