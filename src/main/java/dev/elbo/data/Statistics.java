package dev.elbo.data;

/** Statistics of all rows, each from one pass; {@link Dataset} defines them. */
record Statistics(Rows rows, float scale) {
    double[] mean() {
        int features = rows.features();
        double[] mean = new double[features];
        // sums of float64 are of differences from the first row, so that little cancels; bytes are summed as whole
        // numbers
        double[] origin = new double[features];
        if (rows.isDoubles()) {
            rows.copyDoubles(0, 1, origin, 0);
        }
        rows.visitExactly(1, (from, count, values) -> {
            for (int row = 0, at = 0; row < count; row++) {
                for (int i = 0; i < features; i++) {
                    mean[i] += values[at++] - origin[i];
                }
            }
            return true;
        });
        for (int i = 0; i < features; i++) {
            mean[i] = origin[i] + mean[i] / rows.count() * scale;
        }
        return mean;
    }

    double[] variance() {
        int features = rows.features();
        double[] mean = mean();
        double[] variance = new double[features];
        if (rows.isDoubles()) {
            rows.visitExactly(1, (from, count, values) -> {
                for (int at = 0; at < count * features; at++) {
                    double difference = values[at] - mean[at % features];
                    variance[at % features] += difference * difference;
                }
                return true;
            });
        } else {
            // twice as quick for bytes, which are most of what is trained on
            rows.visit((from, count, values) -> {
                for (int row = 0, at = 0; row < count; row++) {
                    for (int i = 0; i < features; i++) {
                        double difference = values[at++] * scale - mean[i];
                        variance[i] += difference * difference;
                    }
                }
                return true;
            });
        }
        for (int i = 0; i < features; i++) {
            variance[i] /= rows.count();
        }
        return variance;
    }

    boolean isBinary() {
        boolean[] binary = {true};
        rows.visitExactly(scale, (from, count, values) -> {
            for (int i = 0; i < count * rows.features() && binary[0]; i++) {
                binary[0] = values[i] == 0 || values[i] == 1;
            }
            return binary[0];
        });
        return binary[0];
    }

    Dataset.Range range() {
        double[] range = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        rows.visitExactly(scale, (from, count, values) -> {
            double min = range[0];
            double max = range[1];
            for (int i = 0; i < count * rows.features(); i++) {
                min = Math.min(min, values[i]);
                max = Math.max(max, values[i]);
            }
            range[0] = min;
            range[1] = max;
            return true;
        });
        return new Dataset.Range(range[0], range[1]);
    }
}
