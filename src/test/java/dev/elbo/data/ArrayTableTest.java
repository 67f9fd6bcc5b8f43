package dev.elbo.data;

import static dev.elbo.io.Failures.fails;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.error.ElboException;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Table;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arrays of numbers as tables. */
class ArrayTableTest {
    private static final float NAN = Float.NaN;

    @TempDir
    private Path folder;

    private static byte[] floats(int columns, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return NpyBytes.npy("<f4", false, "(" + values.length / columns + ", " + columns + ")", bytes.array());
    }

    private static byte[] doubles(int columns, double... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            bytes.putDouble(value);
        }
        return NpyBytes.npy("<f8", false, "(" + values.length / columns + ", " + columns + ")", bytes.array());
    }

    private Split read(byte[] content, TableOptions options, Progress progress) throws IOException {
        Path path = Files.write(folder.resolve("a.npy"), content);
        return Datasets.standard().open(List.of(path.toString()), ReadOptions.DEFAULT.withTable(options), progress);
    }

    private Dataset read(byte[] content, TableOptions options) throws IOException {
        return read(content, options, Progress.NONE).train();
    }

    @Test
    void numbersHaveKindsAndNaNIsMissing() throws IOException {
        Notes notes = new Notes();
        byte[] content = floats(4, 0.1f, 0, 1, 7, 0.7f, NAN, 2, 7, NAN, 1, 3, NAN, 0.4f, 1, -0f, 7, NAN, NAN, NAN, NAN);
        Dataset data = read(content, TableOptions.DEFAULT, notes).train();
        Table table = Table.builder()
                .gaussian("x0")
                .bernoulli("x1", "0", "1")
                .categorical("x2", "0", "1", "2", "3")
                .constant("x3", "7")
                .build();
        assertEquals(Optional.of(table), data.table());
        assertArrayEquals(
                new float[] {
                    0.1f, 0, 0, 1, 0, 0, 0.7f, NAN, 0, 0, 1, 0, NAN, 1, 0, 0, 0, 1, 0.4f, 1, 1, 0, 0, 0, NAN, NAN, NAN,
                    NAN, NAN, NAN
                },
                data.values());
        String name = folder.resolve("a.npy").toString();
        assertEquals(
                List.of(
                        "note: " + name + ": 7 values are missing, in 4 of 4 columns: 'NaN' 7×",
                        "note: " + name + ": 1 row has no value at all, and nothing to learn from"),
                notes.lines);
    }

    @Test
    void bytesAndBooleansAreNumbersAsTheyAre() throws IOException {
        byte[] bytes = NpyBytes.npy("|u1", false, "(3, 2)", new byte[] {0, (byte) 200, 1, 3, 1, 5});
        Dataset data = read(bytes, TableOptions.DEFAULT.withKind("x1", ColumnKind.GAUSSIAN));
        assertArrayEquals(new float[] {0, 200, 1, 3, 1, 5}, data.values());
        byte[] flags = NpyBytes.npy("|b1", true, "(2, 2)", new byte[] {0, 1, 1, 0});
        assertArrayEquals(
                new float[] {0, 1, 1, 0}, read(flags, TableOptions.DEFAULT).values());
    }

    @Test
    void wordsOfFloat32AreFoundInFloat64AndText() throws IOException {
        Dataset single = read(floats(2, 0.1f, 1, 0.7f, 2, 0.1f, 3.5f), TableOptions.DEFAULT);
        Table table = single.table().orElseThrow();
        assertEquals(List.of("0.1", "0.7"), table.columns().get(0).words());
        TableOptions given = TableOptions.DEFAULT.withTable(table);
        assertArrayEquals(new float[] {1, 9}, read(doubles(2, 0.7, 9), given).values());
        assertArrayEquals(new float[] {0, 9}, read(floats(2, 0.1f, 9), given).values());
        assertArrayEquals(new float[] {1, 9}, TextTable.read("0.70,9\n", given).values());
    }

    @Test
    void manyNumbersAreReadAsTheyAre() throws IOException {
        double[] values = new double[2 * 5000];
        for (int i = 0; i < 5000; i++) {
            values[2 * i] = i % 100 == 0 ? Double.NaN : i % 100 == 1 ? -999 : i / 7.0;
            values[2 * i + 1] = i % 3;
        }
        Dataset data = read(doubles(2, values), TableOptions.DEFAULT.withMissing("-999"));
        assertEquals(4, data.features());
        float[] rows = data.values();
        for (int i = 0; i < 5000; i++) {
            assertEquals(i % 100 < 2 ? NAN : (float) (i / 7.0), rows[4 * i]);
            assertEquals(1, rows[4 * i + 1 + i % 3]);
        }
        TableSummary.Column column = TextTable.first(data);
        assertEquals(Map.of("NaN", 50L, "-999", 50L), column.missing());
        assertEquals(ColumnWords.text(2 / 7.0) + " to " + ColumnWords.text(4999 / 7.0), column.values());
    }

    @Test
    void whatNoTableHoldsIsRefused() throws IOException {
        refused(
                () -> read(floats(2, 1, 2, Float.NEGATIVE_INFINITY, 3), TableOptions.DEFAULT),
                "a.npy: row 1, column 0 (from 0): is '-Infinity', not a finite number",
                "leave the column out of the array");
        refused(
                () -> read(floats(2, 1, 2, 0.5f, -1, 3, 7), TableOptions.DEFAULT.withKind("2", ColumnKind.POISSON))
                        .table(),
                "row 1, column 1 (from 0): is -1; a poisson column");
        refused(
                () -> read(floats(2, 1, NAN, 0.5f, NAN), TableOptions.DEFAULT).table(),
                "column 1 (from 0): has no value in any row; leave the column out of the array");
        byte[] pictures = NpyBytes.npy("|u1", false, "(1, 2, 2)", new byte[4]);
        fails(ElboException.Kind.USAGE, () -> read(pictures, TableOptions.DEFAULT), "a.npy: holds pictures");
        Table table = Table.builder().bernoulli("a", "0", "1").gaussian("b").build();
        TableOptions given = TableOptions.DEFAULT.withTable(table);
        refused(() -> read(floats(2, 1, 2, 2, 3), given), "row 1, column 0 (from 0): is '2', none of the categories");
        refused(() -> read(floats(3, 1, 2, 2), given), "has 3 columns, the table has 2: 'a', 'b'");
    }

    @Test
    void partsOfAnArchiveShareTheTable() throws IOException {
        Map<String, byte[]> arrays = new LinkedHashMap<>();
        arrays.put("x_train.npy", floats(2, 1, 0.5f, 2, 1.5f, 4, NAN));
        arrays.put("x_test.npy", floats(2, 3, 7));
        arrays.put("y_train.npy", NpyBytes.words("<U", "u", "v", "u"));
        arrays.put("y_test.npy", NpyBytes.words("<U", "v"));
        Path path = Files.write(folder.resolve("a.npz"), ZipBytes.zip(true, arrays));
        Split split = Datasets.standard()
                .open(List.of(path.toString()), ReadOptions.DEFAULT.withTable(TableOptions.DEFAULT), Progress.NONE);
        Dataset test = split.test().orElseThrow();
        assertArrayEquals(new float[] {0, 0, 1, 0, 7}, test.values());
        assertArrayEquals(new int[] {1}, test.labels().orElseThrow());
        assertEquals(List.of("u", "v"), split.train().labelNames().orElseThrow());
        assertEquals(5, split.train().features());
        Split twice = Datasets.standard()
                .open(
                        List.of(path.toString(), path.toString()),
                        ReadOptions.DEFAULT.withTable(TableOptions.DEFAULT),
                        Progress.NONE);
        assertEquals(6, twice.train().size());
        assertArrayEquals(test.values(), twice.test().orElseThrow().first(1).values());
    }
}
