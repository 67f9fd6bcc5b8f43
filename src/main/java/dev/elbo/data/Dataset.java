package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Heap;
import dev.elbo.io.ImageShape;
import dev.elbo.io.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Examples of equal size, row-major (examples, features), all finite. The values are either bytes, each standing for
 * its unsigned value times {@link #scale()}, or float32 with scale 1. Arrays are handed out and kept without copies:
 * treat them as read-only.
 */
public final class Dataset {
    private static final int CHUNK = 1 << 14;

    private final String name;
    private final int examples;
    private final int features;
    private final ImageShape image;
    private final byte[] bytes;
    private final float[] floats;
    private final float scale;
    private final int[] labels;

    private Dataset(
            String name,
            int features,
            Optional<ImageShape> image,
            byte[] bytes,
            float[] floats,
            float scale,
            Optional<int[]> labels) {
        int values = bytes == null ? floats.length : bytes.length;
        if (values == 0 || features < 1) {
            throw ElboException.data(name + ": is empty; at least one example of one feature is needed");
        }
        if (values % features != 0) {
            throw new IllegalArgumentException(name + ": " + values + " values are no rows of " + features);
        }
        if (image.isPresent() && image.get().features() != features) {
            throw new IllegalArgumentException(
                    name + ": pictures of " + image.get() + " have not " + features + " features");
        }
        if (!(scale > 0) || Float.isInfinite(scale)) {
            throw new IllegalArgumentException(name + ": a scale of " + scale);
        }
        this.name = name;
        this.examples = values / features;
        this.features = features;
        this.image = image.orElse(null);
        this.bytes = bytes;
        this.floats = floats;
        this.scale = scale;
        this.labels = labels.orElse(null);
        if (this.labels != null && this.labels.length != examples) {
            throw ElboException.data(name + ": has " + examples + " examples and " + this.labels.length
                    + " labels; the counts must be equal");
        }
    }

    /**
     * Data of bytes.
     *
     * @param bytes (examples, features) row-major, unsigned
     * @param scale what a byte is multiplied by
     * @throws ElboException of kind DATA where there are no examples, or not as many labels
     */
    public static Dataset ofBytes(
            String name, int features, Optional<ImageShape> image, byte[] bytes, float scale, Optional<int[]> labels) {
        return new Dataset(name, features, image, bytes, null, scale, labels);
    }

    /**
     * Data of float32.
     *
     * @param floats (examples, features) row-major
     * @throws ElboException of kind DATA where there are no examples, not as many labels, or a value that is NaN or
     *     infinite, naming its row and column, both counted from 0
     */
    public static Dataset ofFloats(
            String name, int features, Optional<ImageShape> image, float[] floats, Optional<int[]> labels) {
        Dataset data = new Dataset(name, features, image, null, floats, 1, labels);
        for (int i = 0; i < floats.length; i++) {
            if (!Float.isFinite(floats[i])) {
                throw ElboException.data(name + ": row " + i / features + ", column " + i % features + " (from 0) is "
                        + floats[i] + "; remove or replace such values");
            }
        }
        return data;
    }

    /** What messages call it. */
    public String name() {
        return name;
    }

    /** Number of rows. */
    public int examples() {
        return examples;
    }

    /** Values per row. */
    public int features() {
        return features;
    }

    /** How a row makes a picture, where it is known to make one. */
    public Optional<ImageShape> image() {
        return Optional.ofNullable(image);
    }

    /** One whole number per example, where there are labels. */
    public Optional<int[]> labels() {
        return Optional.ofNullable(labels);
    }

    /** Whether the values are bytes: {@link #bytes()} is there if so, {@link #floats()} if not. */
    public boolean isBytes() {
        return bytes != null;
    }

    /** The values (examples, features), unsigned and unscaled. */
    public byte[] bytes() {
        if (bytes == null) {
            throw new IllegalStateException(name + " holds float32, not bytes");
        }
        return bytes;
    }

    /** The values (examples, features). */
    public float[] floats() {
        if (floats == null) {
            throw new IllegalStateException(name + " holds bytes, not float32");
        }
        return floats;
    }

    /** What a byte is multiplied by; 1 for float32. */
    public float scale() {
        return scale;
    }

    private float value(int at) {
        return bytes == null ? floats[at] : (bytes[at] & 0xff) * scale;
    }

    /** One example as (features), scaled. */
    public float[] row(int example) {
        float[] row = new float[features];
        row(example, row, 0);
        return row;
    }

    /** Copies one example, scaled, to {@code into} from {@code offset} on. */
    public void row(int example, float[] into, int offset) {
        int start = Math.multiplyExact(example, features);
        if (floats != null) {
            System.arraycopy(floats, start, into, offset, features);
            return;
        }
        for (int i = 0; i < features; i++) {
            into[offset + i] = value(start + i);
        }
    }

    /** The examples with the given numbers, in that order, with their labels. */
    public Dataset subset(String subsetName, int[] rows) {
        Optional<int[]> chosen = labels().map(all -> {
            int[] some = new int[rows.length];
            for (int i = 0; i < rows.length; i++) {
                some[i] = all[rows[i]];
            }
            return some;
        });
        Object from = bytes == null ? floats : bytes;
        long length = (long) rows.length * features;
        Object to = bytes == null ? Heap.floats(name, length) : Heap.bytes(name, length);
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(from, Math.multiplyExact(rows[i], features), to, i * features, features);
        }
        return bytes == null
                ? ofFloats(subsetName, features, image(), (float[]) to, chosen)
                : ofBytes(subsetName, features, image(), (byte[]) to, scale, chosen);
    }

    /** The mean of each feature over the examples, scaled, as (features) in float64. */
    public double[] mean() {
        double[] mean = new double[features];
        for (int example = 0, at = 0; example < examples; example++) {
            for (int i = 0; i < features; i++) {
                // Bytes are summed as whole numbers: exact.
                mean[i] += bytes == null ? floats[at] : bytes[at] & 0xff;
                at++;
            }
        }
        for (int i = 0; i < features; i++) {
            mean[i] = mean[i] / examples * scale;
        }
        return mean;
    }

    /** The variance of each feature around its mean, scaled, as (features) in float64. */
    public double[] variance() {
        double[] mean = mean();
        double[] variance = new double[features];
        for (int example = 0, at = 0; example < examples; example++) {
            for (int i = 0; i < features; i++) {
                double difference = value(at++) - mean[i];
                variance[i] += difference * difference;
            }
        }
        for (int i = 0; i < features; i++) {
            variance[i] /= examples;
        }
        return variance;
    }

    /** The first examples, all where there are fewer. */
    public Dataset first(int count) {
        return count >= examples ? this : subset(name, IntStream.range(0, count).toArray());
    }

    /** All values (examples, features), scaled. */
    public float[] values() {
        float[] values = new float[examples * features];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(i);
        }
        return values;
    }

    /** Whether every value is 0 or 1. */
    public boolean isBinary() {
        for (int i = 0; i < examples * features; i++) {
            if (value(i) != 0 && value(i) != 1) {
                return false;
            }
        }
        return true;
    }

    /** The smallest and the largest value, scaled. */
    public record Range(float min, float max) {}

    /** The smallest and the largest value, scaled. */
    public Range range() {
        float min = value(0);
        float max = min;
        int values = examples * features;
        for (int i = 1; i < values; i++) {
            min = Math.min(min, value(i));
            max = Math.max(max, value(i));
        }
        return new Range(min, max);
    }

    /**
     * Refuses values outside of [0, 1], which a Bernoulli likelihood cannot have as targets.
     *
     * @throws ElboException of kind DATA that names row and column, both counted from 0
     */
    public void requireUnitInterval() {
        if (bytes != null && 255 * scale <= 1) {
            return;
        }
        int values = examples * features;
        for (int i = 0; i < values; i++) {
            if (!(value(i) >= 0 && value(i) <= 1)) {
                throw ElboException.data(name + ": row " + i / features + ", column " + i % features + " (from 0) is "
                        + value(i) + "; the Bernoulli likelihood needs values in [0, 1]: rescale the data or take a "
                        + "Gaussian likelihood");
            }
        }
    }

    /**
     * The SHA-256 in hexadecimal of the shape, the scale and the values, the same on every machine. Name, picture
     * shape and labels do not enter.
     */
    public String fingerprint() {
        MessageDigest digest = Sha256.create();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        chunk.put((byte) (bytes == null ? 'f' : 'b'))
                .putInt(examples)
                .putInt(features)
                .putFloat(scale);
        digest.update(chunk.flip());
        if (bytes != null) {
            digest.update(bytes);
            return HexFormat.of().formatHex(digest.digest());
        }
        for (int done = 0; done < floats.length; ) {
            int some = Math.min(floats.length - done, CHUNK / Float.BYTES);
            chunk.clear().asFloatBuffer().put(floats, done, some);
            digest.update(chunk.limit(some * Float.BYTES));
            done += some;
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
