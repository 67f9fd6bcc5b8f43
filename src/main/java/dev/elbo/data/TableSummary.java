package dev.elbo.data;

import dev.elbo.model.ColumnKind;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A summary of the rows of a table, by all sources that were read for it: the kind of each column, the reason for it, and the
 * missing values.
 *
 * @param rows number of rows
 * @param empty number of rows without any value
 * @param columns all columns of the table, in their order
 */
public record TableSummary(long rows, long empty, List<Column> columns) {
    /** Validates the components and copies the list. */
    public TableSummary {
        columns = List.copyOf(columns);
    }

    /**
     * A column.
     *
     * @param name the name of the column
     * @param kind the kind of its values; empty for a column of one value, which is not modelled
     * @param reason the rule that says the kind, in a few words
     * @param words the words that stand for the values, in their order; none for numbers
     * @param min the smallest of numbers without words; otherwise NaN
     * @param max the largest of numbers without words; otherwise NaN
     * @param missing the number of missing values by the text that stands for them
     */
    public record Column(
            String name,
            Optional<ColumnKind> kind,
            String reason,
            List<String> words,
            double min,
            double max,
            Map<String, Long> missing) {
        /** Validates the components and copies list and map. */
        public Column {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(reason, "reason");
            words = List.copyOf(Objects.requireNonNull(words, "words"));
            missing = Map.copyOf(Objects.requireNonNull(missing, "missing"));
        }

        /** {@return whether its numbers became words by the rule for few whole numbers, so that they may be meant as numbers} */
        public boolean mayBeNumbers() {
            return reason.equals(ColumnRule.WHOLE);
        }

        /** {@return the number of missing values} */
        public long gaps() {
            return missing.values().stream().mapToLong(Long::longValue).sum();
        }

        /** {@return the values in a few words: from the smallest to the largest number, or how many words there are} */
        public String values() {
            return words.isEmpty()
                    ? ColumnWords.text(min) + " to " + ColumnWords.text(max)
                    : words.size() == 1 ? words.get(0) : words.size() + ": " + String.join(", ", words);
        }
    }
}
