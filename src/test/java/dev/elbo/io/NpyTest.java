package dev.elbo.io;

import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The base64 texts are files that NumPy 1.24.2 wrote. */
class NpyTest {
    private static final String FLOAT32_2_3 =
            "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog"
                    + "KDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
                    + "ICAgICAgIAoAAMA/AAAAwAAAQEAAAIBAAACgQHaEX1E=";
    private static final String INT16_FORTRAN_2_3_4 =
            "k05VTVBZAQB2AHsnZGVzY3InOiAnPGkyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAo"
                    + "MiwgMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
                    + "ICAgICAgIAr7/wcA//8LAAMADwD8/wgAAAAMAAQAEAD9/wkAAQANAAUAEQD+/woAAgAOAAYAEgA=";
    private static final String UINT64_3 =
            "k05VTVBZAQB2AHsnZGVzY3InOiAnPHU4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzog"
                    + "KDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
                    + "ICAgICAgIAr//////////wAAAAAAAACABwAAAAAAAAA=";
    private static final String BOOL_VERSION_2 =
            "k05VTVBZAgB0AAAAeydkZXNjcic6ICd8YjEnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUn"
                    + "OiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
                    + "ICAgICAgIAoBAA==";
    private static final String SCALAR_VERSION_3 =
            "k05VTVBZAwB0AAAAeydkZXNjcic6ICc8ZjgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUn"
                    + "OiAoKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
                    + "ICAgICAgIAoAAAAAAAACQA==";
    private static final String OBJECTS =
            "k05VTVBZAQB2AHsnZGVzY3InOiAnfE8nLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAo"
                    + "MiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
                    + "ICAgICAgIAqAA2NudW1weS5jb3JlLm11bHRpYXJyYXkKX3JlY29uc3RydWN0CnEAY251bXB5Cm5kYXJy"
                    + "YXkKcQFLAIVxAkMBYnEDh3EEUnEFKEsBSwKFcQZjbnVtcHkKZHR5cGUKcQdYAgAAAE84cQiJiIdxCVJx"
                    + "CihLA1gBAAAAfHELTk5OSv////9K/////0s/dHEMYoldcQ0ofXEOTmV0cQ9iLg==";
    private static final String RECORDS =
            "k05VTVBZAQB2AHsnZGVzY3InOiBbKCdhJywgJzxmNCcpXSwgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwg"
                    + "J3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
                    + "ICAgICAgIAoAAAAAAAAAAA==";

    @TempDir
    Path folder;

    private Path numpy(String base64) throws IOException {
        return Files.write(folder.resolve("a.npy"), Base64.getDecoder().decode(base64));
    }

    private Path file(int version, String header, byte[] data) throws IOException {
        int start = version == 1 ? 10 : 12;
        ByteBuffer bytes =
                ByteBuffer.allocate(start + header.length() + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put("\u0093NUMPY".getBytes(StandardCharsets.ISO_8859_1))
                .put((byte) version)
                .put((byte) 0);
        if (version == 1) {
            bytes.putShort((short) header.length());
        } else {
            bytes.putInt(header.length());
        }
        bytes.put(header.getBytes(StandardCharsets.ISO_8859_1)).put(data);
        return Files.write(folder.resolve("b.npy"), bytes.array());
    }

    private Path typed(String type, String shape, byte[] data) throws IOException {
        return file(1, "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n", data);
    }

    @Test
    void whatNumPyWroteIsRead() throws IOException {
        NpyArray floats = Npy.read(numpy(FLOAT32_2_3));
        assertArrayEquals(new int[] {2, 3}, floats.shape());
        assertArrayEquals(new double[] {1.5, -2, 3, 4, 5, 6e10f}, floats.values());
        NpyArray fortran = Npy.read(numpy(INT16_FORTRAN_2_3_4));
        assertArrayEquals(new int[] {2, 3, 4}, fortran.shape());
        for (int i = 0; i < 24; i++) {
            assertEquals(i - 5, fortran.values()[i]);
        }
        assertArrayEquals(
                new double[] {0x1p64, 0x1p63, 7}, Npy.read(numpy(UINT64_3)).values());
        assertArrayEquals(new double[] {1, 0}, Npy.read(numpy(BOOL_VERSION_2)).values());
        NpyArray scalar = Npy.read(numpy(SCALAR_VERSION_3));
        assertArrayEquals(new int[0], scalar.shape());
        assertArrayEquals(new double[] {2.25}, scalar.values());
    }

    @Test
    void everyTypeInBothByteOrders() throws IOException {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            String mark = order == ByteOrder.BIG_ENDIAN ? ">" : "<";
            ByteBuffer two = ByteBuffer.allocate(2).order(order).putShort((short) -2);
            ByteBuffer four = ByteBuffer.allocate(4).order(order).putInt(-3);
            ByteBuffer eight = ByteBuffer.allocate(8).order(order).putLong(-4);
            ByteBuffer real = ByteBuffer.allocate(8).order(order).putDouble(Math.PI);
            ByteBuffer single = ByteBuffer.allocate(4).order(order).putFloat(0.1f);
            assertEquals(-2, Npy.read(typed(mark + "i2", "(1,)", two.array())).values()[0]);
            assertEquals(
                    65534, Npy.read(typed(mark + "u2", "(1,)", two.array())).values()[0]);
            assertEquals(-3, Npy.read(typed(mark + "i4", "(1,)", four.array())).values()[0]);
            assertEquals(
                    0xfffffffdL,
                    Npy.read(typed(mark + "u4", "(1,)", four.array())).values()[0]);
            assertEquals(-4, Npy.read(typed(mark + "i8", "(1,)", eight.array())).values()[0]);
            assertEquals(
                    0x1p64, Npy.read(typed(mark + "u8", "(1,)", eight.array())).values()[0]);
            assertEquals(
                    Math.PI, Npy.read(typed(mark + "f8", "(1,)", real.array())).values()[0]);
            assertEquals(
                    0.1f, Npy.read(typed(mark + "f4", "(1,)", single.array())).values()[0]);
        }
        assertEquals(-1, Npy.read(typed("|i1", "(1,)", new byte[] {-1})).values()[0]);
        assertEquals(255, Npy.read(typed("|u1", "(1L,)", new byte[] {-1})).values()[0]);
        assertEquals(0, Npy.read(typed("|u1", "(3, 0)", new byte[0])).values().length);
    }

    /** Every half that there is, by its place among the numbers: neighbours differ by the last bit of the smaller. */
    @Test
    void halves() throws IOException {
        ByteBuffer all = ByteBuffer.allocate(4 << 16 >> 1).order(ByteOrder.LITTLE_ENDIAN);
        for (int bits = 0; bits < 1 << 16; bits++) {
            all.putShort((short) bits);
        }
        double[] halves = Npy.read(typed("<f2", "(65536,)", all.array())).values();
        double expected = 0;
        for (int bits = 0; bits < 0x7c00; bits++) {
            assertEquals(expected, halves[bits]);
            assertEquals(-expected, halves[0x8000 | bits]);
            expected += Math.scalb(1.0, Math.max(bits >> 10, 1) - 25);
        }
        assertEquals(Double.POSITIVE_INFINITY, halves[0x7c00]);
        assertEquals(Double.NEGATIVE_INFINITY, halves[0xfc00]);
        assertTrue(Double.isNaN(halves[0x7c01]) && Double.isNaN(halves[0xffff]));
        assertEquals(1, Npy.read(typed(">f2", "(1,)", new byte[] {0x3c, 0})).values()[0]);
    }

    @Test
    void whatIsWrittenIsWhatNumPyWrites() throws IOException {
        Path file = folder.resolve("c.npy");
        Npy.write(file, new int[] {2, 3}, new float[] {1.5f, -2, 3, 4, 5, 6e10f});
        assertArrayEquals(Base64.getDecoder().decode(FLOAT32_2_3), Files.readAllBytes(file));
    }

    @Test
    void roundTripAcrossChunks() {
        Path file = folder.resolve("d.npy");
        double[] values = new double[3 * 7001];
        Arrays.setAll(values, i -> Math.sin(i));
        Npy.write(file, new int[] {3, 7001}, values);
        assertArrayEquals(values, Npy.read(file).values());
        Npy.write(file, new int[0], new double[] {4});
        assertArrayEquals(new int[0], Npy.read(file).shape());
        Npy.write(file, new int[] {1}, new float[] {4});
        assertArrayEquals(new int[] {1}, Npy.read(file).shape());
        assertThrows(IllegalArgumentException.class, () -> Npy.write(file, new int[] {2}, new float[] {4}));
    }

    @Test
    void hostileFilesAreRefused() throws IOException {
        refused(() -> Npy.read(numpy(OBJECTS)), "a.npy", "'|O'");
        refused(() -> Npy.read(numpy(RECORDS)), "records");
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("{'descr': '<f4', 'fortran_order': False, 'shape': (100000, 100000), }", "elements");
        headers.put("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000,), }", "4000000 bytes; the file has 8");
        headers.put(
                "{'descr': '<f4', 'fortran_order': False, 'shape': " + "(2147483647, 2147483647, 4), }", "elements");
        headers.put("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "needs 4 bytes; the file has 8");
        headers.put("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "dimension");
        headers.put("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", "tuple");
        headers.put("{'descr': '<f4', 'fortran_order': False, 'shape': (" + "1,".repeat(40) + "), }", "32");
        headers.put("{'descr': '<f4', 'fortran_order': False, 'shape': " + "(".repeat(60_000) + "}", "tuple");
        headers.put("{'descr': " + "[".repeat(60_000) + "}", "records");
        headers.put("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "twice");
        headers.put("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", "'x'");
        headers.put("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), }", "neither");
        headers.put("{'descr': '<f4', 'shape': (2,), }", "missing");
        headers.put("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } + 1", "more after");
        headers.put("{'descr': '=f4', 'fortran_order': False, 'shape': (2,), }", "'=f4'");
        headers.put("{'descr': '|f4', 'fortran_order': False, 'shape': (2,), }", "'|f4'");
        headers.put("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "'<c8'");
        headers.put("{'descr': '', 'fortran_order': False, 'shape': (1,), }", "dtype");
        headers.put("{'de\\scr': '<f4'", "string");
        headers.put("", "'{' is missing");
        headers.put("{", "string");
        for (Map.Entry<String, String> entry : headers.entrySet()) {
            for (int version = 1; version <= 3; version++) {
                Path file = file(version, entry.getKey(), new byte[8]);
                refused(() -> Npy.read(file), file.toString(), entry.getValue());
            }
        }
        refused(() -> Npy.read(file(4, "{}", new byte[0])), "version 4.0");
        refused(() -> Npy.read(file(2, " ".repeat(70_000), new byte[0])), "70000");
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        for (String whole : new String[] {FLOAT32_2_3, BOOL_VERSION_2}) {
            byte[] good = Base64.getDecoder().decode(whole);
            for (int length = 0; length < good.length; length++) {
                Path file = Files.write(folder.resolve("t.npy"), Arrays.copyOf(good, length));
                refused(() -> Npy.read(file), file.toString());
            }
        }
    }

    @Test
    void randomEditsOnlyEverGiveTheTypedError() throws IOException {
        byte[] good = Base64.getDecoder().decode(INT16_FORTRAN_2_3_4);
        Random random = new Random(2);
        int refused = 0;
        for (int round = 0; round < 3000; round++) {
            byte[] bad = good.clone();
            for (int edits = random.nextInt(4) + 1; edits > 0; edits--) {
                bad[random.nextInt(80)] = (byte) random.nextInt(128);
            }
            Path file = Files.write(folder.resolve("z.npy"), bad);
            try {
                Npy.read(file);
            } catch (ElboException e) {
                assertEquals(ElboException.Kind.DATA, e.kind());
                refused++;
            }
        }
        assertTrue(refused > 1000, refused + " refused");
    }
}
