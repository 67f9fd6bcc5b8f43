package dev.elbo.bundle;

import dev.elbo.error.ElboException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The libraries that a program or shared library for Linux on x86-64 needs (System V ABI, gABI 4.1 chapter 5). */
record Elf(String name, ByteBuffer file) {
    private static final int MAGIC = 0x464c457f;
    private static final byte CLASS_64 = 2;
    private static final byte LITTLE_ENDIAN = 1;
    private static final int MIN_PROGRAM_HEADER = 56;

    private static final int LOAD = 1;
    private static final int DYNAMIC = 2;

    private static final long END = 0;
    private static final long NEEDED = 1;
    private static final long STRINGS = 5;
    private static final long STRINGS_SIZE = 10;

    /** A program header: {@code size} bytes of the file from {@code offset} lie at {@code address}. */
    private record Segment(int type, long offset, long address, long size) {}

    static boolean is(byte[] content) {
        return content.length >= Integer.BYTES && littleEndian(content).getInt(0) == MAGIC;
    }

    private static ByteBuffer littleEndian(byte[] content) {
        return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Lists the libraries that a 64-bit little-endian ELF file needs, in its order; throws data for any other file. */
    static List<String> needed(String name, byte[] content) {
        try {
            return new Elf(name, littleEndian(content)).needed();
        } catch (IndexOutOfBoundsException e) {
            throw ElboException.data(name + ": its ELF headers point beyond its " + content.length + " bytes", e);
        }
    }

    private List<String> needed() {
        if (file.getInt(0) != MAGIC || file.get(4) != CLASS_64 || file.get(5) != LITTLE_ENDIAN) {
            throw ElboException.data(name + ": is not a 64-bit little-endian ELF file");
        }
        List<Segment> segments = segments();
        List<Long> names = new ArrayList<>();
        long strings = 0;
        long size = 0;
        for (Segment segment : segments) {
            if (segment.type() != DYNAMIC) {
                continue;
            }
            for (long at = segment.offset(); at < segment.offset() + segment.size(); at += 2 * Long.BYTES) {
                long tag = file.getLong(index(at));
                long value = file.getLong(index(at + Long.BYTES));
                if (tag == END) {
                    break;
                } else if (tag == NEEDED) {
                    names.add(value);
                } else if (tag == STRINGS) {
                    strings = offset(value, segments);
                } else if (tag == STRINGS_SIZE) {
                    size = value;
                }
            }
        }
        List<String> libraries = new ArrayList<>();
        long length = 0;
        for (long at : names) {
            String library = string(strings, size, at);
            length += library.length();
            // Many entries may point to one long name: together they would take far more memory than the file.
            if (length > file.capacity()) {
                throw ElboException.data(name + ": its ELF needed names are longer than the file");
            }
            libraries.add(library);
        }
        return libraries;
    }

    private List<Segment> segments() {
        long table = file.getLong(32);
        int size = Short.toUnsignedInt(file.getShort(54));
        int count = Short.toUnsignedInt(file.getShort(56));
        if (count > 0 && size < MIN_PROGRAM_HEADER) {
            throw ElboException.data(
                    name + ": its ELF program headers have " + size + " bytes, but need " + MIN_PROGRAM_HEADER);
        }
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int at = index(table + (long) i * size);
            segments.add(
                    new Segment(file.getInt(at), file.getLong(at + 8), file.getLong(at + 16), file.getLong(at + 32)));
        }
        return segments;
    }

    /** {@return the offset in the file of the loader's {@code address}} */
    private long offset(long address, List<Segment> segments) {
        for (Segment segment : segments) {
            long inside = address - segment.address();
            if (segment.type() == LOAD && inside >= 0 && inside < segment.size()) {
                return segment.offset() + inside;
            }
        }
        throw ElboException.data(name + ": its ELF string table lies in no segment");
    }

    private String string(long table, long size, long at) {
        if (at < 0 || at >= size) {
            throw ElboException.data(name + ": an ELF name lies outside of the string table");
        }
        int start = index(table + at);
        int end = start;
        while (file.get(end) != 0) {
            end++;
        }
        return new String(file.array(), start, end - start, StandardCharsets.UTF_8);
    }

    private static int index(long at) {
        if (at < 0 || at > Integer.MAX_VALUE) {
            throw new IndexOutOfBoundsException(at);
        }
        return (int) at;
    }
}
