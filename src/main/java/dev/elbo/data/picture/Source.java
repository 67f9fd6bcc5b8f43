package dev.elbo.data.picture;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The bytes of a file by position, in memory or on disk; reading beyond the end reports a truncated file. */
final class Source {
    /** Headers are read in pieces of this size, not byte by byte. */
    private static final int WINDOW = 1 << 12;

    private interface Fill {
        void read(long at, ByteBuffer into);
    }

    private final String name;
    private final long size;
    private final Fill fill;
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long start;

    private Source(String name, long size, Fill fill) {
        this.name = name;
        this.size = size;
        this.fill = fill;
    }

    static Source of(String name, byte[] bytes) {
        Source source = new Source(name, bytes.length, (at, into) -> {
            throw new IllegalStateException("all of it is in the window");
        });
        source.window = ByteBuffer.wrap(bytes);
        return source;
    }

    static Source of(InputFile file) {
        return new Source(file.path().toString(), file.size(), file::read);
    }

    String name() {
        return name;
    }

    long size() {
        return size;
    }

    int u8(long at) {
        return locate(at, 1).get((int) (at - start)) & 0xff;
    }

    /** Two bytes, the high one first. */
    int u16(long at) {
        return u8(at) << 8 | u8(at + 1);
    }

    /** Four bytes, the high one first. */
    long u32(long at) {
        return locate(at, 4).order(ByteOrder.BIG_ENDIAN).getInt((int) (at - start)) & 0xffffffffL;
    }

    /** Two bytes, the low one first. */
    int u16Low(long at) {
        return u8(at) | u8(at + 1) << 8;
    }

    /** Four bytes, the low one first, as a signed number. */
    int i32Low(long at) {
        return locate(at, 4).order(ByteOrder.LITTLE_ENDIAN).getInt((int) (at - start));
    }

    /** Returns whether the bytes at a position are these, of which each char is one. */
    boolean has(long at, String bytes) {
        return at + bytes.length() <= size
                && bytes.equals(new String(bytes(at, bytes.length()), StandardCharsets.ISO_8859_1));
    }

    byte[] bytes(long at, int count) {
        ByteBuffer from = locate(at, count);
        int first = (int) (at - start);
        return Arrays.copyOfRange(from.array(), first, first + count);
    }

    private ByteBuffer locate(long at, int count) {
        if (at < 0 || at + count > size) {
            throw broken("ends at byte " + size + ", within what it declares; it is truncated, take another copy");
        }
        if (at < start || at + count > start + window.limit()) {
            ByteBuffer next = ByteBuffer.allocate((int) Math.min(size - at, Math.max(count, WINDOW)));
            fill.read(at, next);
            window = next.flip();
            start = at;
        }
        return window;
    }

    /** The error of a file that cannot be trusted. */
    ElboException broken(String problem) {
        return ElboException.data(name + ": " + problem);
    }
}
