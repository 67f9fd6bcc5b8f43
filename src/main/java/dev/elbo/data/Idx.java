package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import dev.elbo.io.NpyHeader;
import dev.elbo.io.ZipArchive;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;

/**
 * IDX, the array file of MNIST: two zero bytes, a type, a rank, big-endian dimensions, big-endian values. Ranks 1 to 4
 * and all six types are read; a file packed with gzip is known by its first bytes. The file must end with its last
 * value: the declared size is checked against its own before memory is taken.
 *
 * @param pinned whether a digest of the content is taken, for which all of it must be read
 */
record Idx(String name, InputStream in, boolean pinned, PixelScale pixels) {
    /** An array that was read: 1 to 4 dimensions, the first counts the rows. There are none if a dimension is 0. */
    record Array(int[] shape, Rows rows) {}

    private static final int MAX_DIMENSIONS = 4;
    private static final int CHUNK = 1 << 16;

    /** Kinds and widths of values, as NPY has them. */
    private static final Map<Integer, String> TYPES =
            Map.of(0x08, "u1", 0x09, "i1", 0x0b, "i2", 0x0c, "i4", 0x0d, "f4", 0x0e, "f8");

    /** Values at most: no file has more, and no sum of theirs overflows. */
    private static final long MAX_VALUES = 1L << 56;

    /**
     * Reads a file that is one IDX array from end to end. A digest takes its bytes, unpacked; without one, bytes and
     * floats that take more than a share of the heap stay in an unpacked file. Numbers that are no bytes are scaled.
     */
    static Array read(Path file, Optional<MessageDigest> digest, PixelScale pixels) {
        try (InputFile in = InputFile.open(file)) {
            return read(in, digest, pixels);
        }
    }

    static Array read(InputFile in, Optional<MessageDigest> digest, PixelScale pixels) {
        return Gunzip.read(
                in,
                content -> of(in, content, digest, pixels).array(in.size(), in),
                content -> of(in, content, digest, pixels).array(in.size() * ZipArchive.DENSEST, null));
    }

    private static Idx of(InputFile file, InputStream content, Optional<MessageDigest> digest, PixelScale pixels) {
        InputStream in = digest.<InputStream>map(sum -> new DigestInputStream(content, sum))
                .orElse(content);
        return new Idx(file.path().toString(), new BufferedInputStream(in, CHUNK), digest.isPresent(), pixels);
    }

    /** Reads an array of at most so many bytes; {@code plain} is the file where it is not packed, else null. */
    private Array array(long available, InputFile plain) throws IOException {
        ByteBuffer magic = bytes(4, "magic number");
        String type = TYPES.get((int) magic.get(2));
        int rank = magic.get(3) & 0xff;
        if (magic.getShort(0) != 0 || type == null) {
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
        long needed = start + count * width(type);
        if (plain != null ? needed != available : needed > available) {
            throw ElboException.data(name + ": declares " + needed + " bytes, the file has "
                    + (plain != null ? "" : "at most ") + available + "; it is "
                    + (needed > available ? "truncated" : "followed by trailing bytes"));
        }
        if (plain == null) {
            Gunzip.requireDense(name, needed, available / ZipArchive.DENSEST);
        }
        Rows rows = count == 0 ? Rows.ofBytes(new byte[0], 1) : rows(type, shape, (int) start, count / shape[0], plain);
        if (plain == null && in.read() >= 0) {
            throw ElboException.data(name + ": goes on after the " + needed + " bytes that it declares");
        }
        return new Array(shape, rows);
    }

    private Rows rows(String type, int[] shape, int start, long features, InputFile plain) throws IOException {
        int width = width(type);
        NpyHeader header = new NpyHeader(type.charAt(0), width, ByteOrder.BIG_ENDIAN, false, shape, start);
        int rowBytes = Rows.requireRowBytes(name, features * width);
        ArrayRows array = new ArrayRows(name, header, rowBytes / width, null, Optional.empty(), pixels);
        return plain != null && !pinned && array.stays() ? array.mapped(plain, 0) : array.streamed(in);
    }

    private static int width(String type) {
        return type.charAt(1) - '0';
    }

    private ByteBuffer bytes(int length, String section) throws IOException {
        byte[] bytes = new byte[length];
        int got = in.readNBytes(bytes, 0, length);
        if (got < length) {
            throw ElboException.data(name + ": ends after " + got + " of " + length + " bytes of its " + section
                    + "; it is truncated or not an IDX file");
        }
        return ByteBuffer.wrap(bytes);
    }
}
