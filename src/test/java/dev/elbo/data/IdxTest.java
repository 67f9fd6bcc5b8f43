package dev.elbo.data;

import static dev.elbo.data.IdxBytes.counting;
import static dev.elbo.data.IdxBytes.gzip;
import static dev.elbo.data.IdxBytes.idx;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import dev.elbo.io.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxTest {
    @TempDir
    Path folder;

    private Path file(byte[] content) throws IOException {
        return Files.write(folder.resolve("f"), content);
    }

    private Idx.Array read(byte[] content) throws IOException {
        return Idx.read(file(content), Optional.empty(), PixelScale.BY_KIND);
    }

    private static byte[] bytes(Idx.Array array) {
        byte[] values = new byte[array.rows().count() * array.rows().features()];
        array.rows().copy(0, array.rows().count(), ByteBuffer.wrap(values), 0);
        return values;
    }

    private static float[] floats(Idx.Array array) {
        float[] values = new float[array.rows().count() * array.rows().features()];
        array.rows().copy(0, array.rows().count(), FloatBuffer.wrap(values), 0);
        return values;
    }

    @Test
    void everyTypeIsRead() throws IOException {
        int[] two = {2};
        assertArrayEquals(new byte[] {-1, 1}, bytes(read(idx(0x08, two, (byte) -1, (byte) 1))));
        assertArrayEquals(new float[] {-1, 1}, floats(read(idx(0x09, two, (byte) -1, (byte) 1))));
        byte[] shorts = ByteBuffer.allocate(4)
                .putShort((short) -2)
                .putShort((short) 300)
                .array();
        assertArrayEquals(new float[] {-2, 300}, floats(read(idx(0x0b, two, shorts))));
        byte[] ints = ByteBuffer.allocate(8).putInt(-3).putInt(70_000).array();
        assertArrayEquals(new float[] {-3, 70_000}, floats(read(idx(0x0c, two, ints))));
        byte[] floats = ByteBuffer.allocate(8).putFloat(0.1f).putFloat(-5).array();
        assertArrayEquals(new float[] {0.1f, -5}, floats(read(idx(0x0d, two, floats))));
        byte[] doubles = ByteBuffer.allocate(16).putDouble(0.1).putDouble(-6).array();
        assertArrayEquals(new float[] {0.1f, -6}, floats(read(idx(0x0e, two, doubles))));
    }

    @Test
    void everyRankIsReadPackedOrNotAndDigestedUnpacked() throws Exception {
        for (int[] shape : new int[][] {{3}, {3, 4}, {2, 3, 4}, {2, 1, 3, 4}, {70_000, 3}}) {
            byte[] plain = counting(shape);
            for (byte[] content : new byte[][] {plain, gzip(plain)}) {
                var digest = Sha256.create();
                Idx.Array array = Idx.read(file(content), Optional.of(digest), PixelScale.BY_KIND);
                assertArrayEquals(shape, array.shape());
                assertEquals((byte) 2, bytes(array)[2]);
                assertEquals(
                        HexFormat.of().formatHex(Sha256.create().digest(plain)),
                        HexFormat.of().formatHex(digest.digest()));
            }
        }
    }

    @Test
    void brokenHeadersAreRefusedWithBothNumbers() throws IOException {
        Map<byte[], String[]> cases = new LinkedHashMap<>();
        cases.put(new byte[0], new String[] {"0 of 4 bytes", "magic"});
        cases.put(new byte[] {0, 0, 8}, new String[] {"3 of 4 bytes"});
        cases.put("<html></html>".getBytes(), new String[] {"3c68746d"});
        cases.put(idx(0x07, new int[] {1}, (byte) 1), new String[] {"00000701"});
        cases.put(new byte[] {0, 1, 8, 1, 0, 0, 0, 0}, new String[] {"00010801"});
        cases.put(new byte[] {0, 0, 8, (byte) 255, 0, 0, 0, 1}, new String[] {"rank 255"});
        cases.put(new byte[] {0, 0, 8, 0}, new String[] {"rank 0"});
        cases.put(new byte[] {0, 0, 8, 2, 0, 0, 0, 1}, new String[] {"4 of 8 bytes", "dimensions"});
        cases.put(idx(8, new int[] {65536, 65536}), new String[] {"declares 4294967308 bytes, the file has 12"});
        int most = Integer.MAX_VALUE;
        cases.put(idx(8, new int[] {most, most, most}), new String[] {"dimension 1 of 2147483647", "more values"});
        cases.put(idx(8, new int[] {-1, -1, -1, -1}), new String[] {"dimension 0 of 4294967295"});
        cases.put(idx(8, new int[] {0, -1}), new String[] {"4294967295"});
        cases.put(idx(8, new int[] {2_000_000_000}), new String[] {"declares 2000000008 bytes, the file has 8"});
        cases.put(idx(0x0e, new int[] {2_000_000_000}), new String[] {"declares 16000000008 bytes"});
        cases.put(idx(8, new int[] {3}, (byte) 1, (byte) 2), new String[] {"11 bytes", "has 10", "truncated"});
        cases.put(idx(8, new int[] {1}, (byte) 1, (byte) 2), new String[] {"9 bytes", "has 10", "trailing"});
        for (Map.Entry<byte[], String[]> entry : cases.entrySet()) {
            Path file = file(entry.getKey());
            ElboException e = refused(() -> Idx.read(file, Optional.empty(), PixelScale.BY_KIND), entry.getValue());
            assertTrue(e.getMessage().startsWith(file.toString()));
        }
    }

    @Test
    void packedFilesMustEndWhereTheyDeclare() throws IOException {
        byte[] plain = counting(10, 10);
        refused(() -> read(gzip(Arrays.copyOf(plain, plain.length - 1))), "99 of 100 bytes");
        refused(() -> read(gzip(Arrays.copyOf(plain, plain.length + 1))), "goes on after the 112 bytes");
        refused(() -> read(gzip(gzip(plain))), "begins with 1f8b08");
        refused(() -> read(gzip(new byte[0])), "0 of 4 bytes");
        byte[] packed = gzip(plain);
        refused(() -> read(Arrays.copyOf(packed, packed.length + 3)), "3 bytes follow");
        ByteArrayOutputStream twice = new ByteArrayOutputStream();
        twice.write(packed);
        twice.write(packed);
        refused(() -> read(twice.toByteArray()), "goes on after the 112 bytes");
        byte[] checksum = packed.clone();
        checksum[packed.length - 8] ^= 1;
        refused(() -> read(checksum), "checksum");
        byte[] length = packed.clone();
        length[packed.length - 1] ^= 1;
        refused(() -> read(length), "checksum");
        for (int cut = 2; cut < packed.length; cut++) {
            byte[] part = Arrays.copyOf(packed, cut);
            refused(() -> read(part), "f: ");
        }
    }

    @Test
    void gzipHeadersWithNamesAndCommentsAreSkipped() throws IOException {
        byte[] packed = gzip(counting(4));
        ByteArrayOutputStream named = new ByteArrayOutputStream();
        named.write(packed, 0, 3);
        named.write(4 | 8 | 16 | 2);
        named.write(packed, 4, 6);
        named.write(new byte[] {3, 0, 1, 2, 3, 'n', 0, 'c', 'c', 0, 9, 9});
        named.write(packed, 10, packed.length - 10);
        assertArrayEquals(new byte[] {0, 1, 2, 3}, bytes(read(named.toByteArray())));
        byte[] endless = new byte[100];
        Arrays.fill(endless, (byte) 'x');
        System.arraycopy(new byte[] {0x1f, (byte) 0x8b, 8, 8}, 0, endless, 0, 4);
        refused(() -> read(endless), "gzip header");
        endless[3] = 4;
        refused(() -> read(endless), "gzip header");
        endless[3] = (byte) 0x80;
        refused(() -> read(endless), "gzip header");
        endless[2] = 7;
        refused(() -> read(endless), "gzip header");
    }

    /** 64 MiB of zeros behind a header that declares ten bytes: the reader stops at the eleventh. */
    @Test
    void bombsCostNoMoreThanWhatIsDeclared() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(idx(8, new int[] {10}, new byte[10]));
            for (int i = 0; i < 64; i++) {
                out.write(new byte[1 << 20]);
            }
        }
        long began = System.nanoTime();
        refused(() -> read(packed.toByteArray()), "goes on after the 18 bytes");
        assertTrue(System.nanoTime() - began < 500_000_000L);
    }

    @Test
    void aPackedFileThatDeclaresMoreThanItCanHoldIsRefusedBeforeMemoryIsTaken() throws IOException {
        refused(() -> read(gzip(idx(8, new int[] {2_000_000_000}))), "declares 2000000008 bytes", "at most");
    }

    @Test
    void randomEditsOnlyEverGiveTheTypedError() throws IOException {
        Random random = new Random(3);
        byte[][] goods = {counting(5, 3, 2), gzip(counting(5, 3, 2))};
        int refused = 0;
        for (int round = 0; round < 4000; round++) {
            byte[] bad = goods[round % 2].clone();
            for (int edits = random.nextInt(3) + 1; edits > 0; edits--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            try {
                read(random.nextInt(4) > 0 ? bad : Arrays.copyOf(bad, random.nextInt(bad.length + 10)));
            } catch (ElboException e) {
                assertEquals(ElboException.Kind.DATA, e.kind());
                refused++;
            }
        }
        assertTrue(refused > 2000, refused + " refused");
    }
}
