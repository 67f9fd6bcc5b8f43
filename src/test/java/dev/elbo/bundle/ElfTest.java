package dev.elbo.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ElfTest {
    private static final int STRINGS = 64 + 2 * 56;
    private static final int DYNAMIC = STRINGS + 32;
    private static final int ADDRESS = 0x1000;

    /** A file with one loaded and one dynamic segment that needs liba.so and libb.so.2. */
    private static byte[] small() {
        byte[] names = "\0liba.so\0libb.so.2\0".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer file = ByteBuffer.allocate(DYNAMIC + 5 * 16).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1);
        file.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 2);
        segment(file, 64, 1, 0, ADDRESS, file.capacity());
        segment(file, 64 + 56, 2, DYNAMIC, ADDRESS + DYNAMIC, 5 * 16);
        file.put(STRINGS, names);
        long[][] table = {{1, 1}, {5, ADDRESS + STRINGS}, {10, names.length}, {1, 9}, {0, 0}};
        for (int i = 0; i < table.length; i++) {
            file.putLong(DYNAMIC + 16 * i, table[i][0]).putLong(DYNAMIC + 16 * i + 8, table[i][1]);
        }
        return file.array();
    }

    private static void segment(ByteBuffer file, int at, int type, long offset, long address, long size) {
        file.putInt(at, type).putLong(at + 8, offset).putLong(at + 16, address).putLong(at + 32, size);
    }

    private static String refusal(byte[] content) {
        ElboException refused = assertThrows(ElboException.class, () -> Elf.needed("some.so", content));
        assertEquals(ElboException.Kind.DATA, refused.kind());
        return refused.getMessage();
    }

    @Test
    void whatIsNeededIsNamedInOrder() {
        assertEquals(List.of("liba.so", "libb.so.2"), Elf.needed("small.so", small()));
    }

    @Test
    void realLibrariesAreRead() throws IOException {
        try (InputStream in = ElfTest.class.getResourceAsStream("/lib/libJCublas2-12.6.0-linux-x86_64.so")) {
            List<String> needed = Elf.needed("libJCublas2", in.readAllBytes());
            assertEquals(
                    List.of(
                            "libpthread.so.0",
                            "librt.so.1",
                            "libdl.so.2",
                            "libcublas.so.12",
                            "libstdc++.so.6",
                            "libc.so.6",
                            "ld-linux-x86-64.so.2"),
                    needed);
        }
        Path jvm = Path.of(System.getProperty("java.home"), "lib", "server", "libjvm.so");
        assertTrue(Elf.needed("libjvm", Files.readAllBytes(jvm)).contains("libm.so.6"));
    }

    @Test
    void otherFilesAreRefused() {
        assertFalse(Elf.is(new byte[] {0x7f, 'E', 'L'}));
        assertFalse(Elf.is("#!/bin/sh\n".getBytes(StandardCharsets.US_ASCII)));
        assertTrue(Elf.is(small()));
        assertEquals(
                "some.so: is not a 64-bit little-endian ELF file",
                refusal("#!/bin/sh\n".getBytes(StandardCharsets.US_ASCII)));
        byte[] narrow = small();
        narrow[4] = 1;
        assertEquals("some.so: is not a 64-bit little-endian ELF file", refusal(narrow));
    }

    @Test
    void liesAreRefused() {
        byte[] noTable = small();
        ByteBuffer.wrap(noTable).order(ByteOrder.LITTLE_ENDIAN).putLong(DYNAMIC + 16 + 8, 1L << 40);
        assertEquals("some.so: its ELF string table lies in no segment", refusal(noTable));
        byte[] noName = small();
        ByteBuffer.wrap(noName).order(ByteOrder.LITTLE_ENDIAN).putLong(DYNAMIC + 8, 1L << 40);
        assertEquals("some.so: an ELF name lies outside of the string table", refusal(noName));
        byte[] farHeaders = small();
        ByteBuffer.wrap(farHeaders).order(ByteOrder.LITTLE_ENDIAN).putLong(32, 1L << 40);
        assertTrue(refusal(farHeaders).contains("point beyond"), "far headers");
    }

    @Test
    void truncatedAndDamagedFilesGiveNothingButTheTypedError() {
        byte[] whole = small();
        for (int length = 0; length < whole.length; length++) {
            readOrRefuse(Arrays.copyOf(whole, length));
        }
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = whole.clone();
            for (int n = 0; n < 3; n++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            readOrRefuse(damaged);
        }
    }

    private static void readOrRefuse(byte[] content) {
        try {
            Elf.needed("damaged.so", content);
        } catch (ElboException e) {
            assertEquals(ElboException.Kind.DATA, e.kind());
        }
    }
}
