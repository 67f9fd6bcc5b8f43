package dev.elbo.model;

import com.google.gson.JsonArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The columns of a table, in the order of its rows, with the words that stand for their values. An example of a model has a
 * place for each number and each yes or no, and one for each category; constant columns have none.
 *
 * @param columns all columns, constant ones too
 */
public record Table(List<TableColumn> columns) {
    /** Metadata key of {@link #toJson()} in a model's file. */
    public static final String KEY = "elbo.table";

    /**
     * Validates the list and copies it.
     *
     * @throws IllegalArgumentException if two columns have one name, or all are constant
     */
    public Table {
        columns = List.copyOf(Objects.requireNonNull(columns, "columns"));
        HashSet<String> names = new HashSet<>();
        for (TableColumn column : columns) {
            if (!names.add(column.name())) {
                throw new IllegalArgumentException("two columns have the name '" + column.name() + "'");
            }
        }
        if (columns.stream().allMatch(TableColumn::isConstant)) {
            throw new IllegalArgumentException("all columns are constant; a table needs one that varies");
        }
    }

    /**
     * {@return a table without names of its own: the columns are x0, x1, …, and their words 0, 1, …}
     *
     * @param columns as a likelihood sees them
     */
    public static Table of(Columns columns) {
        List<TableColumn> named = new ArrayList<>();
        for (Columns.Column column : columns.all()) {
            int words = column.kind() == ColumnKind.BERNOULLI ? 2 : column.size() == 1 ? 0 : column.size();
            named.add(new TableColumn(
                    "x" + named.size(),
                    Optional.of(column.kind()),
                    IntStream.range(0, words).mapToObj(Integer::toString).toList()));
        }
        return new Table(named);
    }

    /** {@return the columns that are modelled, as a likelihood sees them} */
    public Columns modelled() {
        return new Columns(columns.stream()
                .filter(column -> !column.isConstant())
                .map(column -> new Columns.Column(column.kind().orElseThrow(), column.size()))
                .toList());
    }

    /** {@return places of an example, D} */
    public int features() {
        return modelled().features();
    }

    /** {@return a name for each place of an example: that of the column, of a category {@code column=word}} */
    public List<String> featureNames() {
        List<String> names = new ArrayList<>();
        for (TableColumn column : columns) {
            if (column.kind().equals(Optional.of(ColumnKind.CATEGORICAL))) {
                column.words().forEach(word -> names.add(column.name() + "=" + word));
            } else if (!column.isConstant()) {
                names.add(column.name());
            }
        }
        return names;
    }

    /** {@return a builder without columns} */
    public static Builder builder() {
        return new Builder();
    }

    /** Sets the columns of a table, one after the other. */
    public static final class Builder {
        private final List<TableColumn> columns = new ArrayList<>();

        private Builder() {}

        private Builder add(String name, ColumnKind kind, String... words) {
            columns.add(new TableColumn(name, Optional.ofNullable(kind), Arrays.asList(words)));
            return this;
        }

        /**
         * Adds a column of real numbers.
         *
         * @param name the column's name
         * @return this
         */
        public Builder gaussian(String name) {
            return add(name, ColumnKind.GAUSSIAN);
        }

        /**
         * Adds a column of two words.
         *
         * @param name the column's name
         * @param no the word for 0
         * @param yes the word for 1
         * @return this
         */
        public Builder bernoulli(String name, String no, String yes) {
            return add(name, ColumnKind.BERNOULLI, no, yes);
        }

        /**
         * Adds a column of several words.
         *
         * @param name the column's name
         * @param words 2 to {@link Columns#MAX_CATEGORIES} different words, in the order of their places
         * @return this
         */
        public Builder categorical(String name, String... words) {
            return add(name, ColumnKind.CATEGORICAL, words);
        }

        /**
         * Adds a column of counts whose variance is their mean.
         *
         * @param name the column's name
         * @return this
         */
        public Builder poisson(String name) {
            return add(name, ColumnKind.POISSON);
        }

        /**
         * Adds a column of counts with a dispersion of its own.
         *
         * @param name the column's name
         * @return this
         */
        public Builder negativeBinomial(String name) {
            return add(name, ColumnKind.NEGATIVE_BINOMIAL);
        }

        /**
         * Adds a column of one value, which is kept and not modelled.
         *
         * @param name the column's name
         * @param value the value
         * @return this
         */
        public Builder constant(String name, String value) {
            return add(name, null, value);
        }

        /**
         * {@return the table}
         *
         * @throws IllegalArgumentException as {@link Table}
         */
        public Table build() {
            return new Table(columns);
        }
    }

    /** {@return one JSON object with all columns} */
    public String toJson() {
        JsonArray list = new JsonArray();
        columns.forEach(column -> list.add(column.toJson()));
        return "{\"columns\":" + list + "}";
    }

    /**
     * {@return the inverse of {@link #toJson()}}
     *
     * @param json one object
     * @throws IllegalArgumentException if a field is missing, unknown or makes no sense, naming it
     */
    public static Table fromJson(String json) {
        JsonFields fields = new JsonFields(json);
        List<TableColumn> columns =
                fields.objects("columns").stream().map(TableColumn::of).toList();
        fields.end();
        return new Table(columns);
    }
}
