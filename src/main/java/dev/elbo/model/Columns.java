package dev.elbo.model;

import com.google.gson.JsonArray;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The columns of a table as a likelihood sees them: numbers alone, each column at one place of an example or, with words, at
 * as many as it has categories, of which one is 1 and the others are 0. NaN is a missing value.
 *
 * @param all columns in the order of their places
 */
public record Columns(List<Column> all) {
    /** Values of a row of {@link #table()}. */
    public static final int FIELDS = 4;

    /** The most categories of a column. */
    public static final int MAX_CATEGORIES = 1_000;

    private static final String SIZE = "size";

    /**
     * One column.
     *
     * @param kind of its values
     * @param size places: of categories 2 to {@link #MAX_CATEGORIES}, otherwise 1
     */
    public record Column(ColumnKind kind, int size) {
        /**
         * Validates the components.
         *
         * @throws IllegalArgumentException if no column of this kind has that size
         */
        public Column {
            boolean words = kind == ColumnKind.CATEGORICAL;
            if (words ? size < 2 || size > MAX_CATEGORIES : size != 1) {
                throw new IllegalArgumentException("a column of kind " + kind.label() + " has "
                        + (words ? "2 to " + MAX_CATEGORIES + " categories" : "size 1") + ", not " + size);
            }
        }

        /**
         * {@return a column at one place}
         *
         * @param kind any but categorical
         */
        public static Column of(ColumnKind kind) {
            return new Column(kind, 1);
        }
    }

    /**
     * A column at its places.
     *
     * @param kind of its values
     * @param first the first place
     * @param size places
     * @param number its number among the columns of its kind, from 0
     */
    public record Placed(ColumnKind kind, int first, int size, int number) {
        /** {@return the place behind its last} */
        public int end() {
            return first + size;
        }
    }

    /**
     * Validates the list and copies it.
     *
     * @throws IllegalArgumentException if there is no column
     */
    public Columns {
        all = List.copyOf(all);
        if (all.isEmpty()) {
            throw new IllegalArgumentException("columns are missing; a table has at least one");
        }
    }

    /** {@return places of all columns, D} */
    public int features() {
        return Math.toIntExact(all.stream().mapToLong(Column::size).sum());
    }

    /** {@return the kind of the column of each place, D} */
    public List<ColumnKind> kinds() {
        return all.stream()
                .flatMap(column -> Collections.nCopies(column.size(), column.kind()).stream())
                .toList();
    }

    /**
     * Requires that a map between values and their standardised ones, {@code value = shift + scale · standardised}, leaves all
     * but gaussian columns as they are.
     *
     * @param shift of each place, D
     * @param scale of each place, D
     * @throws IllegalArgumentException naming the first place that it does not leave
     */
    public void requireUnits(double[] shift, double[] scale) {
        List<ColumnKind> kinds = kinds();
        for (int d = 0; d < kinds.size(); d++) {
            if (kinds.get(d) != ColumnKind.GAUSSIAN && (shift[d] != 0 || scale[d] != 1)) {
                throw new IllegalArgumentException("place " + d + " (from 0) is of a column of kind "
                        + kinds.get(d).label() + " and cannot be standardised, as by " + shift[d] + " and "
                        + scale[d]);
            }
        }
    }

    /**
     * {@return the number of columns of a kind}
     *
     * @param kind the kind
     */
    public int count(ColumnKind kind) {
        return (int) all.stream().filter(column -> column.kind() == kind).count();
    }

    /** {@return the columns with their places, in order} */
    public List<Placed> placed() {
        List<Placed> placed = new ArrayList<>();
        int[] seen = new int[ColumnKind.values().length];
        int place = 0;
        for (Column column : all) {
            placed.add(new Placed(
                    column.kind(), place, column.size(), seen[column.kind().ordinal()]++));
            place += column.size();
        }
        return placed;
    }

    /**
     * {@return what operations read of the columns, a row for each, row-major: the number of its kind, its first place, its
     * places, and its number among the columns of its kind}
     */
    public int[] table() {
        return placed().stream()
                .flatMapToInt(
                        column -> IntStream.of(column.kind().ordinal(), column.first(), column.size(), column.number()))
                .toArray();
    }

    /**
     * {@return the columns that rows of {@link #table()} describe}
     *
     * @param table holds them
     * @param offset place of the first
     * @param count number of columns
     */
    public static List<Placed> placed(int[] table, int offset, int count) {
        return IntStream.range(0, count)
                .map(c -> offset + FIELDS * c)
                .mapToObj(at -> new Placed(ColumnKind.values()[table[at]], table[at + 1], table[at + 2], table[at + 3]))
                .toList();
    }

    /** Returns them as the setting of a component: a list of objects with a kind and, of categories, a size. */
    JsonArray toJson() {
        JsonArray list = new JsonArray();
        for (Column column : all) {
            Component plain = Component.of(column.kind().label());
            list.add((column.size() == 1 ? plain : plain.with(SIZE, column.size())).toJson());
        }
        return list;
    }

    /**
     * {@return the columns that a list of components describes}
     *
     * @param components of a kind of {@link ColumnKind} each, with {@code size} if it is categorical
     * @throws IllegalArgumentException if one is none of these
     */
    public static Columns of(List<Component> components) {
        List<Column> all = new ArrayList<>();
        for (Component component : components) {
            JsonFields fields = component.fields();
            all.add(new Column(ColumnKind.of(component.kind()), fields.has(SIZE) ? fields.integer(SIZE) : 1));
            fields.end();
        }
        return new Columns(all);
    }
}
