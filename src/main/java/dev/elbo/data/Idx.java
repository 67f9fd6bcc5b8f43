package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Heap;
import dev.elbo.io.InputFile;
import dev.elbo.io.ZipArchive;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * IDX, the array file of MNIST: two zero bytes, a type, a rank, big-endian dimensions, big-endian values. Ranks 1 to 4
 * and all six types are read; a file packed with gzip is known by its first bytes. The file must end with its last
 * value: what it declares is held against its size before memory is taken.
 */
final class Idx {
    private static final int MAX_DIMENSIONS = 4;
    private static final int CHUNK = 1 << 16;

    /** Values at most: no file has more, and no sum of theirs overflows. */
    private static final long MAX_VALUES = 1L << 56;

    private final String name;
    private final InputStream in;
    private final Optional<MessageDigest> digest;
    private final PixelScale pixels;

    private Idx(String name, InputStream in, Optional<MessageDigest> digest, PixelScale pixels) {
        this.name = name;
        this.in = new BufferedInputStream(in, CHUNK);
        this.digest = digest;
        this.pixels = pixels;
    }

    /**
     * Reads a file.
     *
     * @param digest takes the bytes of the file, unpacked; where there is none, bytes and float32 that take more than a share
     *     of the heap stay in an unpacked file
     * @param pixels by which numbers that are no bytes are scaled; what bytes are multiplied by is not done here
     * @throws ElboException of kind DATA, naming the file, where it is not one IDX array from end to end
     */
    static IdxArray read(Path file, Optional<MessageDigest> digest, PixelScale pixels) {
        try (InputFile in = InputFile.open(file)) {
            return read(in, digest, pixels);
        }
    }

    /** As {@link #read(Path, Optional, PixelScale)}, numbers as they are. */
    static IdxArray read(Path file, Optional<MessageDigest> digest) {
        return read(file, digest, PixelScale.BY_KIND);
    }

    /** As {@link #read(Path, Optional)}, of a file that is open. */
    static IdxArray read(InputFile in, Optional<MessageDigest> digest) {
        return read(in, digest, PixelScale.BY_KIND);
    }

    private static IdxArray read(InputFile in, Optional<MessageDigest> digest, PixelScale pixels) {
        String name = in.path().toString();
        return Gunzip.read(
                in,
                content -> new Idx(name, content, digest, pixels).array(in.size(), in),
                content -> new Idx(name, content, digest, pixels).array(in.size() * ZipArchive.DENSEST, null));
    }

    /**
     * @param available bytes that there are, or at most where they are packed
     * @param plain the file where it is not packed, else null
     */
    private IdxArray array(long available, InputFile plain) throws IOException {
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
        if (rank < 1 || rank > MAX_DIMENSIONS) {
            throw ElboException.data(name + ": has rank " + rank + "; ranks 1 to " + MAX_DIMENSIONS + " are read");
        }
        ByteBuffer dimensions = bytes(4 * rank, "dimensions");
        int[] shape = new int[rank];
        long count = 1;
        for (int i = 0; i < rank; i++) {
            long dimension = dimensions.getInt(4 * i) & 0xffffffffL;
            if (dimension > Integer.MAX_VALUE || dimension > 0 && count > MAX_VALUES / dimension) {
                throw ElboException.data(name + ": dimension " + i + " of " + dimension
                        + " makes more values than any file has; it is damaged");
            }
            count *= dimension;
            shape[i] = (int) dimension;
        }
        long start = 4 + 4L * rank;
        long needed = start + count * width;
        if (plain != null ? needed != available : needed > available) {
            throw ElboException.data(name + ": declares " + needed + " bytes, the file has "
                    + (plain != null ? "" : "at most ") + available + "; it is "
                    + (needed > available ? "truncated" : "followed by trailing bytes"));
        }
        if (plain == null) {
            Gunzip.requireDense(name, needed, available / ZipArchive.DENSEST);
        }
        boolean inPlace = type == 0x08 || !pixels.isGiven() && (type == 0x0d || type == 0x0e);
        if (count > 0 && plain != null && inPlace && digest.isEmpty() && count * width > RowStore.share()) {
            ByteOrder order = ByteOrder.BIG_ENDIAN;
            return new IdxArray(
                    shape, StoredRows.mapped(plain, start, shape[0], features(shape, count), rowType(type), order));
        }
        Rows rows = count == 0 ? Rows.ofBytes(new byte[0], 1) : rows(type, width, shape[0], features(shape, count));
        if (in.read() >= 0) {
            throw ElboException.data(name + ": goes on after the " + needed + " bytes that it declares");
        }
        return new IdxArray(shape, rows);
    }

    private int features(int[] shape, long count) {
        long features = count / shape[0];
        if (features > Heap.MAX_LENGTH / Double.BYTES) {
            throw ElboException.data(name + ": has " + features + " values an example; at most "
                    + Heap.MAX_LENGTH / Double.BYTES + " are read");
        }
        return (int) features;
    }

    private Rows rows(int type, int width, int count, int features) throws IOException {
        byte[] row = Heap.array(name, (long) features * width, 1, byte[]::new);
        double[] values = Heap.array(name, type == 0x08 ? 0 : features, Double.BYTES, double[]::new);
        ByteBuffer view = ByteBuffer.wrap(row);
        try (RowStore store = new RowStore(name, features, rowType(type))) {
            for (long done = 0; done < count; done++) {
                fill(row, done * row.length, count * (long) row.length, "values");
                if (type == 0x08) {
                    store.add(row);
                    continue;
                }
                for (int i = 0; i < features; i++) {
                    double value = value(type, view, i * width);
                    values[i] = pixels.isGiven() ? pixels.of(value, name, (int) done, i) : value;
                }
                store.add(values);
            }
            return store.finish();
        }
    }

    /** What holds values of a type without rounding them. */
    private static Rows.Type rowType(int type) {
        return switch (type) {
            case 0x08 -> Rows.Type.UINT8;
            case 0x0c, 0x0e -> Rows.Type.FLOAT64;
            default -> Rows.Type.FLOAT32;
        };
    }

    private static double value(int type, ByteBuffer bytes, int at) {
        return switch (type) {
            case 0x09 -> bytes.get(at);
            case 0x0b -> bytes.getShort(at);
            case 0x0c -> bytes.getInt(at);
            case 0x0d -> bytes.getFloat(at);
            default -> bytes.getDouble(at);
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
        fill(bytes, 0, length, what);
        return ByteBuffer.wrap(bytes);
    }

    /**
     * Fills an array.
     *
     * @param done how many bytes there were before
     * @param all how many there are to be in the end
     */
    private void fill(byte[] into, long done, long all, String what) throws IOException {
        int got = in.readNBytes(into, 0, into.length);
        digest.ifPresent(sum -> sum.update(into, 0, got));
        if (got < into.length) {
            throw ElboException.data(name + ": ends after " + (done + got) + " of " + all + " bytes of its " + what
                    + "; it is truncated or not an IDX file");
        }
    }
}
