package dev.elbo.data;

/** Statistics of the rows of a table, whose means are over the values that are there. */
final class ObservedStatistics extends Statistics {
    ObservedStatistics(Rows rows) {
        super(rows, 1);
    }

    @Override
    double[] mean() {
        return moments().mean;
    }

    /** The mean of each feature, and the number of values it is of. */
    private record Moments(double[] mean, long[] count) {}

    private Moments moments() {
        int features = rows.features();
        double[] origin = new double[features];
        double[] sum = new double[features];
        long[] count = new long[features];
        rows.visitExactly(1, (from, some, values) -> {
            for (int row = 0, at = 0; row < some; row++) {
                for (int i = 0; i < features; i++, at++) {
                    double value = values[at];
                    if (Double.isNaN(value)) {
                        continue;
                    }
                    if (count[i]++ == 0) {
                        origin[i] = value;
                    }
                    // of differences from the first value, so that little cancels
                    sum[i] += value - origin[i];
                }
            }
            return true;
        });
        for (int i = 0; i < features; i++) {
            sum[i] = count[i] == 0 ? 0 : origin[i] + sum[i] / count[i];
        }
        return new Moments(sum, count);
    }

    @Override
    double[] variance() {
        int features = rows.features();
        Moments moments = moments();
        double[] variance = new double[features];
        rows.visitExactly(1, (from, some, values) -> {
            for (int at = 0; at < some * features; at++) {
                double difference = values[at] - moments.mean[at % features];
                variance[at % features] += Double.isNaN(difference) ? 0 : difference * difference;
            }
            return true;
        });
        for (int i = 0; i < features; i++) {
            variance[i] /= Math.max(1, moments.count[i]);
        }
        return variance;
    }
}
