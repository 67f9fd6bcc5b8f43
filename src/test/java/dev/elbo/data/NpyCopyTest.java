package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import dev.elbo.io.Npy;
import dev.elbo.io.NpyForm;
import dev.elbo.io.NpyHeader;
import dev.elbo.model.Table;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Copies of arrays keep type and order; only what is missing changes. */
class NpyCopyTest {
    private static final Table TABLE = Table.builder()
            .gaussian("x0")
            .bernoulli("x1", "0", "2.5")
            .constant("x2", "7")
            .build();

    private static final double NA = Double.NaN;
    private static final double[] ROWS = {1, NA, 7, NA, 0, NA, 3, 2.5, 7, NA, NA, 7};
    private static final double[] FILLED = {1, 2.5, 7, -0.25, 0, 7, 3, 2.5, 7, 0.5, 0, 7};
    private static final TableCopy.Gaps GAPS = (row, column) -> {
        boolean gap = column < 2 && Double.isNaN(ROWS[3 * row + column]);
        double[] words = {1, NA, NA, 0};
        return !gap ? NA : column == 0 ? FILLED[3 * row] : words[row];
    };

    @TempDir
    private Path folder;

    private static NpyHeader header(String type) throws IOException {
        byte[] bytes = NpyBytes.npy(type, false, "(1,)", new byte[0]);
        return NpyHeader.read("test", new ByteArrayInputStream(bytes), bytes.length, true);
    }

    private static byte[] array(String type, boolean fortran, double[] rows) throws IOException {
        NpyHeader header = header(type);
        int count = rows.length / 3;
        ByteBuffer values = ByteBuffer.allocate(rows.length * header.width()).order(header.order());
        for (int i = 0; i < rows.length; i++) {
            int from = fortran ? i % count * 3 + i / count : i;
            if (Double.isNaN(rows[from])) {
                // a NaN of its own bits
                values.putShort(
                        i * header.width() + (header.order() == ByteOrder.BIG_ENDIAN ? 0 : header.width() - 2),
                        (short) -1);
            } else {
                assertTrue(NpyForm.put(header, values, i * header.width(), rows[from]));
            }
        }
        return NpyBytes.npy(type, fortran, "(" + count + ", 3)", values.array());
    }

    private byte[] copy(String name, byte[] source, ReadOptions options, int rows) throws IOException {
        Path file = Files.write(folder.resolve(name), source);
        TableCopy copy = TableCopy.of(file, options);
        assertFalse(copy.isText());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int[] filled = copy.write(Channels.newChannel(out), false, rows, GAPS, List.of(), false);
        assertArrayEquals(rows == 4 ? new int[] {2, 2, 1} : new int[] {1, 1, 1}, filled);
        return out.toByteArray();
    }

    private static ReadOptions options(TableOptions table) {
        return ReadOptions.DEFAULT.withTable(table.withTable(TABLE));
    }

    @ParameterizedTest
    @CsvSource({"<f4, false", "<f8, false", ">f8, true", "<f2, true", ">f2, false", ">f4, true"})
    void theBytesOfWhatIsThereStay(String type, boolean fortran) throws IOException {
        ReadOptions options = options(TableOptions.DEFAULT);
        byte[] source = array(type, fortran, ROWS);
        byte[] expected = array(type, fortran, FILLED);
        assertArrayEquals(expected, copy("table.npy", source, options, 4));
        for (boolean stored : new boolean[] {true, false}) {
            byte[] archive = ZipBytes.zip(stored, Map.of("data.npy", source));
            assertArrayEquals(expected, copy("table.npz", archive, options, 4));
        }
        byte[] part = copy("table.npy", source, options, 2);
        assertArrayEquals(
                Arrays.copyOf(FILLED, 6),
                Npy.read(InputFile.of(Path.of("part"), part)).values());
        byte[] ends = array(type, fortran, Arrays.copyOf(FILLED, 6));
        int bytes = ends.length - 128;
        assertArrayEquals(
                Arrays.copyOfRange(ends, 128, ends.length), Arrays.copyOfRange(part, part.length - bytes, part.length));
    }

    @Test
    void wholeNumbersAreRounded() throws IOException {
        NpyHeader whole = header("<i2");
        ByteBuffer one = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : new double[] {-32768, 32767, 2.5, -7.6}) {
            assertTrue(NpyForm.put(whole, one, 0, value));
            assertEquals(Math.rint(value), whole.value(one, 0));
        }
        assertFalse(NpyForm.put(whole, one, 0, 32768));
        assertFalse(NpyForm.put(header("|u1"), one, 0, -1));
        assertFalse(NpyForm.put(header("|b1"), one, 0, 2));
        assertTrue(NpyForm.put(header("|u1"), one, 0, 255));
        assertEquals(255, header("|u1").value(one, 0));
        ByteBuffer wide = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : new double[] {0, 0x1p62, 0x1p63, 0x1.fffffffffffffp63}) {
            assertTrue(NpyForm.put(header("<u8"), wide, 0, value));
            assertEquals(value, header("<u8").value(wide, 0));
        }
        assertFalse(NpyForm.put(header("<u8"), wide, 0, 0x1p64));
        assertFalse(NpyForm.put(header("<f4"), wide, 0, 1e39));
    }

    /** All values of binary16 come back, and what lies between two goes to the nearest, ties to the even one. */
    @Test
    void halfPrecision() throws IOException {
        NpyHeader half = header("<f2");
        ByteBuffer bits = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer put = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
        double before = 0;
        for (int i = 0; i < 0x7c00; i++) {
            double value = half.value(bits.putShort(0, (short) i), 0);
            assertTrue(NpyForm.put(half, put, 0, -value));
            assertEquals(i == 0 ? 0 : i | 0x8000, put.getShort(0) & 0xffff);
            double tie = (before + value) / 2;
            assertTrue(NpyForm.put(half, put, 0, tie));
            assertEquals(i == 0 ? 0 : i % 2 == 0 ? i : i - 1, put.getShort(0));
            assertTrue(NpyForm.put(half, put, 0, Math.nextUp(tie)));
            assertEquals(i, put.getShort(0));
            before = value;
        }
        assertFalse(NpyForm.put(half, put, 0, 65520));
    }

    @Test
    void whatAnArrayCannotHold() throws IOException {
        Table words = Table.builder()
                .gaussian("x0")
                .bernoulli("x1", "no", "yes")
                .constant("x2", "7")
                .build();
        ReadOptions options = ReadOptions.DEFAULT.withTable(TableOptions.DEFAULT.withTable(words));
        ElboException e =
                assertThrows(ElboException.class, () -> copy("table.npy", array("<f4", false, ROWS), options, 4));
        assertTrue(e.getMessage().contains("has no words, but column 'x1'"), e.getMessage());
        ReadOptions right = options(TableOptions.DEFAULT);
        assertThrows(
                ElboException.class, () -> copy("table.npy", array("<f4", false, Arrays.copyOf(ROWS, 9)), right, 4));
    }
}
