package dev.elbo.data;

/** Statistics of the rows of a table, whose means are over the values that are there. */
final class ObservedStatistics extends Statistics {
    ObservedStatistics(Rows rows) {
        super(rows, 1);
    }

    @Override
    double[] mean(Shards shards) {
        return moments(shards).mean;
    }

    /** The mean of each feature, and the number of values it is of. */
    private record Moments(double[] mean, double[] count) {}

    private Moments moments(Shards shards) {
        int features = rows.features();
        int width = shards.width();
        double[] origin = origin(shards);
        double[] sums = new double[width * features];
        double[] own = new double[features];
        rows.visitExactly(1, (from, some, values) -> {
            for (int row = 0, at = 0; row < some; row++) {
                int shard = (from + row) % width * features;
                for (int i = 0; i < features; i++, at++) {
                    double value = values[at];
                    if (Double.isNaN(value)) {
                        continue;
                    }
                    own[i]++;
                    // of differences from the first value, so that little cancels
                    sums[shard + i] += value - origin[i];
                }
            }
            return true;
        });
        double[] count = shards.fold(Double::sum, own);
        double[] mean = shards.total(sums);
        for (int i = 0; i < features; i++) {
            mean[i] = count[i] == 0 ? 0 : origin[i] + mean[i] / count[i];
        }
        return new Moments(mean, count);
    }

    @Override
    double[] variance(Shards shards) {
        int features = rows.features();
        Moments moments = moments(shards);
        int width = shards.width();
        double[] squares = new double[width * features];
        rows.visitExactly(1, (from, some, values) -> {
            for (int row = 0, at = 0; row < some; row++) {
                int shard = (from + row) % width * features;
                for (int i = 0; i < features; i++) {
                    double difference = values[at++] - moments.mean[i];
                    squares[shard + i] += Double.isNaN(difference) ? 0 : difference * difference;
                }
            }
            return true;
        });
        double[] variance = shards.total(squares);
        for (int i = 0; i < features; i++) {
            variance[i] /= Math.max(1, moments.count[i]);
        }
        return variance;
    }

    /** Returns the first value of each feature that is there; 0 if none is. */
    private double[] origin(Shards shards) {
        int features = rows.features();
        double[] values = new double[features];
        double[] numbers = ValueRange.filled(features, Double.POSITIVE_INFINITY);
        int[] found = {0};
        rows.visitExactly(1, (from, some, seen) -> {
            for (int at = 0; at < some * features && found[0] < features; at++) {
                int i = at % features;
                if (!Double.isNaN(seen[at]) && Double.isInfinite(numbers[i])) {
                    values[i] = seen[at];
                    numbers[i] = shards.number(from + at / features);
                    found[0]++;
                }
            }
            return found[0] < features;
        });
        double[][] ofMembers = shards.ofMembers(values);
        double[][] where = shards.ofMembers(numbers);
        double[] first = new double[features];
        for (int i = 0; i < features; i++) {
            int best = 0;
            for (int member = 1; member < where.length; member++) {
                best = where[member][i] < where[best][i] ? member : best;
            }
            first[i] = ofMembers[best][i];
        }
        return first;
    }
}
