package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Heap;
import dev.elbo.io.InputFile;
import dev.elbo.io.Messages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * IDX, the array file of MNIST: two zero bytes, a type, a rank, big-endian dimensions, big-endian values. Ranks 1 to 4
 * and all six types are read; a file packed with gzip is known by its first bytes. The file must end with its last
 * value: what it declares is held against its size before memory is taken.
 */
final class Idx {
    private static final int MOST_DIMENSIONS = 4;
    private static final int CHUNK = 1 << 16;

    private final String name;
    private final InputStream in;
    private final MessageDigest digest;

    private Idx(String name, InputStream in, MessageDigest digest) {
        this.name = name;
        this.in = in;
        this.digest = digest;
    }

    /**
     * Reads a file.
     *
     * @param digest takes the bytes of the file, unpacked
     * @throws ElboException of kind DATA, naming the file, where it is not one IDX array from end to end
     */
    static IdxArray read(Path file, MessageDigest digest) {
        try (InputFile in = InputFile.open(file)) {
            String name = file.toString();
            if (!Gunzip.is(in)) {
                return new Idx(name, in.stream(0), digest).array(in.size(), true);
            }
            try (Gunzip unpacked = new Gunzip(in)) {
                IdxArray array = new Idx(name, unpacked, digest).array(in.size() * Gunzip.DENSEST, false);
                unpacked.requireEnd();
                return array;
            }
        } catch (IOException e) {
            throw ElboException.io(file + ": reading failed: " + Messages.reason(e), e);
        }
    }

    /** Reads from memory. */
    static IdxArray read(String name, byte[] content, MessageDigest digest) {
        try {
            return new Idx(name, new ByteArrayInputStream(content), digest).array(content.length, true);
        } catch (IOException e) {
            throw new AssertionError("reading from memory does not fail", e);
        }
    }

    /**
     * @param available bytes that there are
     * @param exactly or at most
     */
    private IdxArray array(long available, boolean exactly) throws IOException {
        ByteBuffer magic = bytes(4, "magic number");
        int type = magic.get(2) & 0xff;
        int rank = magic.get(3) & 0xff;
        int width = width(type);
        if (magic.getShort(0) != 0 || width == 0) {
            throw ElboException.data(name
                    + String.format(
                            ": begins with %08x; IDX files begin with 0000, a type of 08, 09, 0b, 0c, 0d or 0e, and a rank",
                            magic.getInt(0)));
        }
        if (rank < 1 || rank > MOST_DIMENSIONS) {
            throw ElboException.data(name + ": has rank " + rank + "; ranks 1 to " + MOST_DIMENSIONS + " are read");
        }
        ByteBuffer dimensions = bytes(4 * rank, "dimensions");
        int[] shape = new int[rank];
        long count = 1;
        for (int i = 0; i < rank; i++) {
            long dimension = dimensions.getInt(4 * i) & 0xffffffffL;
            // Both factors are below 2^32 and the product so far below 2^31: no overflow of a long.
            count *= dimension;
            if (count > Heap.LONGEST || dimension > Heap.LONGEST) {
                throw ElboException.data(name + ": dimension " + i + " of " + dimension + " makes more than "
                        + Heap.LONGEST + " values; at most that many are read");
            }
            shape[i] = (int) dimension;
        }
        long needed = 4 + 4L * rank + count * width;
        if (exactly ? needed != available : needed > available) {
            throw ElboException.data(
                    name + ": declares " + needed + " bytes, the file has " + (exactly ? "" : "at most ") + available
                            + "; it is " + (needed > available ? "truncated" : "followed by trailing bytes"));
        }
        IdxArray array = type == 0x08
                ? new IdxArray(shape, values((int) count), null)
                : new IdxArray(shape, null, values(type, width, (int) count));
        if (in.read() >= 0) {
            throw ElboException.data(name + ": goes on after the " + needed + " bytes that it declares");
        }
        return array;
    }

    private byte[] values(int count) throws IOException {
        byte[] values = Heap.bytes(name, count);
        fill(values, count, "values");
        return values;
    }

    private float[] values(int type, int width, int count) throws IOException {
        float[] values = Heap.floats(name, count);
        byte[] chunk = new byte[CHUNK];
        ByteBuffer view = ByteBuffer.wrap(chunk);
        for (int done = 0; done < count; ) {
            int some = Math.min(count - done, CHUNK / width);
            fill(chunk, some * width, "values");
            for (int i = 0; i < some; i++) {
                values[done + i] = value(type, view, i * width);
            }
            done += some;
        }
        return values;
    }

    private static float value(int type, ByteBuffer bytes, int at) {
        return switch (type) {
            case 0x09 -> bytes.get(at);
            case 0x0b -> bytes.getShort(at);
            case 0x0c -> bytes.getInt(at);
            case 0x0d -> bytes.getFloat(at);
            default -> (float) bytes.getDouble(at);
        };
    }

    private static int width(int type) {
        return switch (type) {
            case 0x08, 0x09 -> 1;
            case 0x0b -> 2;
            case 0x0c, 0x0d -> 4;
            case 0x0e -> 8;
            default -> 0;
        };
    }

    private ByteBuffer bytes(int length, String what) throws IOException {
        byte[] bytes = new byte[length];
        fill(bytes, length, what);
        return ByteBuffer.wrap(bytes);
    }

    private void fill(byte[] into, int length, String what) throws IOException {
        int got = in.readNBytes(into, 0, length);
        digest.update(into, 0, got);
        if (got < length) {
            throw ElboException.data(name + ": ends after " + got + " of " + length + " bytes of its " + what
                    + "; it is truncated or not an IDX file");
        }
    }
}
