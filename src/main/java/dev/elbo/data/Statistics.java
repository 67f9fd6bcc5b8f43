package dev.elbo.data;

/** Numbers of all rows, each from a pass over them; what they mean is said at {@link Dataset}. */
record Statistics(Rows rows, float scale) {
    double[] mean() {
        int features = rows.features();
        double[] mean = new double[features];
        // Bytes are summed as whole numbers: exact.
        rows.visit((from, count, values) -> {
            for (int row = 0, at = 0; row < count; row++) {
                for (int i = 0; i < features; i++) {
                    mean[i] += values[at++];
                }
            }
            return true;
        });
        for (int i = 0; i < features; i++) {
            mean[i] = mean[i] / rows.count() * scale;
        }
        return mean;
    }

    double[] variance() {
        int features = rows.features();
        double[] mean = mean();
        double[] variance = new double[features];
        rows.visit((from, count, values) -> {
            for (int row = 0, at = 0; row < count; row++) {
                for (int i = 0; i < features; i++) {
                    double difference = values[at++] * scale - mean[i];
                    variance[i] += difference * difference;
                }
            }
            return true;
        });
        for (int i = 0; i < features; i++) {
            variance[i] /= rows.count();
        }
        return variance;
    }

    boolean isBinary() {
        boolean[] binary = {true};
        rows.visit((from, count, values) -> {
            for (int i = 0; i < count * rows.features() && binary[0]; i++) {
                float value = values[i] * scale;
                binary[0] = value == 0 || value == 1;
            }
            return binary[0];
        });
        return binary[0];
    }

    Dataset.Range range() {
        float[] range = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        rows.visit((from, count, values) -> {
            float min = range[0];
            float max = range[1];
            for (int i = 0; i < count * rows.features(); i++) {
                min = Math.min(min, values[i]);
                max = Math.max(max, values[i]);
            }
            range[0] = min;
            range[1] = max;
            return true;
        });
        return new Dataset.Range(range[0] * scale, range[1] * scale);
    }
}
