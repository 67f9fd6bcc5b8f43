package dev.elbo.data;

import dev.elbo.data.RawColumn.Entry;
import dev.elbo.data.RawColumn.TextKind;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Table;
import dev.elbo.model.TableColumn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The table whose rows some data are: one that is given, or one that all rows of the sources make, which is found when it is
 * first needed. Until then data may be put together, so that a source that is read apart needs no table of its own.
 */
final class TableSources {
    private static final int LISTED = 8;

    /** None if the table is given. */
    private final List<RawTable> sources;

    private final TableOptions options;
    private final Map<RawTable, Rows> coded = new IdentityHashMap<>();
    private Table table;
    private List<String> reasons = List.of();

    private TableSources(List<RawTable> sources, TableOptions options, Table table) {
        this.sources = sources;
        this.options = options;
        this.table = table;
    }

    /** The table of rows that are its places already. */
    static TableSources given(Table table) {
        return new TableSources(List.of(), TableOptions.DEFAULT, Objects.requireNonNull(table, "table"));
    }

    /** The table that the rows of a source make. */
    static TableSources of(RawTable source, TableOptions options) {
        TableSources of = new TableSources(List.of(source), options, null);
        of.kinds();
        return of;
    }

    private boolean isGiven() {
        return sources.isEmpty();
    }

    /**
     * Returns the table that data have in common: the one that is given to any of them, or else the one that all their sources
     * make together.
     *
     * @param data at least one
     * @throws ElboException of kind DATA if some are no rows of a table, or of another one that is given
     */
    static Optional<TableSources> common(Collection<Dataset> data) {
        List<TableSources> all = new ArrayList<>();
        Dataset first = data.iterator().next();
        for (Dataset part : data) {
            if (part.sources().isPresent() != first.sources().isPresent()) {
                throw ElboException.data(part.name() + ": " + (part.sources().isPresent() ? "is" : "is not")
                        + " a table, unlike " + first.name() + "; read both in the same way");
            }
            part.sources().filter(own -> !all.contains(own)).ifPresent(all::add);
        }
        if (all.size() < 2) {
            return all.stream().findFirst();
        }
        Optional<TableSources> given =
                all.stream().filter(TableSources::isGiven).findFirst();
        if (given.isPresent()) {
            if (all.stream().anyMatch(own -> own.isGiven() && !own.table.equals(given.get().table))) {
                throw ElboException.data(first.name() + ": has another table than the data beside it");
            }
            return given;
        }
        Map<RawTable, Boolean> sources = new IdentityHashMap<>();
        List<RawTable> inOrder = new ArrayList<>();
        for (TableSources own : all) {
            own.sources.stream()
                    .filter(source -> sources.put(source, true) == null)
                    .forEach(inOrder::add);
        }
        return Optional.of(new TableSources(inOrder, all.get(0).options, null));
    }

    /** Returns the names of the columns, if they have names in a source or a table is given. */
    Optional<List<String>> names() {
        if (isGiven()) {
            return Optional.of(table.columns().stream().map(TableColumn::name).toList());
        }
        return sources.stream()
                .filter(RawTable::named)
                .findFirst()
                .map(source -> source.columns().stream().map(RawColumn::name).toList());
    }

    /** The source whose names and order of columns the table has. */
    private RawTable leading() {
        return sources.stream().filter(RawTable::named).findFirst().orElse(sources.get(0));
    }

    /** Returns the kinds that the options ask for, by the place of the column. */
    private Map<Integer, ColumnKind> kinds() {
        RawTable leading = leading();
        Map<Integer, ColumnKind> kinds = new HashMap<>();
        options.kinds().forEach((wish, kind) -> {
            int found = -1;
            for (int i = 0; i < leading.columns().size(); i++) {
                RawColumn column = leading.columns().get(i);
                boolean number = wish.equals(Integer.toString(column.place().number()));
                found = column.name().equals(wish) || number && found < 0 ? i : found;
            }
            if (found < 0) {
                List<String> names =
                        leading.columns().stream().map(RawColumn::name).toList();
                throw ElboException.data(leading.name() + ": has no column " + Messages.quote(wish)
                        + " (withKind); it has " + Messages.list(names, LISTED, Messages::quote));
            }
            kinds.put(found, kind);
        });
        return kinds;
    }

    /**
     * Returns the table.
     *
     * @throws ElboException of kind DATA for the first column that can be none of a table
     */
    synchronized Table table() {
        if (table != null) {
            return table;
        }
        RawTable leading = leading();
        List<List<RawColumn>> parts = parts();
        Map<Integer, ColumnKind> kinds = kinds();
        List<TableColumn> columns = new ArrayList<>();
        List<String> why = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            String name = leading.columns().get(i).name();
            ColumnRule.Found found = ColumnRule.of(name, parts.get(i), Optional.ofNullable(kinds.get(i)));
            columns.add(found.column());
            why.add(found.reason());
        }
        if (columns.stream().allMatch(TableColumn::isConstant)) {
            throw ElboException.data(
                    leading.name() + ": every column has one value only; a table needs one that varies");
        }
        reasons = why;
        table = new Table(columns);
        return table;
    }

    /** Returns for each column of the table those of the sources. */
    private List<List<RawColumn>> parts() {
        RawTable leading = leading();
        List<String> names = leading.columns().stream().map(RawColumn::name).toList();
        List<List<RawColumn>> parts = new ArrayList<>();
        names.forEach(name -> parts.add(new ArrayList<>()));
        for (RawTable source : sources) {
            int[] order = source.order(names, leading.named());
            for (int i = 0; i < order.length; i++) {
                parts.get(i).add(source.columns().get(order[i]));
            }
        }
        return parts;
    }

    /** Returns the rows of a source as the places of the table. */
    private synchronized Rows coded(RawTable source) {
        return coded.computeIfAbsent(
                source, own -> own.coded(table(), options.unknownMissing()).rows());
    }

    /** Returns rows as the places of the table, if they are cells of sources. */
    Rows places(Rows rows) {
        return rows.replaced(own -> own instanceof RawTable source ? coded(source) : own);
    }

    /** Returns the rows of all data, one after the other: cells, while they may become rows of a larger table. */
    Rows joined(List<Dataset> data) {
        boolean cells = !isGiven()
                && data.stream()
                                .mapToInt(part -> part.given().features())
                                .distinct()
                                .count()
                        == 1;
        return Rows.joined(
                data.stream().map(cells ? Dataset::given : Dataset::rows).toList());
    }

    /** Returns what was found in the sources, if there are some. */
    Optional<TableSummary> summary() {
        if (isGiven()) {
            return Optional.empty();
        }
        List<TableColumn> columns = table().columns();
        List<List<RawColumn>> parts = parts();
        List<TableSummary.Column> seen = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            seen.add(seen(columns.get(i), reasons.get(i), parts.get(i)));
        }
        return Optional.of(new TableSummary(
                sources.stream().mapToLong(RawTable::count).sum(),
                sources.stream().mapToLong(RawTable::empty).sum(),
                seen));
    }

    private static TableSummary.Column seen(TableColumn column, String reason, List<RawColumn> parts) {
        Map<String, Long> missing = new TreeMap<>();
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (RawColumn part : parts) {
            min = Math.min(min, part.least());
            max = Math.max(max, part.most());
            for (Entry entry : part.entries()) {
                if (entry.type == TextKind.MISSING) {
                    missing.merge(entry.text, entry.count, Long::sum);
                } else {
                    min = Math.min(min, entry.value);
                    max = Math.max(max, entry.value);
                }
            }
        }
        boolean numbers = column.words().isEmpty();
        return new TableSummary.Column(
                column.name(),
                column.kind(),
                reason,
                column.words(),
                numbers ? min : Double.NaN,
                numbers ? max : Double.NaN,
                missing);
    }
}
