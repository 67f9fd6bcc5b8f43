package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Decimals;
import dev.elbo.model.JsonFields;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An affine map of each feature, {@code y = (x − mean) / deviation}, that gives training data mean 0 and variance 1. It
 * belongs to the model that was trained on such values: what goes in is mapped, what comes out in the space of the data is
 * mapped back, and densities of x are those of y divided by the deviations.
 */
public final class Standardization {
    /** Key of {@link #toJson()} in a model's metadata. */
    public static final String KEY = "elbo.standardization";

    private final double[] mean;
    private final double[] deviation;
    private final double[] logDeviation;

    private Standardization(double[] mean, double[] deviation) {
        this.mean = mean;
        this.deviation = deviation;
        this.logDeviation = Arrays.stream(deviation).map(StrictMath::log).toArray();
    }

    /**
     * Computes a map of each feature by its own mean and standard deviation (that of the examples, divided by their
     * number). A feature that has one value only keeps its unit: deviation 1. Of a table the Gaussian columns are mapped, by
     * the values that are there; all others stay as they are.
     *
     * @param training the examples that it is taken from, in three passes over them
     * @return a map of as many features
     */
    public static Standardization perFeature(Dataset training) {
        return perFeature(training, Shards.all(1));
    }

    /**
     * Computes the map of {@link #perFeature(Dataset)} from sums over logical shards.
     *
     * @param training the examples that it is taken from, in three passes over them
     * @param shards of the run that trains on them, see {@link Dataset#mean(Shards)}
     * @return a map of as many features
     */
    public static Standardization perFeature(Dataset training, Shards shards) {
        double[] mean = training.mean(shards);
        double[] deviation = deviations(training.variance(shards));
        boolean[] constant = constant(training, shards);
        for (int i = 0; i < deviation.length; i++) {
            deviation[i] = constant[i] ? 1 : deviation[i];
        }
        training.table().ifPresent(table -> {
            boolean[] gaussian = Places.gaussian(table);
            for (int i = 0; i < gaussian.length; i++) {
                mean[i] = gaussian[i] ? mean[i] : 0;
                deviation[i] = gaussian[i] ? deviation[i] : 1;
            }
        });
        return new Standardization(mean, deviation);
    }

    /**
     * Computes a map of all features by the mean and standard deviation of all values, as is usual for pictures.
     *
     * @param training the examples that it is taken from, in three passes over them
     * @return a map of as many features, the same for each
     * @throws ElboException of kind USAGE for a table, each column of which has a unit of its own
     */
    public static Standardization shared(Dataset training) {
        return shared(training, Shards.all(1));
    }

    /**
     * Computes the map of {@link #shared(Dataset)} from sums over logical shards.
     *
     * @param training the examples that it is taken from, in three passes over them
     * @param shards of the run that trains on them, see {@link Dataset#mean(Shards)}
     * @return a map of as many features, the same for each
     * @throws ElboException of kind USAGE for a table, each column of which has a unit of its own
     */
    public static Standardization shared(Dataset training, Shards shards) {
        if (training.table().isPresent()) {
            throw ElboException.usage(
                    training.name() + ": each column of a table has a unit of its own; standardize each"
                            + " (Standardization.perFeature)");
        }
        int features = training.features();
        double[] means = training.mean(shards);
        double mean = Arrays.stream(means).sum() / features;
        double[] variances = training.variance(shards);
        double variance = 0;
        boolean constant = true;
        boolean[] constants = constant(training, shards);
        double[] first = new double[features];
        training.rows().copyDoubles(0, 1, first, 0);
        for (int i = 0; i < features; i++) {
            variance += (variances[i] + (means[i] - mean) * (means[i] - mean)) / features;
            constant &= constants[i] && first[i] == first[0];
        }
        double deviation = constant ? 1 : deviations(new double[] {variance})[0];
        return new Standardization(ValueRange.filled(features, mean), ValueRange.filled(features, deviation));
    }

    /** Returns square roots, with 1 in place of 0, which a tiny variance can round to. */
    private static double[] deviations(double[] variance) {
        return Arrays.stream(variance).map(v -> v > 0 ? Math.sqrt(v) : 1).toArray();
    }

    /** Finds the features of one value, or none, which rounding of the mean may give a variance above 0. */
    private static boolean[] constant(Dataset data, Shards shards) {
        int features = data.features();
        double[] first = ValueRange.filled(features, Double.NaN);
        boolean[] constant = new boolean[features];
        Arrays.fill(constant, true);
        data.rows().visitExactly(1, (from, rows, values) -> {
            for (int at = 0; at < rows * features; at++) {
                int i = at % features;
                if (Double.isNaN(first[i])) {
                    first[i] = values[at];
                }
                constant[i] &= values[at] == first[i] || Double.isNaN(values[at]);
            }
            return true;
        });
        // of a member without a value nothing is known
        double[] one = shards.fold((a, b) -> Double.isNaN(a) ? b : a, first);
        double[] varying = new double[features];
        Arrays.setAll(varying, i -> constant[i] && (Double.isNaN(first[i]) || first[i] == one[i]) ? 0 : 1);
        double[] anywhere = shards.fold(Math::max, varying);
        for (int i = 0; i < features; i++) {
            constant[i] = anywhere[i] == 0;
        }
        return constant;
    }

    /** {@return values per example} */
    public int features() {
        return mean.length;
    }

    /** {@return the mean of each feature, as (features); a copy} */
    public double[] mean() {
        return mean.clone();
    }

    /** {@return the deviation of each feature, above 0, as (features); a copy} */
    public double[] deviation() {
        return deviation.clone();
    }

    /** A feature's standardised value; NaN stays NaN. */
    float apply(int feature, double value) {
        return (float) ((value - mean[feature]) / deviation[feature]);
    }

    /** The value that a feature had before {@link #apply(int, double)}. */
    double invert(int feature, double standardized) {
        return mean[feature] + deviation[feature] * standardized;
    }

    /**
     * Standardises rows of all features, in place; values too far from the mean for float32 become infinite.
     *
     * @param rows (examples, features) row-major, changed
     * @throws IllegalArgumentException if they are not whole rows
     */
    public void apply(float[] rows) {
        requireWhole(rows.length);
        for (int at = 0; at < rows.length; at++) {
            rows[at] = apply(at % mean.length, rows[at]);
        }
    }

    private void requireWhole(int values) {
        if (values % mean.length != 0) {
            throw new IllegalArgumentException(values + " values do not divide into rows of " + mean.length);
        }
    }

    /**
     * Standardises rows of all features in float64, and rounds once; values too far from the mean for float32 become
     * infinite.
     *
     * @param rows (examples, features) row-major
     * @return as many values
     * @throws IllegalArgumentException if they are not whole rows
     */
    public float[] applied(double[] rows) {
        requireWhole(rows.length);
        float[] applied = new float[rows.length];
        for (int at = 0; at < rows.length; at++) {
            applied[at] = apply(at % mean.length, rows[at]);
        }
        return applied;
    }

    /**
     * Gives standardised values, rows of all features, their own unit again, in float64.
     *
     * @param rows (examples, features) row-major
     * @return as many values
     * @throws IllegalArgumentException if they are not whole rows
     */
    public double[] undone(float[] rows) {
        requireWhole(rows.length);
        double[] undone = new double[rows.length];
        Arrays.setAll(undone, at -> invert(at % mean.length, rows[at]));
        return undone;
    }

    /**
     * Inverts as {@link #undone} does, rounded to float32 and in place.
     *
     * @param rows (examples, features) row-major, changed
     * @throws IllegalArgumentException if they are not whole rows
     */
    public void invert(float[] rows) {
        requireWhole(rows.length);
        for (int at = 0; at < rows.length; at++) {
            rows[at] = (float) invert(at % mean.length, rows[at]);
        }
    }

    /**
     * {@return whether float32 holds values in their own unit} It does not where its spacing at the values of a feature is no
     * small part, {@link Rounding#MOST}, of that feature's deviation.
     */
    public boolean fitsFloat() {
        return IntStream.range(0, mean.length)
                .noneMatch(i -> Rounding.isLossy(Rounding.spacing(Math.abs(mean[i]) + deviation[i]) / 2, deviation[i]));
    }

    /** {@return the sum of the deviations' logarithms, in nats: {@code log p(x) = log p(y) − logDeviation()}} */
    public double logDeviation() {
        double sum = 0;
        for (double value : logDeviation) {
            sum += value;
        }
        return sum;
    }

    /**
     * {@return as {@link #logDeviation()}, of the values of an example that are there}
     *
     * @param rows (examples, features) row-major; NaN is a missing value
     * @param at place of the example's first value
     */
    public double logDeviation(float[] rows, int at) {
        double sum = 0;
        for (int i = 0; i < logDeviation.length; i++) {
            sum += Float.isNaN(rows[at + i]) ? 0 : logDeviation[i];
        }
        return sum;
    }

    /** {@return one JSON object with all numbers, exact, and the same text from every JDK; one number where all are the same} */
    public String toJson() {
        return "{\"mean\":" + list(mean) + ",\"deviation\":" + list(deviation) + "}";
    }

    static String list(double[] values) {
        boolean same = Arrays.stream(values).allMatch(value -> Double.compare(value, values[0]) == 0);
        return Arrays.stream(values)
                .limit(same ? 1 : values.length)
                .mapToObj(Decimals::text)
                .collect(Collectors.joining(",", "[", "]"));
    }

    /**
     * The inverse of {@link #toJson()}.
     *
     * @param json an object that {@link #toJson()} returned
     * @param features that it must have
     * @return the same map
     * @throws IllegalArgumentException if a field is missing, unknown or invalid, naming it
     */
    public static Standardization fromJson(String json, int features) {
        JsonFields fields = new JsonFields(json);
        double[] mean = numbers(fields, "mean", features);
        double[] deviation = numbers(fields, "deviation", features);
        fields.end();
        for (double value : deviation) {
            if (!(value > 0)) {
                throw new IllegalArgumentException("field 'deviation' must be above 0, not " + value);
            }
        }
        return new Standardization(mean, deviation);
    }

    static double[] numbers(JsonFields fields, String name, int features) {
        List<Double> numbers = fields.numbers(name);
        if (numbers.size() == 1) {
            return ValueRange.filled(features, numbers.get(0));
        }
        if (numbers.size() != features) {
            throw new IllegalArgumentException(
                    "field '" + name + "' has " + numbers.size() + " numbers for " + features + " features");
        }
        return numbers.stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Standardization that
                && Arrays.equals(mean, that.mean)
                && Arrays.equals(deviation, that.deviation);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(mean) ^ Arrays.hashCode(deviation);
    }

    @Override
    public String toString() {
        return toJson();
    }
}
