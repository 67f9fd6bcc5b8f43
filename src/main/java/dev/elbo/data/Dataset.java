package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Heap;
import dev.elbo.io.ImageShape;
import dev.elbo.model.Table;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Examples of equal size, all finite: {@link Rows} with a name, and with labels and the shape of a picture where they
 * have them. The values are either bytes, each standing for its unsigned value times {@link #scale()}, or numbers with
 * scale 1: float32, or float64 that is given as float32 to computations, while statistics and {@link #standardized} see
 * all of its digits. Arrays are kept and handed out without copies: treat them as read-only.
 */
public final class Dataset {
    private final String name;
    private final Rows rows;
    private final ImageShape image;
    private final float scale;
    private final int[] labels;
    private final Names names;

    /** Names of features and labels, null if they have none; and the map of standardised values, else null. */
    private record Names(List<String> columns, List<String> labels, Standardization unit, Table table) {
        private static final Names NONE = new Names(null, null, null, null);
    }

    private Dataset(
            String name, Rows rows, Optional<ImageShape> image, float scale, Optional<int[]> labels, Names names) {
        if (rows.count() == 0) {
            throw ElboException.data(name + ": is empty; at least one example of one feature is needed");
        }
        if (image.isPresent() && image.get().features() != rows.features()) {
            throw new IllegalArgumentException(
                    name + ": pictures of " + image.get() + " do not have " + rows.features() + " features");
        }
        if (!(scale > 0) || Float.isInfinite(scale) || !rows.isBytes() && scale != 1) {
            throw new IllegalArgumentException(
                    name + ": scale must be finite and above 0 for bytes, and 1 for numbers, not " + scale);
        }
        this.name = name;
        this.rows = rows;
        this.image = image.orElse(null);
        this.scale = scale;
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
        if (features < 1 || values.length % features != 0) {
            throw ElboException.data(name + ": " + values.length + " values do not divide into rows of " + features
                    + (features < 1
                            ? ""
                            : ": row " + values.length / features + " (from 0) has " + values.length % features));
        }
        return of(name, Rows.ofFloats(values, features), Optional.empty(), 1, Optional.empty());
    }

    /**
     * Creates a data set of the rows of a table.
     *
     * @param name the name in messages
     * @param table the columns
     * @param values (examples, places of the table) row-major, NaN where a value is missing, of a categorical column in all of its
     *     places; kept, not copied
     * @return the data
     * @throws ElboException of kind DATA if there are no examples, the last one is not whole, or a value is infinite or none of
     *     its column, naming row and column
     */
    public static Dataset of(String name, Table table, float[] values) {
        Dataset data = unchecked(name, Rows.ofFloats(values, table.features()), Optional.empty(), 1, Optional.empty());
        return data.withTable(table);
    }

    Dataset withTable(Table table) {
        Names others = new Names(table.featureNames(), names.labels, names.unit, table);
        return new Dataset(name, rows, image(), scale, labels(), others);
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

    /** {@return the name in messages} */
    public String name() {
        return name;
    }

    /** {@return the examples, unscaled} */
    public Rows rows() {
        return rows;
    }

    /** {@return number of examples} */
    public int size() {
        return rows.count();
    }

    /** {@return values per example} */
    public int features() {
        return rows.features();
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
        return Optional.ofNullable(names.columns);
    }

    /** {@return the words for the labels 0, 1, …, if they are words} */
    public Optional<List<String>> labelNames() {
        return Optional.ofNullable(names.labels);
    }

    /** {@return whether the values are bytes; otherwise they are float32} */
    public boolean isBytes() {
        return rows.isBytes();
    }

    /** {@return the factor of a byte; 1 for float32} */
    public float scale() {
        return scale;
    }

    /**
     * {@return one example as (features), scaled; a copy}
     *
     * @param example its number, from 0
     */
    public float[] row(int example) {
        float[] row = new float[features()];
        row(example, row, 0);
        return row;
    }

    /**
     * Copies one example, scaled.
     *
     * @param example its number, from 0
     * @param into takes as many values as there are features
     * @param offset place of the first of them in {@code into}
     */
    public void row(int example, float[] into, int offset) {
        if (!isBytes()) {
            rows.copy(example, 1, FloatBuffer.wrap(into), offset);
            return;
        }
        byte[] bytes = new byte[features()];
        rows.copy(example, 1, ByteBuffer.wrap(bytes), 0);
        for (int i = 0; i < bytes.length; i++) {
            into[offset + i] = (bytes[i] & 0xff) * scale;
        }
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
        Rows some = rows.subset(numbers);
        Optional<int[]> chosen =
                labels().map(all -> Arrays.stream(numbers).map(i -> all[i]).toArray());
        return new Dataset(subsetName, some, image(), scale, chosen, names);
    }

    /**
     * {@return the first examples, or all if there are fewer; a view}
     *
     * @param count number of examples, at least 1
     */
    public Dataset first(int count) {
        return count >= size() ? this : subset(name, IntStream.range(0, count).toArray());
    }

    /** {@return the type of the values in computations: "uint8 × 1/255", or another scale, or "float32"} */
    public String type() {
        return isBytes() ? "uint8 × 1/" + Math.round(1 / scale) : "float32";
    }

    Dataset named(String other) {
        return new Dataset(other, rows, image(), scale, labels(), names);
    }

    /** Copies with the shape of the picture that each example makes: one of as many values; default: none. */
    public Dataset withImage(ImageShape shape) {
        return new Dataset(name, rows, Optional.of(shape), scale, labels(), names);
    }

    /** Copies with labels without names: one whole number for each example, in an array that is kept; default: none. */
    public Dataset withLabels(int... others) {
        return labelled(Optional.of(others));
    }

    Dataset withoutLabels() {
        return labelled(Optional.empty());
    }

    private Dataset labelled(Optional<int[]> others) {
        return new Dataset(name, rows, image(), scale, others, new Names(names.columns, null, names.unit, names.table));
    }

    /** Copies with a name for each feature and for each of the labels 0, 1, …, or with none. */
    Dataset withNames(Optional<List<String>> columns, Optional<List<String>> labelNames) {
        Names others = new Names(columns.orElse(null), labelNames.orElse(null), names.unit, names.table);
        return new Dataset(name, rows, image(), scale, labels(), others);
    }

    /**
     * Copies with a name for each feature, which a model that is trained on the data stores.
     *
     * @param columns names, all different
     * @return a view
     * @throws ElboException of kind DATA if there are not as many as features, or a name comes twice
     */
    public Dataset withColumns(String... columns) {
        List<String> all = List.of(columns);
        if (all.size() != features() || all.stream().distinct().count() != all.size()) {
            throw ElboException.data(name + ": " + all.size() + " names for " + features()
                    + " features; each feature needs a different name: " + all);
        }
        return withNames(Optional.of(all), labelNames());
    }

    /**
     * {@return the columns of the table whose rows the examples are; NaN is then a missing value} The features are the table's
     * {@link Table#features()} places.
     */
    public Optional<Table> table() {
        return Optional.ofNullable(names.table);
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
     * @throws IllegalArgumentException if the map has another number of features, or these are standardised already
     */
    public Dataset standardized(Standardization by) {
        if (by.features() != features()) {
            throw new IllegalArgumentException(
                    name + ": has " + features() + " features, the standardization has " + by.features());
        }
        if (names.unit != null) {
            throw new IllegalArgumentException(name + ": is standardised already");
        }
        Names standardized = new Names(names.columns, names.labels, by, names.table);
        return new Dataset(name, new StandardizedRows(name, rows, scale, by), image(), 1, labels(), standardized);
    }

    /** {@return the mean of each feature over the examples, scaled, as (features) in float64} */
    public double[] mean() {
        return new Statistics(rows, scale).mean();
    }

    /** {@return the variance of each feature around its mean, scaled, as (features) in float64} */
    public double[] variance() {
        return new Statistics(rows, scale).variance();
    }

    /**
     * {@return all values in one array, (examples, features) row-major, scaled; a copy}
     *
     * @throws ElboException of kind DATA if there are more than an array or the heap holds
     */
    public float[] values() {
        float[] all = Heap.array(name, (long) size() * features(), Float.BYTES, float[]::new);
        rows.visit((from, count, values) -> {
            int at = from * features();
            for (int i = 0; i < count * features(); i++) {
                all[at + i] = values[i] * scale;
            }
            return true;
        });
        return all;
    }

    /** {@return whether every value is 0 or 1} */
    public boolean isBinary() {
        return new Statistics(rows, scale).isBinary();
    }

    /**
     * Returns the smallest and the largest value, scaled.
     *
     * @param min the smallest
     * @param max the largest
     */
    public record Range(double min, double max) {}

    /** {@return the smallest and the largest value, scaled} */
    public Range range() {
        return new Statistics(rows, scale).range();
    }

    /**
     * Checks that all values are in [0, 1], as targets of a Bernoulli likelihood must be.
     *
     * @throws ElboException of kind DATA that names row and column, both counted from 0
     */
    public void requireUnitInterval() {
        if (isBytes() && 255 * scale <= 1) {
            return;
        }
        rows.visitExactly(scale, (from, count, values) -> {
            for (int i = 0; i < count * features(); i++) {
                float value = (float) values[i];
                if (!(value >= 0 && value <= 1)) {
                    throw ElboException.data(name + ": row " + (from + i / features()) + ", column " + i % features()
                            + " (from 0) is " + value + "; the Bernoulli likelihood needs values in [0, 1]: rescale the"
                            + " data or take a Gaussian likelihood");
                }
            }
            return true;
        });
    }

    /**
     * {@return the SHA-256 of shape, scale and values, the same on every machine and for every placement, in lower-case
     * hexadecimal} Name, picture shape and labels do not enter.
     */
    public String fingerprint() {
        return new Statistics(rows, scale).fingerprint();
    }
}
