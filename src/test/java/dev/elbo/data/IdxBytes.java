package dev.elbo.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPOutputStream;

/** IDX files for tests, and gzip around them. */
final class IdxBytes {
    private IdxBytes() {}

    static byte[] idx(int type, int[] shape, byte... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * shape.length + values.length);
        bytes.putInt(type << 8 | shape.length);
        for (int dimension : shape) {
            bytes.putInt(dimension);
        }
        return bytes.put(values).array();
    }

    /** Unsigned bytes 0, 1, 2, … */
    static byte[] counting(int... shape) {
        int count = 1;
        for (int dimension : shape) {
            count *= dimension;
        }
        byte[] values = new byte[count];
        for (int i = 0; i < count; i++) {
            values[i] = (byte) i;
        }
        return idx(8, shape, values);
    }

    static byte[] gzip(byte[] content) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }
}
