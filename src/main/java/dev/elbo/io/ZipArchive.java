package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * A ZIP archive, zip64 too, whose entries are read in place and never unpacked to files: stored ones can be mapped,
 * which {@link java.util.zip.ZipFile} does not allow. Names that lead out of a folder, more than {@value #MAX_ENTRIES}
 * entries, entries that overlap, encryption and compression other than deflate are refused.
 */
public final class ZipArchive {
    /** Bytes at most that a deflate stream holds per byte of its own. */
    public static final long DENSEST = 1032;

    private static final int MAX_ENTRIES = 1000;
    private static final int LARGEST_DIRECTORY = 1 << 22;
    private static final int END = 22;
    private static final int END_64 = 56;
    private static final int LOCATOR = 20;
    private static final int CENTRAL = 46;
    private static final int LOCAL = 30;
    private static final long IN_EXTRA = 0xffffffffL;

    /**
     * One entry.
     *
     * @param name a relative path with {@code /}, that does not lead out of the archive
     * @param stored as it is, otherwise deflated
     * @param packed bytes in the archive
     * @param size bytes unpacked, as declared
     * @param crc as declared
     * @param header offset in the archive
     * @param limit offset at which something else begins
     */
    public record Entry(String name, boolean stored, long packed, long size, long crc, long header, long limit) {}

    private final InputFile in;
    private final List<Entry> entries;

    private ZipArchive(InputFile in) {
        this.in = in;
        this.entries = directory();
    }

    /**
     * Reads the directory of an archive.
     *
     * @param in stays open, as long as entries are read
     * @return its entries, none of them read yet
     * @throws ElboException of kind DATA, naming the file, if it is none or not to be trusted
     */
    public static ZipArchive open(InputFile in) {
        return new ZipArchive(in);
    }

    private List<Entry> directory() {
        ByteBuffer tail = bytes(Math.max(0, in.size() - END - 0xffff), Math.min(in.size(), END + 0xffff));
        int at = tail.limit() - END;
        while (at >= 0
                && !(tail.getInt(at) == 0x06054b50 && at + END + unsigned(tail.getShort(at + 20)) == tail.limit())) {
            at--;
        }
        if (at < 0) {
            throw bad("has no ZIP directory at its end; it is truncated or not a ZIP archive");
        }
        long end = in.size() - tail.limit() + at;
        long count = unsigned(tail.getShort(at + 10));
        long size = unsigned(tail.getInt(at + 12));
        long start = unsigned(tail.getInt(at + 16));
        if (end >= LOCATOR && bytes(end - LOCATOR, 4).getInt(0) == 0x07064b50) {
            end = bytes(end - LOCATOR, LOCATOR).getLong(8);
            if (end < 0 || end > in.size() - END_64 || bytes(end, 4).getInt(0) != 0x06064b50) {
                throw bad("its zip64 directory is not at its stated offset; take another copy");
            }
            ByteBuffer wide = bytes(end, END_64);
            count = wide.getLong(32);
            size = wide.getLong(40);
            start = wide.getLong(48);
        }
        if (count < 0 || count > MAX_ENTRIES || size < 0 || size > LARGEST_DIRECTORY) {
            throw bad("declares " + Long.toUnsignedString(count) + " entries in a directory of "
                    + Long.toUnsignedString(size) + " bytes; at most " + MAX_ENTRIES + " in "
                    + LARGEST_DIRECTORY
                    + " are read");
        }
        if (start < 0 || start != end - size) {
            throw bad("its ZIP directory does not end at its stated offset; take another copy");
        }
        return entries(bytes(start, size), (int) count, start);
    }

    private List<Entry> entries(ByteBuffer directory, int count, long end) {
        List<Entry> entries = new ArrayList<>();
        Set<String> names = new HashSet<>();
        int at = 0;
        for (int i = 0; i < count; i++) {
            int rest = directory.limit() - at - CENTRAL;
            int nameLength = rest < 0 ? 0 : unsigned(directory.getShort(at + 28));
            int extraLength = rest < 0 ? 0 : unsigned(directory.getShort(at + 30));
            int commentLength = rest < 0 ? 0 : unsigned(directory.getShort(at + 32));
            if (rest < nameLength + extraLength + commentLength || directory.getInt(at) != 0x02014b50) {
                throw bad("its ZIP directory ends within entry " + i + " (from 0) of " + count);
            }
            byte[] name = new byte[nameLength];
            directory.get(at + CENTRAL, name);
            Entry entry = entry(
                    new String(name, StandardCharsets.UTF_8),
                    directory.slice(at, CENTRAL).order(ByteOrder.LITTLE_ENDIAN),
                    directory.slice(at + CENTRAL + nameLength, extraLength).order(ByteOrder.LITTLE_ENDIAN));
            if (!names.add(entry.name())) {
                throw bad("the entry " + Messages.quote(entry.name()) + " comes twice");
            }
            entries.add(entry);
            at += CENTRAL + nameLength + extraLength + commentLength;
        }
        if (at != directory.limit()) {
            throw bad("its ZIP directory goes on after its " + count + " entries");
        }
        return limited(entries, end);
    }

    private Entry entry(String name, ByteBuffer fixed, ByteBuffer extra) {
        String quoted = Messages.quote(name);
        if (name.startsWith("/")
                || name.indexOf('\\') >= 0
                || List.of(name.split("/", -1)).contains("..")) {
            throw bad("the entry " + quoted + " leads out of the archive; it is not to be trusted");
        }
        int method = unsigned(fixed.getShort(10));
        if ((fixed.getShort(8) & 1) != 0 || method != 0 && method != 8) {
            throw bad("the entry " + quoted + " is encrypted or compressed by method " + method
                    + "; stored and deflated ones are read");
        }
        long[] values = {unsigned(fixed.getInt(24)), unsigned(fixed.getInt(20)), unsigned(fixed.getInt(42))};
        wide(extra, values);
        if (values[0] < 0 || values[1] < 0 || values[2] < 0 || method == 0 && values[0] != values[1]) {
            throw bad("the entry " + quoted + " contradicts itself about its size");
        }
        if (values[0] / DENSEST > values[1]) {
            throw bad("the entry " + quoted + " declares " + values[0] + " bytes, more than " + values[1]
                    + " packed ones can hold");
        }
        return new Entry(name, method == 0, values[1], values[0], unsigned(fixed.getInt(16)), values[2], 0);
    }

    /** Replaces the numbers that refer to the zip64 field by the numbers there. */
    private static void wide(ByteBuffer extra, long[] values) {
        int at = 0;
        while (at + 4 <= extra.limit()) {
            int end = Math.min(extra.limit(), at + 4 + unsigned(extra.getShort(at + 2)));
            if (extra.getShort(at) == 1) {
                int field = at + 4;
                for (int i = 0; i < values.length; i++) {
                    if (values[i] == IN_EXTRA && field + 8 <= end) {
                        values[i] = extra.getLong(field);
                        field += 8;
                    }
                }
                return;
            }
            at = end;
        }
    }

    /** Maps each entry to the start of the next. */
    private static List<Entry> limited(List<Entry> entries, long end) {
        List<Entry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingLong(Entry::header));
        for (int i = 0; i < sorted.size(); i++) {
            long limit = i + 1 < sorted.size() ? Math.min(end, sorted.get(i + 1).header()) : end;
            Entry e = sorted.get(i);
            sorted.set(i, new Entry(e.name, e.stored, e.packed, e.size, e.crc, e.header, limit));
        }
        return List.copyOf(sorted);
    }

    /** {@return the entries, in the order in which they lie in the archive} */
    public List<Entry> entries() {
        return entries;
    }

    /**
     * {@return the name of an entry in messages: the archive's path and the entry's name in quotes}
     *
     * @param entry one of {@link #entries}
     */
    public String name(Entry entry) {
        return in.path() + ", " + Messages.quote(entry.name());
    }

    /**
     * {@return the offset of an entry's bytes in the archive}
     *
     * @param entry one of {@link #entries}
     * @throws ElboException of kind DATA if they run into something else
     */
    public long start(Entry entry) {
        if (entry.header() > entry.limit() - LOCAL) {
            throw ElboException.data(name(entry) + ": has no room in the archive; it is damaged");
        }
        ByteBuffer local = bytes(entry.header(), LOCAL);
        long start = entry.header() + LOCAL + unsigned(local.getShort(26)) + unsigned(local.getShort(28));
        if (local.getInt(0) != 0x04034b50 || start > entry.limit() || entry.packed() > entry.limit() - start) {
            throw ElboException.data(name(entry) + ": is not at its stated offset, or overlaps the next entry");
        }
        return start;
    }

    /**
     * The content of an entry, unpacked; to be read to its end and then checked by {@link Content#requireEnd}.
     *
     * @param entry one of {@link #entries}
     * @return to be closed; the archive stays open
     * @throws ElboException as {@link #start}
     */
    public Content content(Entry entry) {
        return new Content(entry, in.stream(start(entry), entry.packed()), new Inflater(true));
    }

    /** The content of an entry. Failures of reading it are {@link ElboException}s of kind DATA that name it. */
    public final class Content extends CheckedInputStream {
        private static final int PIECE = 1 << 16;

        private final Entry entry;
        private final Inflater inflater;
        private long count;

        private Content(Entry entry, InputStream packed, Inflater inflater) {
            super(entry.stored() ? packed : new InflaterInputStream(packed, inflater, PIECE), new CRC32());
            this.entry = entry;
            this.inflater = inflater;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int start, int length) throws IOException {
            try {
                int got = super.read(into, start, length);
                count += Math.max(0, got);
                return got;
            } catch (ZipException | EOFException e) {
                throw ElboException.data(
                        name(entry) + ": its data are broken or end after " + count
                                + " unpacked bytes; take another copy",
                        e);
            }
        }

        /**
         * Checks, once the declared bytes were read, that there are no more and that they are the right ones.
         *
         * @throws IOException if the archive cannot be read
         * @throws ElboException of kind DATA if that is not so
         */
        public void requireEnd() throws IOException {
            if (read() >= 0 || count != entry.size()) {
                throw ElboException.data(name(entry) + ": does not end after the " + entry.size()
                        + " bytes that the archive declares; take another copy");
            }
            if (getChecksum().getValue() != entry.crc()) {
                throw ElboException.data(name(entry)
                        + String.format(
                                ": its checksum is %08x, the archive has %08x; take another copy",
                                getChecksum().getValue(), entry.crc()));
            }
        }

        @Override
        public void close() {
            inflater.end();
        }
    }

    private ByteBuffer bytes(long offset, long length) {
        ByteBuffer bytes = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
        in.read(offset, bytes);
        return bytes.clear();
    }

    private static int unsigned(short value) {
        return value & 0xffff;
    }

    private static long unsigned(int value) {
        return value & 0xffffffffL;
    }

    private ElboException bad(String problem) {
        return ElboException.data(in.path() + ": " + problem);
    }
}
