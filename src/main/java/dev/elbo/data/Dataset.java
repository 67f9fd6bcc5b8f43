package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.ImageShape;
import dev.elbo.io.Messages;
import dev.elbo.model.Table;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Examples of equal size: {@link Rows} with a name, and with labels and the shape of a picture where they have them. All
 * values are finite, except that those of a {@link #table()} may be missing, which is NaN. The values are either bytes, each standing for its unsigned value times {@link #scale()}, or numbers with
 * scale 1: float32, or float64 that is given as float32 to computations, while statistics and {@link #standardized} see
 * all of its digits. Arrays are kept and handed out without copies: treat them as read-only.
 */
public final class Dataset extends DatasetValues {
    private final ImageShape image;
    private final int[] labels;
    private final Names names;

    /** Names of features and labels, null if they have none; and the map of standardised values, else null. */
    private record Names(List<String> columns, List<String> labels, Standardization unit, TableSources table) {
        private static final Names NONE = new Names(null, null, null, null);
    }

    /**
     * Returns the smallest and the largest value, scaled.
     *
     * @param min the smallest
     * @param max the largest
     */
    public record Range(double min, double max) {}

    private Dataset(
            String name, Rows rows, Optional<ImageShape> image, float scale, Optional<int[]> labels, Names names) {
        super(name, rows, scale, names.table);
        if (image.isPresent() && image.get().features() != features()) {
            throw new IllegalArgumentException(
                    name + ": pictures of " + image.get() + " do not have " + features() + " features");
        }
        this.image = image.orElse(null);
        this.labels = labels.orElse(null);
        this.names = names;
        if (this.labels != null && this.labels.length != rows.count()) {
            throw ElboException.data(name + ": has " + rows.count() + " examples and " + this.labels.length
                    + " labels; the counts must be equal");
        }
    }

    /** Data of rows, whose values must be finite; bytes are multiplied by the scale, which is 1 for floats. */
    static Dataset of(String name, Rows rows, Optional<ImageShape> image, float scale, Optional<int[]> labels) {
        Dataset data = unchecked(name, rows, image, scale, labels);
        rows.requireFinite(name);
        return data;
    }

    /** Creates data as {@link #of(String, Rows, Optional, float, Optional)} does, with NaN and infinities accepted. */
    static Dataset unchecked(String name, Rows rows, Optional<ImageShape> image, float scale, Optional<int[]> labels) {
        return new Dataset(name, rows, image, scale, labels, Names.NONE);
    }

    /**
     * Creates a data set of float32, copied.
     *
     * @param name the name in messages
     * @param values (examples, features)
     * @return without labels and pictures
     * @throws ElboException of kind DATA if there are no examples, they are not of the same length, or a value is NaN
     *     or infinite, naming its row and column, both counted from 0
     */
    public static Dataset of(String name, float[][] values) {
        return of(name, RowStore.of(name, values), Optional.empty(), 1, Optional.empty());
    }

    /**
     * Creates a data set of float64, copied, whose digits beyond float32 count if it is {@link #standardized}.
     *
     * @param name the name in messages
     * @param values (examples, features)
     * @return without labels and pictures
     * @throws ElboException as there
     */
    public static Dataset of(String name, double[][] values) {
        return of(name, RowStore.of(name, values), Optional.empty(), 1, Optional.empty());
    }

    /**
     * Creates a data set of bytes.
     *
     * @param name the name in messages
     * @param bytes (examples, features) row-major, unsigned; kept, not copied
     * @param features values of an example
     * @param scale factor of bytes, above 0; 1/255 for pixels
     * @return a view of the array
     * @throws IllegalArgumentException if the last example is not whole, or the scale is not above 0
     * @throws ElboException of kind DATA if there are no examples
     */
    public static Dataset ofBytes(String name, byte[] bytes, int features, float scale) {
        return of(name, Rows.ofBytes(bytes, features), Optional.empty(), scale, Optional.empty());
    }

    /**
     * Creates a data set of float32.
     *
     * @param name the name in messages
     * @param values (examples, features) row-major; kept, not copied
     * @param features values of an example
     * @return the data
     * @throws ElboException of kind DATA if there are no examples, the last one is not whole, or a value is NaN or
     *     infinite, naming its row and column, both counted from 0
     */
    public static Dataset of(String name, float[] values, int features) {
        return of(name, Rows.ofFloats(name, values, features), Optional.empty(), 1, Optional.empty());
    }

    /**
     * Creates a data set of the rows of a table.
     *
     * @param name the name in messages
     * @param table the columns
     * @param values (examples, places of the table) row-major: numbers and counts as they are, 0 and 1 for the words of a
     *     bernoulli column, of a categorical column 1 at the place of its word and 0 at the others; NaN where a value is missing,
     *     of a categorical column in all of its places; kept, not copied
     * @return the data
     * @throws ElboException of kind DATA if there are no examples, the last one is not whole, or a value is infinite or none of
     *     its column, naming row and column, both counted from 0
     */
    public static Dataset of(String name, Table table, float[] values) {
        Rows rows = Rows.ofFloats(name, values, table.features());
        Places.require(name, table, rows);
        return unchecked(name, rows, Optional.empty(), 1, Optional.empty()).withTable(TableSources.given(table));
    }

    /**
     * Creates a data set of the rows of a table, given as text.
     *
     * @param name the name in messages
     * @param table the columns
     * @param rows a text for each column of the table, null or a word for it where a value is missing
     * @return the data
     * @throws ElboException of kind DATA if there are no rows, or a text is no value of its column, naming row and column
     */
    public static Dataset of(String name, Table table, List<String[]> rows) {
        TableText text = new TableText(table);
        try (RowStore store = new RowStore(name, table.features(), Rows.Type.FLOAT64)) {
            for (String[] row : rows) {
                try {
                    store.add(text.encodeExactly(row));
                } catch (ElboException e) {
                    throw ElboException.data(
                            name + ": row " + store.count() + " (from 0): " + Messages.line(e.getMessage()), e);
                }
            }
            return unchecked(name, store.finish(), Optional.empty(), 1, Optional.empty())
                    .withTable(TableSources.given(table));
        }
    }

    /** Copies as rows of a table, whose values at its places these are, or the cells of its sources. */
    Dataset withTable(TableSources table) {
        Names others = new Names(null, names.labels, names.unit, table);
        return new Dataset(name(), given(), image(), scale(), labels(), others);
    }

    /**
     * Reads the training data of a source: all its examples, but without its test and validation sets if it has some.
     * {@link Split#read(String)} reads these too.
     *
     * @param nameOrPath as for {@link Datasets#open(String, Progress)}
     * @return the training data
     * @throws ElboException as there
     */
    public static Dataset read(String nameOrPath) {
        return Datasets.standard().open(nameOrPath, Progress.NONE).train();
    }

    /** {@return the shape of the picture that an example makes, if known} */
    public Optional<ImageShape> image() {
        return Optional.ofNullable(image);
    }

    /** {@return one whole number per example, if there are labels} */
    public Optional<int[]> labels() {
        return Optional.ofNullable(labels);
    }

    /** {@return the names of the features, all different, if they have any} */
    public Optional<List<String>> columns() {
        return table().map(Table::featureNames).or(() -> Optional.ofNullable(names.columns));
    }

    /** {@return the words for the labels 0, 1, …, if they are words} */
    public Optional<List<String>> labelNames() {
        return Optional.ofNullable(names.labels);
    }

    /**
     * Selects examples with their labels; a view.
     *
     * @param subsetName the name in messages
     * @param numbers of the examples, in the order wanted; one may come more than once
     * @return no copy of the values
     * @throws IndexOutOfBoundsException for a number that no example has
     */
    public Dataset subset(String subsetName, int[] numbers) {
        Rows some = given().subset(numbers);
        Optional<int[]> chosen =
                labels().map(all -> Arrays.stream(numbers).map(i -> all[i]).toArray());
        return new Dataset(subsetName, some, image(), scale(), chosen, names);
    }

    /**
     * {@return the first examples, or all if there are fewer; a view}
     *
     * @param count number of examples, at least 1
     */
    public Dataset first(int count) {
        return count >= size() ? this : subset(name(), IntStream.range(0, count).toArray());
    }

    Dataset named(String other) {
        return new Dataset(other, given(), image(), scale(), labels(), names);
    }

    /** Copies with the shape of the picture that each example makes: one of as many values; default: none. */
    public Dataset withImage(ImageShape shape) {
        return new Dataset(name(), given(), Optional.of(shape), scale(), labels(), names);
    }

    /** Copies with labels without names: one whole number for each example, in an array that is kept; default: none. */
    public Dataset withLabels(int... others) {
        return labelled(Optional.of(others));
    }

    Dataset withoutLabels() {
        return labelled(Optional.empty());
    }

    private Dataset labelled(Optional<int[]> others) {
        return new Dataset(
                name(), rows(), image(), scale(), others, new Names(names.columns, null, names.unit, names.table));
    }

    /** Copies with a name for each feature and for each of the labels 0, 1, …, or with none. */
    Dataset withNames(Optional<List<String>> columns, Optional<List<String>> labelNames) {
        Names others = new Names(columns.orElse(null), labelNames.orElse(null), names.unit, names.table);
        return new Dataset(name(), given(), image(), scale(), labels(), others);
    }

    /** Copies with a name for each of the labels 0, 1, …, or with none. */
    Dataset withLabelNames(Optional<List<String>> labelNames) {
        return withNames(Optional.ofNullable(names.columns), labelNames);
    }

    /** Returns names by which columns of other sources are found: of features, or of the columns of a table. */
    Optional<List<String>> sourceNames() {
        return names.table == null ? columns() : names.table.names();
    }

    /**
     * Copies with a name for each feature, which a model that is trained on the data stores.
     *
     * @param columns names, all different
     * @return a view
     * @throws ElboException of kind DATA if there are not as many as features, or a name comes twice; of kind USAGE for a
     *     table, whose columns have names
     */
    public Dataset withColumns(String... columns) {
        if (names.table != null) {
            throw ElboException.usage(name() + ": the columns of a table have names already");
        }
        List<String> all = List.of(columns);
        if (all.size() != features() || all.stream().distinct().count() != all.size()) {
            throw ElboException.data(name() + ": " + all.size() + " names for " + features()
                    + " features; each feature needs a different name: " + all);
        }
        return withNames(Optional.of(all), labelNames());
    }

    /** {@return the map from the original values to these, if they are standardised} */
    public Optional<Standardization> standardization() {
        return Optional.ofNullable(names.unit);
    }

    /**
     * Standardises the values, to float32; a view. Reading it throws an {@link ElboException} of kind DATA if a value
     * is too far from the mean for float32.
     *
     * @param by the map of each feature
     * @return no copy of the values: each is computed whenever it is read
     * @throws IllegalArgumentException if the map has another number of features or changes words or counts of a table, or these
     *     are standardised already
     */
    public Dataset standardized(Standardization by) {
        if (by.features() != features()) {
            throw new IllegalArgumentException(
                    name() + ": has " + features() + " features, the standardization has " + by.features());
        }
        if (names.unit != null) {
            throw new IllegalArgumentException(name() + ": is standardised already");
        }
        table().ifPresent(table -> table.modelled().requireUnits(by.mean(), by.deviation()));
        TableSources fixed = table().map(TableSources::given).orElse(null);
        Names standardized = new Names(names.columns, names.labels, by, fixed);
        Rows rows = new StandardizedRows(name(), rows(), scale(), by, table().isPresent());
        return new Dataset(name(), rows, image(), 1, labels(), standardized);
    }
}
