package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Statistics of all rows, each from one pass; {@link DatasetValues} defines them. NaN is a missing value. */
class Statistics {
    private static final int CHUNK = 1 << 14;

    final Rows rows;
    private final float scale;

    Statistics(Rows rows, float scale) {
        this.rows = rows;
        this.scale = scale;
    }

    double[] mean(Shards shards) {
        int features = rows.features();
        int width = shards.width();
        double[] sums = new double[width * features];
        // sums of float64 are of differences from the first row, so that little cancels; bytes are summed as whole
        // numbers
        double[] origin = new double[features];
        if (rows.isDoubles()) {
            rows.copyDoubles(0, 1, origin, 0);
            origin = shards.ofMembers(origin)[0];
        }
        double[] first = origin;
        rows.visitExactly(1, (from, count, values) -> {
            for (int row = 0, at = 0; row < count; row++) {
                int shard = (from + row) % width * features;
                for (int i = 0; i < features; i++) {
                    sums[shard + i] += values[at++] - first[i];
                }
            }
            return true;
        });
        double[] mean = shards.total(sums);
        long count = shards.rows(rows.count());
        for (int i = 0; i < features; i++) {
            mean[i] = first[i] + mean[i] / count * scale;
        }
        return mean;
    }

    double[] variance(Shards shards) {
        int features = rows.features();
        int width = shards.width();
        double[] mean = mean(shards);
        double[] squares = new double[width * features];
        if (rows.isDoubles()) {
            rows.visitExactly(1, (from, count, values) -> {
                for (int row = 0, at = 0; row < count; row++) {
                    int shard = (from + row) % width * features;
                    for (int i = 0; i < features; i++) {
                        double difference = values[at++] - mean[i];
                        squares[shard + i] += difference * difference;
                    }
                }
                return true;
            });
        } else {
            // twice as quick for bytes, which are most of what is trained on
            rows.visit((from, count, values) -> {
                for (int row = 0, at = 0; row < count; row++) {
                    int shard = (from + row) % width * features;
                    for (int i = 0; i < features; i++) {
                        double difference = values[at++] * scale - mean[i];
                        squares[shard + i] += difference * difference;
                    }
                }
                return true;
            });
        }
        double[] variance = shards.total(squares);
        long count = shards.rows(rows.count());
        for (int i = 0; i < features; i++) {
            variance[i] /= count;
        }
        return variance;
    }

    final boolean isBinary() {
        boolean[] binary = {true};
        rows.visitExactly(scale, (from, count, values) -> {
            for (int i = 0; i < count * rows.features() && binary[0]; i++) {
                binary[0] = values[i] == 0 || values[i] == 1 || Double.isNaN(values[i]);
            }
            return binary[0];
        });
        return binary[0];
    }

    final Dataset.Range range() {
        double[] range = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        rows.visitExactly(scale, (from, count, values) -> {
            double min = range[0];
            double max = range[1];
            for (int i = 0; i < count * rows.features(); i++) {
                min = Double.isNaN(values[i]) ? min : Math.min(min, values[i]);
                max = Double.isNaN(values[i]) ? max : Math.max(max, values[i]);
            }
            range[0] = min;
            range[1] = max;
            return true;
        });
        return new Dataset.Range(range[0], range[1]);
    }

    /** Refuses values outside of [0, 1], by row and column, both counted from 0. */
    final void requireUnitInterval(String name) {
        int features = rows.features();
        rows.visitExactly(scale, (from, count, values) -> {
            for (int i = 0; i < count * features; i++) {
                float value = (float) values[i];
                if (!(value >= 0 && value <= 1)) {
                    throw ElboException.data(name + ": row " + (from + i / features) + ", column " + i % features
                            + " (from 0) is " + value + "; the Bernoulli likelihood needs values in [0, 1]: rescale the"
                            + " data or take a Gaussian likelihood");
                }
            }
            return true;
        });
    }

    /** The digest of kind, counts, scale and values, big endian, in hexadecimal; it depends on these alone. */
    final String fingerprint() {
        int features = rows.features();
        MessageDigest digest = Sha256.create();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        chunk.put((byte) (rows.isBytes() ? 'b' : 'f'))
                .putInt(rows.count())
                .putInt(features)
                .putFloat(scale);
        digest.update(chunk.flip());
        rows.visit((from, count, values) -> {
            for (int i = 0; i < count * features; i++) {
                // missing values are equal, whatever their bits
                values[i] = Float.isNaN(values[i]) ? Float.NaN : values[i];
            }
            int width = rows.isBytes() ? 1 : Float.BYTES;
            for (int done = 0, some; done < count * features; done += some) {
                some = Math.min(count * features - done, CHUNK / width);
                chunk.clear();
                if (rows.isBytes()) {
                    for (int i = 0; i < some; i++) {
                        chunk.put((byte) (int) values[done + i]);
                    }
                } else {
                    chunk.asFloatBuffer().put(values, done, some);
                }
                digest.update(chunk.position(0).limit(some * width));
            }
            return true;
        });
        return HexFormat.of().formatHex(digest.digest());
    }
}
