package dev.elbo.cuda.driver;

import dev.elbo.natives.NativeLibrary;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Adapter of JCuda's library for cuBLAS 12 to cuBLAS 13, whose calls that elbo uses have the same signatures: in an ELF
 * file (System V ABI, and the Linux Standard Base's symbol versioning) the library that is needed and the version of
 * its symbols are strings of the same length, and the version has a hash beside it.
 */
final class BlasVersion {
    private static final int PROGRAM_HEADERS = 0x20;
    private static final int PROGRAM_HEADER_BYTES = 0x36;
    private static final int PROGRAM_HEADER_COUNT = 0x38;
    private static final int LOAD = 1;
    private static final int DYNAMIC = 2;
    private static final int VERSION_BYTES = 16;
    private static final long VERSIONS_NEEDED = 0x6ffffffeL;

    private final ByteBuffer elf;

    private BlasVersion(byte[] library) {
        this.elf = ByteBuffer.wrap(library).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Returns a copy of a 64-bit library that needs {@code to} where it needed {@code from}.
     *
     * @throws IllegalArgumentException if it is none, or does not need {@code from} under a version of that name, or if the
     *     names differ in length
     */
    static byte[] replace(byte[] library, String from, String to) {
        if (from.length() != to.length()) {
            throw new IllegalArgumentException("'" + from + "' and '" + to + "' differ in length");
        }
        byte[] copy = library.clone();
        BlasVersion it = new BlasVersion(copy);
        if (copy.length < 64 || it.elf.getInt(0) != 0x464c457f || copy[4] != 2 || copy[5] != 1) {
            throw new IllegalArgumentException("not a 64-bit library");
        }
        try {
            if (it.replaceHashes(hash(from), hash(to)) == 0) {
                throw new IllegalArgumentException("no symbols of a version " + from);
            }
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            throw new IllegalArgumentException("a damaged library", e);
        }
        NativeLibrary.rename(it.elf, from, to);
        return copy;
    }

    /** Returns the System V hash of a version's name. */
    static int hash(String name) {
        int hash = 0;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash << 4) + name.charAt(i);
            int high = hash & 0xf0000000;
            hash = (hash ^ high >>> 24) & ~high;
        }
        return hash;
    }

    private int replaceHashes(int from, int to) {
        int replaced = 0;
        int need = fileOffset(dynamic(VERSIONS_NEEDED));
        for (int next = -1; next != 0; need += next) {
            next = following(need);
            int version = need + elf.getInt(need + 8);
            for (int following = -1; following != 0; version += following) {
                following = following(version);
                if (elf.getInt(version) == from) {
                    elf.putInt(version, to);
                    replaced++;
                }
            }
        }
        return replaced;
    }

    /** Returns the offset of the next entry, 0 behind the last; entries that go back or overlap may never end. */
    private int following(int entry) {
        int offset = elf.getInt(entry + 12);
        if (offset != 0 && offset < VERSION_BYTES) {
            throw new IllegalArgumentException("a library whose symbol versions go in circles");
        }
        return offset;
    }

    private int header(int type, long address) {
        int at = Math.toIntExact(elf.getLong(PROGRAM_HEADERS));
        int bytes = elf.getShort(PROGRAM_HEADER_BYTES);
        for (int i = 0; i < elf.getShort(PROGRAM_HEADER_COUNT); i++, at += bytes) {
            long start = elf.getLong(at + 16);
            if (elf.getInt(at) == type
                    && (type != LOAD || address >= start && address < start + elf.getLong(at + 32))) {
                return at;
            }
        }
        throw new IllegalArgumentException("a library without a program header of type " + type);
    }

    private int fileOffset(long address) {
        int header = header(LOAD, address);
        return Math.toIntExact(address - elf.getLong(header + 16) + elf.getLong(header + 8));
    }

    private long dynamic(long tag) {
        int header = header(DYNAMIC, 0);
        int at = Math.toIntExact(elf.getLong(header + 8));
        for (; elf.getLong(at) != 0; at += 16) {
            if (elf.getLong(at) == tag) {
                return elf.getLong(at + 8);
            }
        }
        throw new IllegalArgumentException("a library without symbol versions");
    }
}
