package dev.elbo.data;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a data set holds, seen in one pass over it, also where it could not be trained on. Values are scaled.
 *
 * @param data that were looked at
 * @param min the smallest of the finite values; NaN where there are none
 * @param max the largest of them, likewise
 * @param mean of all of them, likewise
 * @param features what is in each column
 * @param nan how many values are NaN
 * @param infinite how many are infinite
 * @param notFinite the first value that is not finite
 * @param outside the first finite value outside of [0, 1], which a Bernoulli likelihood cannot have as a target
 * @param binary whether every value is 0 or 1
 * @param classes how many examples each label has, where there are labels
 */
public record Description(
        Dataset data,
        float min,
        float max,
        double mean,
        Features features,
        long nan,
        long infinite,
        Optional<Place> notFinite,
        Optional<Place> outside,
        boolean binary,
        Optional<Map<Integer, Integer>> classes) {

    /**
     * One value and where it is.
     *
     * @param row from 0
     * @param column from 0
     * @param value scaled
     */
    public record Place(int row, int column, float value) {
        @Override
        public String toString() {
            return "row " + row + ", column " + column + " (from 0) is " + value;
        }
    }

    /**
     * The columns, over their finite values.
     *
     * @param mean of each, NaN where it has none
     * @param deviation its population standard deviation
     * @param constant how many columns have one and the same value everywhere
     */
    public record Features(double[] mean, double[] deviation, int constant) {}

    /**
     * Looks at every value.
     *
     * @param data to be described; its values may be NaN or infinite
     * @return what was seen
     */
    public static Description of(Dataset data) {
        Pass pass = new Pass(data);
        data.rows().visit(pass);
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

    private static final class Pass implements Rows.Visitor {
        private final Dataset data;
        private final int width;
        /** The first finite value of each column; sums are of the differences from it, so that little cancels. */
        private final float[] origin;

        private final double[] sum;
        private final double[] squares;
        private final long[] finite;
        private final boolean[] varies;
        private float min = Float.POSITIVE_INFINITY;
        private float max = Float.NEGATIVE_INFINITY;
        private long nan;
        private long infinite;
        private Place notFinite;
        private Place outside;
        private boolean binary = true;

        Pass(Dataset data) {
            this.data = data;
            this.width = data.features();
            this.origin = new float[width];
            this.sum = new double[width];
            this.squares = new double[width];
            this.finite = new long[width];
            this.varies = new boolean[width];
        }

        @Override
        public boolean block(int from, int rows, float[] values) {
            for (int row = 0, at = 0; row < rows; row++) {
                for (int column = 0; column < width; column++) {
                    see(from + row, column, values[at++] * data.scale());
                }
            }
            return true;
        }

        private void see(int row, int column, float value) {
            if (!Float.isFinite(value)) {
                nan += Float.isNaN(value) ? 1 : 0;
                infinite += Float.isNaN(value) ? 0 : 1;
                binary = false;
                notFinite = notFinite == null ? new Place(row, column, value) : notFinite;
                varies[column] = true;
                return;
            }
            if (finite[column]++ == 0) {
                origin[column] = value;
            }
            double difference = (double) value - origin[column];
            sum[column] += difference;
            squares[column] += difference * difference;
            varies[column] |= difference != 0;
            min = Math.min(min, value);
            max = Math.max(max, value);
            binary &= value == 0 || value == 1;
            if (outside == null && (value < 0 || value > 1)) {
                outside = new Place(row, column, value);
            }
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
            }
            return new Description(
                    data,
                    count == 0 ? Float.NaN : min,
                    count == 0 ? Float.NaN : max,
                    all / count,
                    new Features(mean, deviation, constant),
                    nan,
                    infinite,
                    Optional.ofNullable(notFinite),
                    Optional.ofNullable(outside),
                    binary,
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
     * How often values lie in each of equal parts of the range from the smallest to the largest; values that are not finite
     * are left out. Takes a pass over the data.
     *
     * @param bins how many parts, at least 1
     * @return one count a part, the part of the smallest values first
     */
    public long[] histogram(int bins) {
        long[] counts = new long[bins];
        double width = (double) max - min;
        data.rows().visit((from, rows, values) -> {
            for (int i = 0; i < rows * data.features(); i++) {
                float value = values[i] * data.scale();
                if (Float.isFinite(value)) {
                    counts[width == 0 ? 0 : (int) Math.min(bins - 1, ((double) value - min) / width * bins)]++;
                }
            }
            return true;
        });
        return counts;
    }
}
