package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * The content of a gzip file of one member, checked to its last byte. The reader decides how much it takes, so a bomb
 * costs no more than what was asked for; {@link #requireEnd} then checks length, checksum and that nothing follows.
 */
final class Gunzip extends InputStream {
    /** Data that grow more than this when unpacked are none: pictures grow 2 to 50 times. */
    private static final int DENSEST_DATA = 200;

    private static final int FIXED_HEADER = 10;
    private static final int TRAILER = 8;
    /** Optional header fields (name, comment, extra) of real files are far below. */
    private static final int LONGEST_HEADER = 1 << 12;

    private final InputFile in;
    private final int header;
    private final Inflater inflater = new Inflater(true);
    private final InputStream inflated;
    private final CRC32 checksum = new CRC32();

    Gunzip(InputFile in) {
        this.in = in;
        this.header = header(in);
        this.inflated = new InflaterInputStream(in.stream(header), inflater, 1 << 16);
    }

    /**
     * Refuses packed data that would fill the disk with next to nothing.
     *
     * @param bytes unpacked
     * @param packed bytes packed
     * @throws ElboException of kind DATA where they take more than a share of the heap and far more than their packed size
     */
    static void requireDense(String name, long bytes, long packed) {
        if (bytes > RowStore.share() && bytes / DENSEST_DATA > packed) {
            throw ElboException.data(name + ": unpacks to " + bytes + " bytes, more than " + DENSEST_DATA
                    + " times its own size; unpack it by hand if that is right");
        }
    }

    /** Whether a file begins as gzip files do, whatever its name. */
    static boolean is(InputFile in) {
        if (in.size() < 2) {
            return false;
        }
        ByteBuffer magic = ByteBuffer.allocate(2);
        in.read(0, magic);
        return magic.get(0) == 0x1f && magic.get(1) == (byte) 0x8b;
    }

    private static int header(InputFile in) {
        int limit = (int) Math.min(LONGEST_HEADER, in.size());
        ByteBuffer start = ByteBuffer.allocate(limit).order(ByteOrder.LITTLE_ENDIAN);
        in.read(0, start);
        if (limit < FIXED_HEADER || start.get(2) != 8 || (start.get(3) & 0xe0) != 0) {
            throw ElboException.data(in.path() + ": its gzip header is truncated or not known; unpack it with gunzip");
        }
        int flags = start.get(3);
        int at = FIXED_HEADER;
        if ((flags & 4) != 0) {
            at += at + 2 <= limit ? 2 + (start.getShort(at) & 0xffff) : limit;
        }
        // File name, then comment: each ends with a zero byte.
        for (int field = (flags >> 3 & 1) + (flags >> 4 & 1); field > 0; field--) {
            while (at < limit && start.get(at) != 0) {
                at++;
            }
            at++;
        }
        at += (flags & 2) != 0 ? 2 : 0;
        if (at > limit) {
            throw ElboException.data(in.path() + ": its gzip header is longer than the file or " + LONGEST_HEADER
                    + " bytes; unpack it with gunzip");
        }
        return at;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int start, int length) throws IOException {
        try {
            int got = inflated.read(into, start, length);
            if (got > 0) {
                checksum.update(into, start, got);
            }
            return got;
        } catch (ZipException e) {
            throw ElboException.data(
                    in.path() + ": its gzip data are broken after " + inflater.getBytesWritten()
                            + " unpacked bytes; take another copy",
                    e);
        } catch (EOFException e) {
            throw ElboException.data(
                    in.path() + ": its gzip data end after " + inflater.getBytesWritten()
                            + " unpacked bytes; it is truncated, take another copy",
                    e);
        }
    }

    /**
     * Checks, once every byte was read, that the file ends as gzip files do.
     *
     * @throws ElboException of kind DATA where the checksum or the length differs or the file goes on
     */
    void requireEnd() {
        long end = header + inflater.getBytesRead();
        ByteBuffer trailer = ByteBuffer.allocate(TRAILER).order(ByteOrder.LITTLE_ENDIAN);
        in.read(end, trailer);
        long crc = trailer.getInt(0) & 0xffffffffL;
        if (crc != checksum.getValue() || trailer.getInt(4) != (int) inflater.getBytesWritten()) {
            throw ElboException.data(in.path()
                    + String.format(
                            ": its gzip checksum is %08x, its content has %08x; take another copy",
                            crc, checksum.getValue()));
        }
        if (end + TRAILER != in.size()) {
            throw ElboException.data(in.path() + ": " + (in.size() - end - TRAILER)
                    + " bytes follow its gzip data; unpack it with gunzip");
        }
    }

    @Override
    public void close() {
        inflater.end();
    }
}
