package dev.elbo.data;

/** Statistics of the rows of a table, whose means are over the values that are there. */
final class ObservedStatistics extends Statistics {
    ObservedStatistics(Rows rows) {
        super(rows, 1);
    }

    @Override
    double[] mean(int shards) {
        return moments(shards).mean;
    }

    /** The mean of each feature, and the number of values it is of. */
    private record Moments(double[] mean, long[] count) {}

    private Moments moments(int shards) {
        int features = rows.features();
        double[] origin = new double[features];
        double[] sums = new double[shards * features];
        long[] count = new long[features];
        rows.visitExactly(1, (from, some, values) -> {
            for (int row = 0, at = 0; row < some; row++) {
                int shard = (from + row) % shards * features;
                for (int i = 0; i < features; i++, at++) {
                    double value = values[at];
                    if (Double.isNaN(value)) {
                        continue;
                    }
                    if (count[i]++ == 0) {
                        origin[i] = value;
                    }
                    // of differences from the first value, so that little cancels
                    sums[shard + i] += value - origin[i];
                }
            }
            return true;
        });
        double[] mean = total(sums, shards);
        for (int i = 0; i < features; i++) {
            mean[i] = count[i] == 0 ? 0 : origin[i] + mean[i] / count[i];
        }
        return new Moments(mean, count);
    }

    @Override
    double[] variance(int shards) {
        int features = rows.features();
        Moments moments = moments(shards);
        double[] squares = new double[shards * features];
        rows.visitExactly(1, (from, some, values) -> {
            for (int row = 0, at = 0; row < some; row++) {
                int shard = (from + row) % shards * features;
                for (int i = 0; i < features; i++) {
                    double difference = values[at++] - moments.mean[i];
                    squares[shard + i] += Double.isNaN(difference) ? 0 : difference * difference;
                }
            }
            return true;
        });
        double[] variance = total(squares, shards);
        for (int i = 0; i < features; i++) {
            variance[i] /= Math.max(1, moments.count[i]);
        }
        return variance;
    }
}
