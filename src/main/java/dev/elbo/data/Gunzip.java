package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import dev.elbo.io.Messages;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The content of a gzip file: of all its members, one behind the other (RFC 1952, 2.2), each checked to its last byte. The
 * reader decides how much it takes, so a bomb costs no more than what was asked for; {@link #requireEnd} then checks that
 * nothing follows. Zero bytes behind the last member are refused as anything else is: a copy that broke off ends so, too.
 */
final class Gunzip extends InputStream {
    /** The largest ratio of unpacked to packed size: pictures grow 2 to 50 times. */
    private static final int DENSEST_DATA = 200;

    /** The largest header: optional fields (name, comment, extra) of real files are far smaller. */
    private static final int MAX_HEADER_LENGTH = 1 << 12;

    private static final int CHECKSUM_OF_HEADER = 1 << 1;
    private static final int EXTRA = 1 << 2;
    private static final int NAME = 1 << 3;
    private static final int COMMENT = 1 << 4;
    private static final int UNKNOWN = 0xe0;

    private final InputFile in;
    private final InputStream packed;
    private final byte[] buffer = new byte[1 << 16];
    /** The position of the unread rest of the buffer. */
    private int at;

    private int limit;
    /** Bytes of the file that were in the buffer so far. */
    private long taken;

    private final Inflater inflater = new Inflater(true);
    private final CRC32 checksum = new CRC32();
    /** Unpacked bytes of all members before this one. */
    private long before;

    private boolean ended;

    Gunzip(InputFile in) throws IOException {
        this.in = in;
        this.packed = in.stream(0);
        try {
            skipHeader();
        } catch (IOException | ElboException e) {
            inflater.end();
            throw e;
        }
    }

    interface Reader<T> {
        T read(InputStream content) throws IOException;
    }

    /**
     * Reads a file that is plain, or packed and then taken to its end; where reading fails, an {@link ElboException} is
     * of kind IO, where a packed file is not whole, of kind DATA.
     */
    static <T> T read(InputFile in, Reader<T> plain, Reader<T> packed) {
        try {
            if (!is(in)) {
                return plain.read(in.stream(0));
            }
            try (Gunzip content = new Gunzip(in)) {
                T made = packed.read(content);
                content.requireEnd();
                return made;
            }
        } catch (IOException e) {
            throw ElboException.io(in.path() + ": reading failed: " + Messages.reason(e), e);
        }
    }

    /** Refuses packed data that would fill the disk: more than a share of the heap, and far more than their packed size. */
    static void requireDense(String name, long bytes, long packed) {
        if (bytes > RowStore.share() && bytes / DENSEST_DATA > packed) {
            throw ElboException.data(name + ": unpacks to " + bytes + " bytes, more than " + DENSEST_DATA
                    + " times its own size; unpack it by hand if that is right");
        }
    }

    /** Returns whether a file begins as gzip files do, whatever its name. */
    static boolean is(InputFile in) {
        if (in.size() < 2) {
            return false;
        }
        ByteBuffer magic = ByteBuffer.allocate(2);
        in.read(0, magic);
        return isMagic(magic.get(0), magic.get(1));
    }

    private static boolean isMagic(int first, int second) {
        return (first & 0xff) == 0x1f && (second & 0xff) == 0x8b;
    }

    /** Makes sure of so many bytes in the buffer; false if the file has fewer. */
    private boolean has(int bytes) throws IOException {
        if (limit - at >= bytes) {
            return true;
        }
        System.arraycopy(buffer, at, buffer, 0, limit - at);
        limit -= at;
        at = 0;
        while (limit < bytes) {
            int got = packed.read(buffer, limit, buffer.length - limit);
            if (got < 0) {
                return false;
            }
            limit += got;
            taken += got;
        }
        return true;
    }

    private void skipHeader() throws IOException {
        if (!has(10) || buffer[at + 2] != 8 || (buffer[at + 3] & UNKNOWN) != 0) {
            throw ElboException.data(in.path() + ": its gzip header is truncated or not known; unpack it with gunzip");
        }
        int flags = buffer[at + 3];
        has(MAX_HEADER_LENGTH);
        int end = Math.min(limit, at + MAX_HEADER_LENGTH);
        int next = at + 10;
        if ((flags & EXTRA) != 0) {
            next += next + 2 <= end ? 2 + (buffer[next] & 0xff | (buffer[next + 1] & 0xff) << 8) : MAX_HEADER_LENGTH;
        }
        // Each of the two ends with a zero byte.
        for (int text = Integer.bitCount(flags & (NAME | COMMENT)); text > 0; text--) {
            while (next < end && buffer[next] != 0) {
                next++;
            }
            next++;
        }
        next += (flags & CHECKSUM_OF_HEADER) != 0 ? 2 : 0;
        if (next > end) {
            throw ElboException.data(in.path() + ": its gzip header is longer than the file or " + MAX_HEADER_LENGTH
                    + " bytes; unpack it with gunzip");
        }
        at = next;
        inflater.setInput(buffer, at, limit - at);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int start, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        try {
            while (!ended) {
                int got = inflater.inflate(into, start, length);
                if (got > 0) {
                    checksum.update(into, start, got);
                    return got;
                }
                if (inflater.finished()) {
                    endMember();
                } else if (inflater.needsDictionary()) {
                    throw broken(null);
                } else {
                    feed();
                }
            }
            return -1;
        } catch (DataFormatException e) {
            throw broken(e);
        }
    }

    private void feed() throws IOException {
        at = limit;
        if (!has(1)) {
            throw truncated();
        }
        inflater.setInput(buffer, at, limit - at);
    }

    /** Checks the member that was unpacked and moves on to the next, if there is one. */
    private void endMember() throws IOException {
        at = limit - inflater.getRemaining();
        if (!has(8)) {
            throw truncated();
        }
        ByteBuffer trailer = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN);
        long crc = trailer.getInt(at) & 0xffffffffL;
        int length = trailer.getInt(at + 4);
        at += 8;
        if (crc != checksum.getValue() || length != (int) inflater.getBytesWritten()) {
            throw ElboException.data(in.path()
                    + String.format(
                            ": its gzip checksum is %08x, its content has %08x; take another copy",
                            crc, checksum.getValue()));
        }
        if (!has(1)) {
            ended = true;
            return;
        }
        if (!has(2) || !isMagic(buffer[at], buffer[at + 1])) {
            throw trailing();
        }
        before += inflater.getBytesWritten();
        inflater.reset();
        checksum.reset();
        skipHeader();
    }

    private ElboException trailing() {
        long bytes = in.size() - (taken - (limit - at));
        return ElboException.data(in.path() + ": " + bytes + " bytes follow its gzip data"
                + (buffer[at] == 0 ? ", the first of them zero" : "")
                + "; take another copy if this one is incomplete, otherwise unpack it with gunzip");
    }

    private ElboException broken(DataFormatException e) {
        return ElboException.data(
                in.path() + ": its gzip data are broken after " + unpacked() + " unpacked bytes; take another copy", e);
    }

    private ElboException truncated() {
        return ElboException.data(in.path() + ": its gzip data end after " + unpacked()
                + " unpacked bytes; it is truncated, take another copy");
    }

    private long unpacked() {
        return before + inflater.getBytesWritten();
    }

    /** Checks, once every byte was read, that checksum and length are right and the file ends there. */
    void requireEnd() throws IOException {
        if (read() >= 0) {
            throw ElboException.data(in.path() + ": goes on after " + (unpacked() - 1)
                    + " unpacked bytes, where its content ends; take another copy");
        }
    }

    @Override
    public void close() {
        inflater.end();
    }
}
