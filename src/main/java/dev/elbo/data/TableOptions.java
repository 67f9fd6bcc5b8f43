package dev.elbo.data;

import dev.elbo.model.ColumnKind;
import dev.elbo.model.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Options for reading rows of a table whose columns have a kind each and may have gaps.
 *
 * @param kinds the kind of a column by its name, or by its number from 1 where columns have no names; others have a kind by
 *     their values
 * @param missing words that stand for a missing value, besides the usual ones: an empty field, NA, NaN, null, ?
 * @param unknownMissing whether a category that the table does not have is a missing value; otherwise it is refused
 * @param table the columns of a model, which the rows must have; empty to take them from the rows
 */
public record TableOptions(
        Map<String, ColumnKind> kinds, List<String> missing, boolean unknownMissing, Optional<Table> table) {
    /** Kinds by the values, the usual words for a missing value, no table. */
    public static final TableOptions DEFAULT = new TableOptions(Map.of(), List.of(), false, Optional.empty());

    /** Validates the components and copies them. */
    public TableOptions {
        kinds = new LinkedHashMap<>(Objects.requireNonNull(kinds, "kinds"));
        missing = List.copyOf(Objects.requireNonNull(missing, "missing"));
        Objects.requireNonNull(table, "table");
    }

    /** Copies with the kind of one more column, by its name; default: by its values. */
    public TableOptions withKind(String column, ColumnKind kind) {
        Map<String, ColumnKind> others = new LinkedHashMap<>(kinds);
        others.put(Objects.requireNonNull(column, "column"), Objects.requireNonNull(kind, "kind"));
        return new TableOptions(others, missing, unknownMissing, table);
    }

    /** Copies with more words for a missing value; default: none but the usual ones. */
    public TableOptions withMissing(String... words) {
        List<String> others = new ArrayList<>(missing);
        others.addAll(List.of(words));
        return new TableOptions(kinds, others, unknownMissing, table);
    }

    /** Copies with categories that the table does not have as missing values, or refused; default: refused. */
    public TableOptions withUnknownMissing(boolean other) {
        return new TableOptions(kinds, missing, other, table);
    }

    /** Copies with the columns of a model; default: taken from the rows. */
    public TableOptions withTable(Table other) {
        return new TableOptions(kinds, missing, unknownMissing, Optional.of(other));
    }
}
