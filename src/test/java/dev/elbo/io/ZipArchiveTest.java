package dev.elbo.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Content that is skipped counts as content that is read. */
class ZipArchiveTest {
    private static final int SIZE = 200_000;
    private static final int SKIPPED = 150_001;

    @TempDir
    private Path folder;

    private final byte[] content = new byte[SIZE];
    private Path file;

    @BeforeEach
    void fill() {
        new Random(1).nextBytes(content);
        file = folder.resolve("some.zip");
    }

    private void write(int method) throws IOException {
        CRC32 checksum = new CRC32();
        checksum.update(content);
        ZipEntry entry = new ZipEntry("rows.npy");
        entry.setMethod(method);
        entry.setSize(SIZE);
        entry.setCrc(checksum.getValue());
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            out.putNextEntry(entry);
            out.write(content);
            out.closeEntry();
        }
    }

    private byte[] readBehindSkipped() throws IOException {
        try (InputFile in = InputFile.open(file)) {
            ZipArchive archive = ZipArchive.open(in);
            try (ZipArchive.Content stream = archive.content(archive.entries().get(0))) {
                assertEquals(0, stream.skip(0));
                assertEquals(0, stream.skip(-3));
                stream.skipNBytes(SKIPPED);
                byte[] rest = stream.readNBytes(SIZE - SKIPPED);
                assertEquals(0, stream.skip(1), "nothing is left");
                stream.requireEnd();
                return rest;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {ZipEntry.STORED, ZipEntry.DEFLATED})
    void whatIsSkippedCountsForTheChecksum(int method) throws IOException {
        write(method);
        assertArrayEquals(Arrays.copyOfRange(content, SKIPPED, SIZE), readBehindSkipped());
    }

    @Test
    void aWrongByteIsNoticedThoughItIsSkipped() throws IOException {
        write(ZipEntry.STORED);
        byte[] bytes = Files.readAllBytes(file);
        bytes[1000] ^= 1;
        Files.write(file, bytes);
        ElboException thrown = assertThrows(ElboException.class, this::readBehindSkipped);
        assertTrue(thrown.getMessage().contains("checksum"), thrown.getMessage());
    }
}
