package dev.elbo.data;

import static dev.elbo.data.IdxBytes.gzip;
import static dev.elbo.data.NpyBytes.npy;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import dev.elbo.io.ImageShape;
import dev.elbo.io.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyFileTest {
    private static final String[] TYPES = {
        "|b1", "|i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8", "|u1", "<u2", ">u2", "<u4", ">u4", "<u8", ">u8", "<f2",
        ">f2", "<f4", ">f4", "<f8", ">f8"
    };

    @TempDir
    Path folder;

    private static Dataset read(byte[] content) {
        return NpyFile.read(InputFile.of(Path.of("a.npy"), content), PixelScale.BY_KIND);
    }

    /** The whole numbers 0, 1, 2, … of a type, or 0, 1, 0, 1, … of booleans. */
    private static byte[] counting(String type, int count) {
        int width = type.charAt(2) - '0';
        ByteOrder order = type.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        ByteBuffer bytes = ByteBuffer.allocate(count * width).order(order);
        for (int i = 0; i < count; i++) {
            int value = type.charAt(1) == 'b' ? i % 2 : i;
            switch (type.substring(1)) {
                case "f4" -> bytes.putFloat(value);
                case "f8" -> bytes.putDouble(value);
                case "f2" -> bytes.putShort(half(value));
                case "i2", "u2" -> bytes.putShort((short) value);
                case "i4", "u4" -> bytes.putInt(value);
                case "i8", "u8" -> bytes.putLong(value);
                default -> bytes.put((byte) value);
            }
        }
        return bytes.array();
    }

    /** For whole numbers below 2048. */
    private static short half(int value) {
        if (value == 0) {
            return 0;
        }
        int exponent = 31 - Integer.numberOfLeadingZeros(value);
        return (short) (exponent + 15 << 10 | value << 10 - exponent & 0x3ff);
    }

    /** What the element (n, i, j, k) of an array of these dimensions is when its values count up as they lie in the file. */
    private static float element(int[] shape, boolean fortran, int... index) {
        int at = 0;
        for (int i = 0; i < shape.length; i++) {
            int axis = fortran ? shape.length - 1 - i : i;
            at = at * shape[axis] + index[axis];
        }
        return at;
    }

    @Test
    void everyTypeAndOrderOfEveryRank() {
        for (String type : TYPES) {
            for (boolean fortran : new boolean[] {false, true}) {
                for (byte[] content : new byte[][] {
                    npy(type, fortran, "(5, 6)", counting(type, 30)),
                    gzip(npy(type, fortran, "(5, 6)", counting(type, 30)))
                }) {
                    Dataset data = read(content);
                    assertEquals(5, data.size());
                    assertEquals(Optional.empty(), data.image());
                    assertEquals(type.endsWith("u1") || type.endsWith("b1"), data.isBytes(), type);
                    float scale = type.endsWith("u1") ? 1 / 255f : 1;
                    for (int n = 0; n < 5; n++) {
                        for (int i = 0; i < 6; i++) {
                            float at = element(new int[] {5, 6}, fortran, n, i);
                            float expected = type.endsWith("b1") ? at % 2 : at * scale;
                            assertEquals(expected, data.row(n)[i], type + " " + fortran + " " + n + " " + i);
                        }
                    }
                }
            }
        }
    }

    @Test
    void picturesComeChannelsFirst() {
        int[][] shapes = {{2, 4, 5}, {2, 3, 4, 5}, {2, 1, 4, 5}, {2, 4, 5, 3}, {2, 4, 5, 1}};
        for (int[] shape : shapes) {
            String text = Arrays.toString(shape).replace('[', '(').replace(']', ')');
            int count = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            boolean last = shape.length == 4 && shape[1] == 4;
            int channels = shape.length == 3 ? 1 : last ? shape[3] : shape[1];
            for (boolean fortran : new boolean[] {false, true}) {
                for (String type : new String[] {"<f4", "|u1"}) {
                    Dataset data = read(npy(type, fortran, text, counting(type, count)));
                    assertEquals(Optional.of(new ImageShape(channels, 4, 5)), data.image());
                    for (int n = 0; n < 2; n++) {
                        for (int f = 0; f < channels * 20; f++) {
                            int c = f / 20;
                            int y = f / 5 % 4;
                            int x = f % 5;
                            int[] index = shape.length == 3
                                    ? new int[] {n, y, x}
                                    : last ? new int[] {n, y, x, c} : new int[] {n, c, y, x};
                            float expected = element(shape, fortran, index) * data.scale();
                            assertEquals(expected, data.row(n)[f], text + " " + fortran + " " + n + " " + f);
                        }
                    }
                }
            }
        }
    }

    /** More rows than are read at once, and more columns than rows that are turned at once. */
    @Test
    void largeArraysAreReadInPieces() throws IOException {
        int rows = 3000;
        int cols = 1500;
        byte[] values = new byte[4 * rows * cols];
        ByteBuffer view = ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < rows * cols; i++) {
            view.putFloat(4 * i, i);
        }
        String shape = "(" + rows + ", " + cols + ")";
        for (boolean fortran : new boolean[] {false, true}) {
            Path file = Files.write(folder.resolve("large.npy"), npy("<f4", fortran, shape, values));
            Dataset data = NpyFile.read(file, PixelScale.BY_KIND);
            for (int n = 0; n < rows; n += 97) {
                float[] row = data.row(n);
                for (int i = 0; i < cols; i++) {
                    assertEquals(fortran ? (float) (i * rows + n) : n * cols + i, row[i]);
                }
            }
        }
    }

    @Test
    void zerosAndOnesInBytesAreAskedAbout() {
        refused(() -> read(npy("|u1", false, "(2, 2)", new byte[] {0, 1, 1, 0})), "a.npy", "uint8", "bool");
        assertEquals(4, read(npy("|u1", false, "(1, 4)", new byte[4])).features());
        assertEquals(
                2 / 255f, read(npy("|u1", false, "(1, 2)", new byte[] {1, 2})).row(0)[1]);
        assertArrayEquals(
                new float[] {0, 1},
                read(npy("|b1", false, "(1, 2)", new byte[] {0, 77})).row(0));
    }

    @Test
    void whatIsNoExamplesIsRefused() {
        refused(() -> read(npy("<f4", false, "(3,)", new byte[12])), "(3)", "labels");
        refused(() -> read(npy("<f4", false, "()", new byte[4])), "a.npy", "()");
        refused(() -> read(npy("<f4", false, "(1, 1, 1, 1, 1)", new byte[4])), "(1, 1, 1, 1, 1)");
        refused(() -> read(npy("<f4", false, "(0, 3)", new byte[0])), "empty", "(0, 3)");
        refused(() -> read(npy("<f4", false, "(3, 0)", new byte[0])), "empty");
        refused(() -> read(npy("<f4", false, "(1, 2, 2, 4)", new byte[64])), "(1, 2, 2, 4)", "1 or 3 channels");
        refused(() -> read(npy("<c8", false, "(1, 1)", new byte[8])), "'<c8'");
        refused(() -> read(npy("|O", false, "(1, 1)", new byte[8])), "'|O'");
        refused(() -> read(npy("<U4", false, "(1, 1)", new byte[16])), "'<U4'");
        refused(() -> read(npy("<f4", false, "(2147483647, 500000000)", new byte[0])), "needs 4294967294000000000");
        refused(() -> read(npy("<f4", false, "(9999, 2147483647, 2147483647)", new byte[0])), "elements");
        refused(() -> read(npy("<f4", false, "(2, 2)", new byte[15])), "needs 16 bytes", "15");
        refused(() -> read(npy("<f4", false, "(2, 2)", new byte[17])), "17");
    }

    @Test
    void packedFilesMustEndWhereTheyDeclare() {
        refused(() -> read(gzip(npy("<f4", false, "(2, 2)", new byte[15]))), "truncated");
        refused(() -> read(gzip(npy("<f4", true, "(2, 2)", new byte[15]))), "truncated");
        refused(() -> read(gzip(npy("<f4", false, "(2, 2)", new byte[17]))), "goes on");
        refused(() -> read(gzip(npy("<f4", false, "(2000000000, 2)", new byte[17]))), "16000000000 bytes");
        byte[] packed = gzip(npy("<f4", false, "(2, 2)", new byte[16]));
        refused(() -> read(Arrays.copyOf(packed, packed.length + 3)), "3 bytes follow");
        refused(() -> read(gzip(packed)), "not an NPY file");
    }

    @Test
    void randomEditsOnlyEverGiveTheTypedError() {
        Random random = new Random(4);
        int refused = 0;
        for (int round = 0; round < 6000; round++) {
            String type = TYPES[round % TYPES.length];
            boolean fortran = random.nextBoolean();
            byte[] plain = npy(type, fortran, "(2, 3, 2)", counting(type, 12));
            byte[] bad = round % 3 == 0 ? gzip(plain) : plain;
            for (int edits = random.nextInt(4) + 1; edits > 0; edits--) {
                bad[random.nextInt(Math.min(bad.length, 80))] = (byte) random.nextInt(128);
            }
            try {
                Dataset data = read(random.nextInt(8) > 0 ? bad : Arrays.copyOf(bad, random.nextInt(bad.length)));
                assertEquals(12, data.size() * data.features());
            } catch (ElboException e) {
                assertEquals(ElboException.Kind.DATA, e.kind());
                refused++;
            }
        }
        assertTrue(refused > 3000, refused + " refused");
    }
}
