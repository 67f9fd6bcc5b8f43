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
 * <p>The kind of a column is, unless options say another:
 *
 * <ul>
 *   <li>of two different values {@code bernoulli};
 *   <li>with a word among its values {@code categorical}, of at most 1,000 words;
 *   <li>of whole numbers, at most 12 different ones, {@code categorical};
 *   <li>of other numbers {@code gaussian}.
 * </ul>
 *
 * Numbers are compared by value, words as they are. Of two words the negative one comes first, as in no and yes; otherwise
 * numbers are in ascending and words in alphabetical order. A column of one value is kept and not modelled; one without any
 * value and one of dates are refused.
 *
 * @param kinds the kind of a column by its name, or by its number from 1 in the file; others have a kind by their values
 * @param missing words that stand for a missing value, besides the usual ones, in small or capital letters: an empty field, NA,
 *     N/A, NaN, null, ?; one that is a number stands for it in any notation
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

    /**
     * Copies with the kind of one more column; default: by its values.
     *
     * @param column its name, or its number from 1 if no column has that name
     * @param kind its kind
     * @return the copy
     */
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
