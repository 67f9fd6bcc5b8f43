package dev.elbo.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A shared library of a few hundred bytes, with nothing but what a loader is told: what it needs, and of which version. */
public final class ElfBytes {
    private static final int STRINGS = 64 + 2 * 56;
    private static final int VERSIONS = STRINGS + 64;
    private static final int DYNAMIC = VERSIONS + 64;

    private ElfBytes() {}

    /** Needs the library liba.so, symbols of a version of the given name and hash, and, where there is room, more. */
    public static ByteBuffer library(String version, int hash, int length) {
        ByteBuffer file =
                ByteBuffer.allocate(Math.max(length, DYNAMIC + 6 * 16)).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1);
        file.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 2);
        segment(file, 64, 1, 0, file.capacity());
        segment(file, 64 + 56, 2, DYNAMIC, file.capacity() - DYNAMIC);
        file.put(STRINGS, ("\0liba.so\0" + version + "\0").getBytes(StandardCharsets.US_ASCII));
        // one library of one version: its hash, flags, index, name, and nothing that follows
        file.putShort(VERSIONS, (short) 1).putShort(VERSIONS + 2, (short) 1).putInt(VERSIONS + 4, 9);
        file.putInt(VERSIONS + 8, 16).putInt(VERSIONS + 16, hash).putInt(VERSIONS + 24, 9);
        long[][] table = {{5, STRINGS}, {10, 64}, {1, 1}, {1, 9}, {0x6ffffffeL, VERSIONS}, {0, 0}};
        for (int i = 0; i < table.length; i++) {
            file.putLong(DYNAMIC + 16 * i, table[i][0]).putLong(DYNAMIC + 16 * i + 8, table[i][1]);
        }
        return file;
    }

    private static void segment(ByteBuffer file, int at, int type, long offset, long size) {
        file.putInt(at, type).putLong(at + 8, offset).putLong(at + 16, offset).putLong(at + 32, size);
    }

    /** Of two versions each follows the other, for ever. */
    public static byte[] endlessVersions(String version, int hash) {
        ByteBuffer file = library(version, hash, 0);
        return file.putInt(VERSIONS + 16 + 12, 16)
                .putInt(VERSIONS + 32 + 12, -16)
                .array();
    }

    /** Of two libraries each follows the other, for ever. */
    public static byte[] endlessLibraries(String version, int hash) {
        ByteBuffer file = library(version, hash, 0);
        return file.putInt(VERSIONS + 12, 32)
                .putInt(VERSIONS + 32 + 8, -16)
                .putInt(VERSIONS + 32 + 12, -32)
                .array();
    }

    /** A long name that is needed as often as there is room for. */
    public static byte[] needyOf(int length) {
        ByteBuffer file = library("", 0, length);
        int end = length / 2;
        for (int at = DYNAMIC + 3 * 16; at + 16 <= end; at += 16) {
            file.putLong(at, 1).putLong(at + 8, end - STRINGS);
        }
        file.putLong(DYNAMIC + 16 + 8, length);
        while (end < length - 1) {
            file.put(end++, (byte) 'n');
        }
        return file.array();
    }
}
