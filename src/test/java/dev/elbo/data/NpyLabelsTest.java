package dev.elbo.data;

import static dev.elbo.data.NpyBytes.npy;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels in whatever form, as files of their own. */
class NpyLabelsTest {
    private static final String[] TYPES = {
        "|b1", "|i1", "<i2", ">i4", "<i8", "|u1", ">u2", "<u4", ">u8", "<f2", ">f4", "<f8"
    };

    @TempDir
    private Path folder;

    private Dataset read(byte[] content) throws IOException {
        Path file = Files.write(folder.resolve("y.npy"), content);
        LabelList labels = LabelList.read(file);
        Rows rows = Rows.ofBytes(new byte[labels.count()], 1);
        Split split = new Split(Dataset.unchecked("x", rows, Optional.empty(), 1, Optional.empty()), Optional.empty());
        return LabelList.onto(split, Optional.of(labels), Optional.empty()).train();
    }

    private int[] numbers(byte[] content) throws IOException {
        return read(content).labels().orElseThrow();
    }

    /** Values of any type, in the order of the file. */
    private static byte[] array(String type, boolean fortran, String shape, int... values) {
        int width = type.charAt(2) - '0';
        ByteBuffer bytes = ByteBuffer.allocate(width * values.length)
                .order(type.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            switch (type.charAt(1) == 'f' ? -width : width) {
                case 1 -> bytes.put((byte) value);
                case 2 -> bytes.putShort((short) value);
                case 4 -> bytes.putInt(value);
                case 8 -> bytes.putLong(value);
                // small whole numbers are normal ones
                case -2 -> bytes.putShort((short) (value == 0 ? 0 : (Float.floatToIntBits(value) >> 13) - (112 << 10)));
                case -4 -> bytes.putFloat(value);
                default -> bytes.putDouble(value);
            }
        }
        return npy(type, fortran, shape, bytes.array());
    }

    /** The same labels in every form are equal. */
    @Test
    void everyFormOfTheSameLabels() throws IOException {
        Random random = new Random(4);
        for (int round = 0; round < 40; round++) {
            String type = TYPES[random.nextInt(TYPES.length)];
            int classes = type.equals("|b1") ? 2 : random.nextInt(2, 12);
            int count = random.nextInt(1, 40);
            int[] labels = random.ints(count, 0, classes).toArray();
            boolean fortran = random.nextBoolean();
            assertArrayEquals(labels, numbers(array(type, fortran, "(" + count + ",)", labels)), type);
            assertArrayEquals(labels, numbers(array(type, fortran, "(" + count + ", 1)", labels)), type);
            int[] hot = new int[count * classes];
            for (int i = 0; i < count; i++) {
                hot[fortran ? labels[i] * count + i : i * classes + labels[i]] = 1;
            }
            byte[] oneHot = array(type, fortran, "(" + count + ", " + classes + ")", hot);
            assertArrayEquals(labels, numbers(oneHot), type);
            assertArrayEquals(labels, numbers(IdxBytes.gzip(oneHot)), type);
            String words = new String[] {"<U", ">U", "|S"}[random.nextInt(3)];
            String[] digits = Arrays.stream(labels).mapToObj(Integer::toString).toArray(String[]::new);
            assertArrayEquals(labels, numbers(NpyBytes.words(words, digits)));
            String[] names = Arrays.stream(labels)
                    .mapToObj(label -> "class " + (char) ('a' + label))
                    .toArray(String[]::new);
            Dataset named = read(NpyBytes.words(words, names));
            for (int i = 0; i < count; i++) {
                assertEquals(
                        names[i],
                        named.labelNames().orElseThrow().get(named.labels().orElseThrow()[i]));
            }
        }
    }

    @Test
    void namesAreNumberedInTheirOrder() throws IOException {
        Dataset words = read(NpyBytes.words(">U", "größer", "b", "a b", "b"));
        assertEquals(List.of("a b", "b", "größer"), words.labelNames().orElseThrow());
        assertArrayEquals(new int[] {2, 1, 0, 1}, words.labels().orElseThrow());
    }

    @Test
    void whatIsNoLabelIsRefusedWithItsPlace() {
        String what = "one-hot rows or words";
        refused(() -> read(array("<f4", false, "(2, 2)", 0, 1, 1, 1)), "y.npy", "row 1", "more than one 1", what);
        refused(() -> read(array("|u1", false, "(2, 2)", 0, 1, 0, 0)), "row 1", "no 1", what);
        refused(() -> read(array("|i1", true, "(2, 3)", 0, 1, 0, 0, 2, 0)), "row 0", "has 2.0", what);
        byte[] half = npy("<f4", false, "(2,)", new byte[] {0, 0, 0, 0, 0, 0, 0, 63});
        refused(() -> read(half), "label 1", "0.5, not a whole number", what);
        byte[] nan = npy("<f2", false, "(1, 2)", new byte[] {0, 126, 0, 0});
        refused(() -> read(nan), "row 0", "NaN", what);
        refused(() -> read(array("<u8", false, "(1,)", -1)), "label 0", "1.8446744073709552E19, too large");
        refused(() -> read(array("|u1", false, "(1, 1, 1)", 0)), "(1, 1, 1)", what);
        refused(() -> read(array("|u1", false, "(0, 0)")), "(0, 0)", what);
        refused(() -> read(npy("|O", false, "(1,)", new byte[8])), "objects", what);
        refused(() -> read(NpyBytes.words("|S", "a", "")), "label 1", "empty", what);
        refused(() -> read(npy("|S2", false, "(1,)", new byte[] {-61, 40})), "word 0", "UTF-8");
        refused(() -> read(npy("<U1", false, "(1,)", new byte[] {0, -40, 0, 0})), "0x0000d800");
        refused(() -> read(npy("|S2", false, "(9,)", new byte[4])), "needs 18 bytes; the file has 4");
        byte[] many = new byte[3 * 40_000];
        for (int i = 0; i < many.length; i++) {
            many[i] = (byte) ('0' + (i % 3 == 0 ? i / 3 / 1600 : i % 3 == 1 ? i / 3 / 40 % 40 : i / 3 % 40));
        }
        refused(() -> read(npy("|S3", false, "(40000,)", many)), "more than 32768 different words");
        byte[] cut = IdxBytes.gzip(NpyBytes.words("|S", "a", "b"));
        for (int length = 0; length < cut.length; length++) {
            byte[] part = Arrays.copyOf(cut, length);
            refused(() -> read(part), "y.npy");
        }
    }
}
