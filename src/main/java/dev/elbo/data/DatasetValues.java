package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Heap;
import dev.elbo.model.Table;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Optional;

/** The values of a data set: rows, what they are multiplied by, and statistics of all of them. */
abstract class DatasetValues {
    private final String name;
    /** Of a table, cells as they were read, unless they are places of the table already. */
    private final Rows given;

    private final float scale;
    private final TableSources sources;
    /** Found when first needed: what makes a table may grow until then. */
    private Rows rows;

    /** @param sources of the table whose rows these are, null for values of one kind that are all there */
    DatasetValues(String name, Rows rows, float scale, TableSources sources) {
        if (rows.count() == 0) {
            throw ElboException.data(name + ": is empty; at least one example of one feature is needed");
        }
        if (!(scale > 0) || Float.isInfinite(scale) || !rows.isBytes() && scale != 1) {
            throw new IllegalArgumentException(
                    name + ": scale must be finite and above 0 for bytes, and 1 for numbers, not " + scale);
        }
        this.name = name;
        this.given = rows;
        this.scale = scale;
        this.sources = sources;
        this.rows = sources == null ? rows : null;
    }

    /** {@return the name in messages} */
    public String name() {
        return name;
    }

    /** {@return the examples, unscaled} */
    public Rows rows() {
        if (rows == null) {
            rows = sources.places(given);
        }
        return rows;
    }

    /** Returns the rows that {@link #rows} are made of. */
    Rows given() {
        return given;
    }

    /** Returns where the table comes from whose rows these are. */
    Optional<TableSources> sources() {
        return Optional.ofNullable(sources);
    }

    /** {@return number of examples} */
    public int size() {
        return given.count();
    }

    /** {@return values per example} */
    public int features() {
        return rows().features();
    }

    /** {@return whether the values are bytes; otherwise they are float32} */
    public boolean isBytes() {
        return given.isBytes();
    }

    /** {@return the factor of a byte; 1 for float32} */
    public float scale() {
        return scale;
    }

    /** {@return the type of the values in computations: "uint8 × 1/255", or another scale, or "float32"} */
    public String type() {
        return isBytes() ? "uint8 × 1/" + Math.round(1 / scale) : "float32";
    }

    /**
     * {@return the columns of the table whose rows the examples are; NaN is then a missing value} The features are the table's
     * {@link Table#features()} places. Kinds and words of rows that were read are those of all rows that were put together
     * before this or a value is first asked for; rows that join them in a {@link Split} may change both.
     *
     * @throws ElboException of kind DATA if the rows that were read make no table, naming the column
     */
    public Optional<Table> table() {
        return sources().map(TableSources::table);
    }

    /**
     * {@return what was found in the rows of a table that was read}
     *
     * @throws ElboException as {@link #table()}
     */
    public Optional<TableSummary> summary() {
        return sources().flatMap(TableSources::summary);
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
            rows().copy(example, 1, FloatBuffer.wrap(into), offset);
            return;
        }
        byte[] bytes = new byte[features()];
        rows().copy(example, 1, ByteBuffer.wrap(bytes), 0);
        for (int i = 0; i < bytes.length; i++) {
            into[offset + i] = (bytes[i] & 0xff) * scale;
        }
    }

    private Statistics statistics() {
        return sources == null ? new Statistics(rows, scale) : new ObservedStatistics(rows());
    }

    /**
     * {@return the mean of each feature over the examples, scaled, as (features) in float64} Missing values of a table do not
     * count; the mean of none is 0.
     */
    public double[] mean() {
        return mean(Shards.all(1));
    }

    /**
     * {@return the mean of each feature, as {@link #mean()}, from sums over logical shards}
     *
     * @param shards of which these are the rows; the sums of all are added as {@link ShardTree} does
     */
    public double[] mean(Shards shards) {
        return statistics().mean(shards);
    }

    /** {@return the variance of each feature around its mean, over the same examples, scaled, as (features) in float64} */
    public double[] variance() {
        return variance(Shards.all(1));
    }

    /**
     * {@return the variance of each feature, as {@link #variance()}, from sums over logical shards}
     *
     * @param shards as for {@link #mean(Shards)}
     */
    public double[] variance(Shards shards) {
        return statistics().variance(shards);
    }

    /**
     * {@return all values in one array, (examples, features) row-major, scaled; a copy}
     *
     * @throws ElboException of kind DATA if there are more than an array or the heap holds
     */
    public float[] values() {
        float[] all = Heap.array(name, (long) size() * features(), Float.BYTES, float[]::new);
        rows().visit((from, count, values) -> {
            int at = from * features();
            for (int i = 0; i < count * features(); i++) {
                all[at + i] = values[i] * scale;
            }
            return true;
        });
        return all;
    }

    /** {@return whether every value that is there is 0 or 1} */
    public boolean isBinary() {
        return statistics().isBinary();
    }

    /** {@return the smallest and the largest value that are there, scaled} */
    public Dataset.Range range() {
        return statistics().range();
    }

    /**
     * Checks that all values are in [0, 1], as targets of a Bernoulli likelihood must be.
     *
     * @throws ElboException of kind DATA that names row and column, both counted from 0
     */
    public void requireUnitInterval() {
        if (!isBytes() || 255 * scale > 1) {
            statistics().requireUnitInterval(name);
        }
    }

    /**
     * {@return the SHA-256 of shape, scale and values, the same on every machine and for every placement, in lower-case
     * hexadecimal} Name, picture shape and labels do not enter, nor do the bits of missing values.
     */
    public String fingerprint() {
        return statistics().fingerprint();
    }
}
