package dev.elbo.data;

import dev.elbo.io.Text;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.JsonFields;
import dev.elbo.model.Table;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * The values that a model was trained on, in the unit that they were given in: one range for all features of pictures
 * and of bytes, otherwise one for each. Values of other data that lie farther outside than a range is wide are hardly
 * the same quantity in the same unit. The range of a constant feature counts as wide as all features together.
 */
public final class ValueRange {
    /** Key of {@link #toJson()} in a model's metadata. */
    public static final String KEY = "elbo.range";

    private final double[] min;
    private final double[] max;
    private final double[] widths;

    private ValueRange(double[] min, double[] max) {
        this.min = min;
        this.max = max;
        double all = most() - least();
        this.widths = new double[min.length];
        Arrays.setAll(widths, i -> max[i] > min[i] ? max[i] - min[i] : all);
    }

    /**
     * {@return the range of bytes, which needs no look at them: from 0 to what 255 stands for}
     *
     * @param training whose values are bytes
     */
    public static ValueRange ofBytes(Dataset training) {
        return new ValueRange(new double[training.features()], filled(training.features(), 255 * training.scale()));
    }

    /**
     * {@return the range of data, in their own unit}
     *
     * @param training finite, in their own unit or standardised
     */
    public static ValueRange of(Description training) {
        Dataset data = training.data();
        if (data.isBytes()) {
            return ofBytes(data);
        }
        double[] min = given(data, training.features().min());
        double[] max = given(data, training.features().max());
        data.table().ifPresent(table -> openPlaces(table, min, max));
        ValueRange each = new ValueRange(min, max);
        return data.image().isPresent() ? each.whole() : each;
    }

    /** Words are 0 or 1 wherever they are known; of a column without a value nothing is known. */
    private static void openPlaces(Table table, double[] min, double[] max) {
        List<ColumnKind> kinds = table.modelled().kinds();
        for (int i = 0; i < kinds.size(); i++) {
            boolean words = kinds.get(i) == ColumnKind.BERNOULLI || kinds.get(i) == ColumnKind.CATEGORICAL;
            if (words || Double.isNaN(min[i])) {
                min[i] = words ? 0 : -Float.MAX_VALUE;
                max[i] = words ? 1 : Float.MAX_VALUE;
            }
        }
    }

    /** A value of each feature as it was given. */
    private static double[] given(Dataset data, double[] values) {
        double[] given = values.clone();
        data.standardization().ifPresent(unit -> Arrays.setAll(given, i -> unit.invert(i, values[i])));
        return given;
    }

    /** {@return one range for all features, from the smallest value of any to the largest} */
    public ValueRange whole() {
        return new ValueRange(filled(min.length, least()), filled(max.length, most()));
    }

    static double[] filled(int features, double value) {
        return DoubleStream.generate(() -> value).limit(features).toArray();
    }

    private double least() {
        return Arrays.stream(min).min().orElseThrow();
    }

    private double most() {
        return Arrays.stream(max).max().orElseThrow();
    }

    /**
     * Looks for values that are farther outside than the range is wide.
     *
     * @param data as the model takes them, standardised or not
     * @return one line on the first of them and how many there are; empty if there are none
     */
    public Optional<String> outside(Dataset data) {
        int features = data.features();
        Standardization unit = data.standardization().orElse(null);
        long[] count = {0};
        String[] first = {null};
        data.rows().visitExactly(data.scale(), (from, rows, values) -> {
            for (int i = 0; i < rows * features; i++) {
                int j = i % features;
                double value = unit == null ? values[i] : unit.invert(j, values[i]);
                if (isOutside(value, j) && count[0]++ == 0) {
                    first[0] = told(data.name(), from + i / features, DataNotes.column(data, j), j, value);
                }
            }
            return true;
        });
        return Optional.ofNullable(first[0])
                .map(told -> told
                        + Text.format(
                                "; %,d of %,d values are as far outside: check that they are in the unit of the training data",
                                count[0], (long) data.size() * features));
    }

    private boolean isOutside(double value, int feature) {
        return value > max[feature] + widths[feature] || value < min[feature] - widths[feature];
    }

    private String told(String source, long row, String column, int feature, double value) {
        return source + ": row " + row + ", " + column + " is " + Rows.shown(value)
                + ", far outside of what the model was trained on, " + bound(min[feature]) + " to "
                + bound(max[feature]);
    }

    /**
     * Looks as {@link #outside(Dataset)} does, at rows in their own unit.
     *
     * @param source of the values, for the message
     * @param rows (examples, features) row-major
     * @param count examples that are looked at, the first ones
     * @param firstRow number of the first row, for the line
     * @return one line on the first of them; empty if there are none
     */
    public Optional<String> outside(String source, float[] rows, int count, long firstRow) {
        for (int i = 0; i < count * min.length; i++) {
            int j = i % min.length;
            if (isOutside(rows[i], j)) {
                String told = told(source, firstRow + i / min.length, "column " + j + " (from 0)", j, rows[i]);
                return Optional.of(told + "; check that it is in the unit of the training data");
            }
        }
        return Optional.empty();
    }

    /** Rounds to 8 digits: an inverted standardisation is not exact. */
    private static String bound(double value) {
        return new BigDecimal(value)
                .round(new MathContext(8))
                .stripTrailingZeros()
                .toPlainString();
    }

    /** {@return one JSON object with all numbers, exact; one number where all are the same} */
    public String toJson() {
        return "{\"min\":" + Standardization.list(min) + ",\"max\":" + Standardization.list(max) + "}";
    }

    /**
     * The inverse of {@link #toJson()}.
     *
     * @param json an object that {@link #toJson()} returned
     * @param features that it must have
     * @return the same range
     * @throws IllegalArgumentException if a field is missing, unknown or invalid, naming it
     */
    public static ValueRange fromJson(String json, int features) {
        JsonFields fields = new JsonFields(json);
        double[] min = Standardization.numbers(fields, "min", features);
        double[] max = Standardization.numbers(fields, "max", features);
        fields.end();
        for (int i = 0; i < features; i++) {
            if (min[i] > max[i]) {
                throw new IllegalArgumentException(
                        "field 'min' must not be above 'max', as " + min[i] + " and " + max[i]);
            }
        }
        return new ValueRange(min, max);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ValueRange that && Arrays.equals(min, that.min) && Arrays.equals(max, that.max);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(min) ^ Arrays.hashCode(max);
    }

    @Override
    public String toString() {
        return toJson();
    }
}
