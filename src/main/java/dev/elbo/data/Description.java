package dev.elbo.data;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A description of a data set, from one pass over it, also if it cannot be trained on. Values are scaled.
 *
 * @param data the data set described
 * @param min the smallest of the finite values; NaN if there are none
 * @param max the largest finite value; NaN if there are none
 * @param mean the mean of the finite values; NaN if there are none
 * @param features the columns
 * @param nan number of values that are NaN: of a table, missing
 * @param infinite number of infinite values
 * @param notFinite the first value that is not finite; of a table, the first that is infinite
 * @param outside the first finite value outside of [0, 1], which a Bernoulli likelihood cannot have as a target
 * @param binary whether every value is 0 or 1; those that a table misses do not count
 * @param whole whether every value is a whole number, likewise
 * @param classes number of examples of each label, if there are labels
 */
public record Description(
        Dataset data,
        double min,
        double max,
        double mean,
        Features features,
        long nan,
        long infinite,
        Optional<Place> notFinite,
        Optional<Place> outside,
        boolean binary,
        boolean whole,
        Optional<Map<Integer, Integer>> classes) {

    /**
     * A value and its place.
     *
     * @param row from 0
     * @param column from 0
     * @param value scaled
     */
    public record Place(int row, int column, double value) {
        @Override
        public String toString() {
            return "row " + row + ", column " + column + " (from 0) is " + Rows.shown(value);
        }
    }

    /**
     * The columns, over their finite values; NaN if a column has none.
     *
     * @param min the smallest value of each
     * @param max the largest value of each
     * @param mean the mean of each
     * @param deviation its population standard deviation
     * @param rounding the largest error of rounding a value to float32; infinite for one beyond its range
     * @param constant number of columns with the same value in all rows
     */
    public record Features(
            double[] min, double[] max, double[] mean, double[] deviation, double[] rounding, int constant) {
        /**
         * {@return the columns that lose more to float32 than a {@link Rounding#MOST small share} of their deviation,
         * from 0}
         */
        public int[] rounded() {
            return IntStream.range(0, mean.length)
                    .filter(i -> Rounding.isLossy(rounding[i], deviation[i]))
                    .toArray();
        }

        /** {@return the constant columns, from 0} */
        public int[] constants() {
            return IntStream.range(0, mean.length).filter(i -> min[i] == max[i]).toArray();
        }
    }

    /**
     * {@return a description from a look at every value}
     *
     * @param data to be described; its values may be NaN or infinite
     */
    public static Description of(Dataset data) {
        return of(data, Shards.all(1));
    }

    /**
     * {@return a description of the rows of all members of a group} Places of values and numbers of examples are those of this
     * member.
     *
     * @param data the rows that are here
     * @param shards of which they are the rows
     */
    public static Description of(Dataset data, Shards shards) {
        Pass pass = new Pass(data);
        data.rows().visitExactly(data.scale(), pass);
        if (!shards.isAll()) {
            pass.join(shards);
        }
        return pass.result();
    }

    /** {@return whether a model can be trained on it at all} */
    public boolean isTrainable() {
        return notFinite.isEmpty();
    }

    /** {@return whether it can be trained on with a Bernoulli likelihood} */
    public boolean isBernoulli() {
        return isTrainable() && outside.isEmpty();
    }

    private static final class Pass implements Rows.Visitor<double[]> {
        private final Dataset data;
        private final int width;
        private final boolean gaps;
        /** The first finite value of each column; sums are of the differences from it, so that little cancels. */
        private final double[] origin;

        private final double[] sum;
        private final double[] squares;
        private final long[] finite;
        private final boolean[] varies;
        private final double[] min;
        private final double[] max;
        private final double[] rounding;
        private long nan;
        private long infinite;
        private Place notFinite;
        private Place outside;
        private boolean binary = true;
        private boolean whole = true;

        Pass(Dataset data) {
            this.data = data;
            this.width = data.features();
            this.gaps = data.table().isPresent();
            this.origin = new double[width];
            this.sum = new double[width];
            this.squares = new double[width];
            this.finite = new long[width];
            this.varies = new boolean[width];
            this.min = ValueRange.filled(width, Double.POSITIVE_INFINITY);
            this.max = ValueRange.filled(width, Double.NEGATIVE_INFINITY);
            this.rounding = new double[width];
        }

        @Override
        public boolean block(int from, int rows, double[] values) {
            for (int row = 0, at = 0; row < rows; row++) {
                for (int column = 0; column < width; column++, at++) {
                    see(from + row, column, values[at]);
                }
            }
            return true;
        }

        private void see(int row, int column, double value) {
            if (gaps && Double.isNaN(value)) {
                nan++;
                return;
            }
            if (!Double.isFinite(value)) {
                nan += Double.isNaN(value) ? 1 : 0;
                infinite += Double.isNaN(value) ? 0 : 1;
                binary = false;
                whole = false;
                notFinite = notFinite == null ? new Place(row, column, value) : notFinite;
                varies[column] = true;
                return;
            }
            if (finite[column]++ == 0) {
                origin[column] = value;
            }
            double difference = value - origin[column];
            sum[column] += difference;
            squares[column] += difference * difference;
            varies[column] |= difference != 0;
            min[column] = Math.min(min[column], value);
            max[column] = Math.max(max[column], value);
            rounding[column] = Math.max(rounding[column], Rounding.error(value));
            binary &= value == 0 || value == 1;
            whole &= value == Math.rint(value);
            if (outside == null && (value < 0 || value > 1)) {
                outside = new Place(row, column, value);
            }
        }

        /** Adds what the other members of a group have seen. */
        void join(Shards shards) {
            double[] counts =
                    IntStream.range(0, width).mapToDouble(i -> finite[i]).toArray();
            double[][] ofMembers = shards.ofMembers(counts);
            double[][] origins = shards.ofMembers(origin);
            for (int i = 0; i < width; i++) {
                int first = 0;
                while (first < origins.length - 1 && ofMembers[first][i] == 0) {
                    first++;
                }
                double moved = origin[i] - origins[first][i];
                squares[i] += 2 * moved * sum[i] + finite[i] * moved * moved;
                sum[i] += finite[i] * moved;
                origin[i] = origins[first][i];
            }
            into(sum, shards.fold(Double::sum, sum));
            into(squares, shards.fold(Double::sum, squares));
            into(min, shards.fold(Math::min, min));
            into(max, shards.fold(Math::max, max));
            into(rounding, shards.fold(Math::max, rounding));
            double[] all = shards.fold(Double::sum, counts);
            for (int i = 0; i < width; i++) {
                finite[i] = (long) all[i];
                varies[i] = max[i] > min[i];
            }
            double[] flags = shards.fold(Math::min, binary ? 1 : 0, whole ? 1 : 0);
            binary = flags[0] == 1;
            whole = flags[1] == 1;
            double[] gaps = shards.fold(Double::sum, nan, infinite);
            nan = (long) gaps[0];
            infinite = (long) gaps[1];
        }

        private static void into(double[] values, double[] from) {
            System.arraycopy(from, 0, values, 0, values.length);
        }

        Description result() {
            double[] mean = new double[width];
            double[] deviation = new double[width];
            double all = 0;
            long count = 0;
            int constant = 0;
            for (int i = 0; i < width; i++) {
                double shift = sum[i] / finite[i];
                mean[i] = origin[i] + shift;
                deviation[i] = Math.sqrt(Math.max(0, squares[i] / finite[i] - shift * shift));
                all += finite[i] == 0 ? 0 : mean[i] * finite[i];
                count += finite[i];
                constant += varies[i] ? 0 : 1;
                min[i] = finite[i] == 0 ? Double.NaN : min[i];
                max[i] = finite[i] == 0 ? Double.NaN : max[i];
            }
            return new Description(
                    data,
                    Arrays.stream(min).filter(Double::isFinite).min().orElse(Double.NaN),
                    Arrays.stream(max).filter(Double::isFinite).max().orElse(Double.NaN),
                    all / count,
                    new Features(min, max, mean, deviation, rounding, constant),
                    nan,
                    infinite,
                    Optional.ofNullable(notFinite),
                    Optional.ofNullable(outside),
                    binary,
                    whole,
                    data.labels().map(Pass::counted));
        }

        private static Map<Integer, Integer> counted(int[] labels) {
            Map<Integer, Integer> counts = new TreeMap<>();
            for (int label : labels) {
                counts.merge(label, 1, Integer::sum);
            }
            return counts;
        }
    }

    /**
     * Counts the values in equal parts of the range from the smallest to the largest; values that are not finite are
     * left out. Takes a pass over the data.
     *
     * @param bins number of parts, at least 1
     * @return one count a part, the part of the smallest values first
     */
    public long[] histogram(int bins) {
        long[] counts = new long[bins];
        double width = max - min;
        data.rows().visitExactly(data.scale(), (from, rows, values) -> {
            for (int i = 0; i < rows * data.features(); i++) {
                double value = values[i];
                if (Double.isFinite(value)) {
                    counts[width == 0 ? 0 : (int) Math.min(bins - 1, (value - min) / width * bins)]++;
                }
            }
            return true;
        });
        return counts;
    }
}
