package dev.elbo.data;

import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same rows wherever they lie. */
class RowsTest {
    private static final int FEATURES = 5;
    private static final int COUNT = 23;

    @TempDir
    Path folder;

    private static float[] floats(int values) {
        Random random = new Random(1);
        float[] all = new float[values];
        for (int i = 0; i < values; i++) {
            all[i] = (float) random.nextGaussian();
        }
        return all;
    }

    private static byte[] bytes(int values) {
        byte[] all = new byte[values];
        new Random(2).nextBytes(all);
        return all;
    }

    private Rows mapped(ByteOrder order, int largestPart, int offset) throws IOException {
        float[] values = floats(COUNT * FEATURES);
        ByteBuffer content =
                ByteBuffer.allocate(offset + values.length * Float.BYTES).order(order);
        content.position(offset);
        content.slice().order(order).asFloatBuffer().put(values);
        Path file = Files.write(folder.resolve("floats"), content.array());
        try (InputFile in = InputFile.open(file)) {
            return StoredRows.mapped(in, offset, COUNT, FEATURES, Rows.Type.FLOAT32, order, largestPart);
        }
    }

    private Rows mappedBytes(int largestPart) throws IOException {
        Path file = Files.write(folder.resolve("bytes"), bytes(COUNT * FEATURES));
        try (InputFile in = InputFile.open(file)) {
            return StoredRows.mapped(in, 0, COUNT, FEATURES, Rows.Type.UINT8, ByteOrder.nativeOrder(), largestPart);
        }
    }

    private RowStore store(Rows.Type type, long mostOnHeap) {
        return new RowStore("s", FEATURES, type, folder.resolve("cache"), mostOnHeap);
    }

    private Rows stored(long mostOnHeap) {
        float[] values = floats(COUNT * FEATURES);
        try (RowStore store = store(Rows.Type.FLOAT32, mostOnHeap)) {
            for (int i = 0; i < COUNT; i++) {
                store.add(Arrays.copyOfRange(values, i * FEATURES, (i + 1) * FEATURES));
            }
            assertEquals(COUNT, store.count());
            return store.finish();
        }
    }

    private static Rows joined(Rows all) {
        Rows none = all.subset(new int[0]);
        Rows first = all.subset(IntStream.range(0, 7).toArray());
        Rows second = all.subset(IntStream.range(7, COUNT).toArray());
        return Rows.joined(List.of(none, first, none, second, none));
    }

    private static Dataset dataset(Rows rows) {
        return Dataset.of("d", rows, Optional.empty(), rows.isBytes() ? 1 / 255f : 1, Optional.empty());
    }

    private static void same(Rows expected, Rows actual, String where) {
        assertEquals(expected.count(), actual.count(), where);
        Dataset one = dataset(expected);
        Dataset other = dataset(actual);
        assertArrayEquals(one.values(), other.values(), where);
        for (int i = 0; i < expected.count(); i++) {
            assertArrayEquals(one.row(i), other.row(i), where);
        }
        assertEquals(one.fingerprint(), other.fingerprint(), where);
        assertArrayEquals(one.mean(), other.mean(), where);
        assertArrayEquals(one.variance(), other.variance(), where);
        assertEquals(one.range(), other.range(), where);
        for (int from = 0; from <= expected.count(); from++) {
            for (int rows = 0; rows <= expected.count() - from; rows++) {
                assertArrayEquals(copy(expected, from, rows), copy(actual, from, rows), where);
            }
        }
    }

    private static byte[] copy(Rows rows, int from, int count) {
        ByteBuffer into = ByteBuffer.allocate(4 * (count + 1) * FEATURES).order(ByteOrder.nativeOrder());
        if (rows.isBytes()) {
            rows.copy(from, count, into, 3);
        } else {
            rows.copy(from, count, into.asFloatBuffer(), 3);
        }
        return into.array();
    }

    @Test
    void theSameWhereverTheyLie() throws IOException {
        Rows expected = Rows.ofFloats(floats(COUNT * FEATURES), FEATURES);
        assertFalse(expected.isMapped());
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            for (int part : new int[] {1, 20, 50, 4 * FEATURES * COUNT, 1 << 20}) {
                for (int offset : new int[] {0, 1, 128}) {
                    Rows mapped = mapped(order, part, offset);
                    assertTrue(mapped.isMapped());
                    same(expected, mapped, order + ", parts of " + part + ", offset " + offset);
                }
            }
        }
        same(expected, joined(expected), "joined");
        assertTrue(joined(mapped(ByteOrder.LITTLE_ENDIAN, 20, 0)).isMapped());
        Rows bytes = Rows.ofBytes(bytes(COUNT * FEATURES), FEATURES);
        for (int part : new int[] {1, 12, 1 << 20}) {
            same(bytes, mappedBytes(part), "bytes in parts of " + part);
        }
        same(bytes, joined(mappedBytes(12)), "joined bytes");
    }

    @Test
    void chosenRowsAreViews() throws IOException {
        int[] numbers = {22, 3, 4, 5, 0, 0, 1};
        int[] again = {6, 1, 2, 3, 3};
        float[] all = floats(COUNT * FEATURES);
        float[] expected = new float[again.length * FEATURES];
        for (int i = 0; i < again.length; i++) {
            System.arraycopy(all, numbers[again[i]] * FEATURES, expected, i * FEATURES, FEATURES);
        }
        for (Rows rows : List.of(Rows.ofFloats(all, FEATURES), mapped(ByteOrder.BIG_ENDIAN, 50, 1))) {
            Rows chosen = rows.subset(numbers).subset(again);
            assertEquals(rows.isMapped(), chosen.isMapped());
            same(Rows.ofFloats(expected, FEATURES), chosen, "chosen twice");
        }
        Rows view = Rows.ofFloats(all, FEATURES).subset(numbers).subset(again);
        all[numbers[again[0]] * FEATURES] = 77;
        assertEquals(77, dataset(view).row(0)[0]);
        int[] mine = {1};
        Rows one = Rows.ofFloats(all, FEATURES).subset(mine);
        mine[0] = 2;
        assertEquals(all[FEATURES], dataset(one).row(0)[0], "numbers are copied");
    }

    @Test
    void storesKeepRowsOnTheHeapOrInAFileWithoutAName() throws IOException {
        Rows expected = Rows.ofFloats(floats(COUNT * FEATURES), FEATURES);
        Rows heap = stored(Long.MAX_VALUE);
        assertFalse(heap.isMapped());
        same(expected, heap, "heap");
        assertFalse(Files.exists(folder.resolve("cache")), "nothing is written");
        Rows spilled = stored(0);
        assertTrue(spilled.isMapped());
        try (Stream<Path> left = Files.list(folder.resolve("cache"))) {
            assertEquals(List.of(), left.toList());
        }
        same(expected, spilled, "spilled");
        try (RowStore empty = store(Rows.Type.UINT8, 0)) {
            assertEquals(0, empty.finish().count());
        }
    }

    /** More than one part on the heap before the file is begun, and a last part that is not full. */
    @Test
    void storesSpillWhatTheyHave() {
        int rows = 3 * (1 << 20) / FEATURES + 1234;
        byte[] all = bytes(rows * FEATURES);
        for (long most : new long[] {2 << 20, 1 << 20, 0, Long.MAX_VALUE}) {
            try (RowStore store = store(Rows.Type.UINT8, most)) {
                for (int i = 0; i < rows; i++) {
                    store.add(Arrays.copyOfRange(all, i * FEATURES, (i + 1) * FEATURES));
                }
                Rows found = store.finish();
                assertEquals(most < Long.MAX_VALUE, found.isMapped());
                ByteBuffer into = ByteBuffer.allocate(all.length);
                found.copy(0, rows, into, 0);
                assertArrayEquals(all, into.array());
            }
        }
    }

    @Test
    void aStoreThatCannotWriteSaysWhatToDo() throws IOException {
        Path blocked = Files.write(folder.resolve("file"), new byte[1]);
        try (RowStore store = new RowStore("s", 2, Rows.Type.UINT8, blocked, 0)) {
            ElboException thrown = assertThrows(ElboException.class, () -> store.add(new byte[2]));
            assertEquals(ElboException.Kind.IO, thrown.kind());
            assertTrue(thrown.getMessage().contains("ELBO_CACHE"), thrown.getMessage());
        }
    }

    @Test
    void storesTakeRowsOfOneKindUntilTheyAreFinished() {
        try (RowStore store = store(Rows.Type.FLOAT32, 100)) {
            assertThrows(IllegalStateException.class, () -> store.add(new float[FEATURES + 1]));
            assertThrows(IllegalStateException.class, () -> store.add(new byte[FEATURES]));
            store.add(new float[FEATURES]);
            store.finish();
            assertThrows(IllegalStateException.class, () -> store.add(new float[FEATURES]));
            assertThrows(IllegalStateException.class, store::finish);
        }
    }

    @Test
    void whatIsNotThereIsAnIndexError() throws IOException {
        Rows heap = Rows.ofFloats(floats(COUNT * FEATURES), FEATURES);
        for (Rows rows : List.of(heap, mapped(ByteOrder.LITTLE_ENDIAN, 50, 0), joined(heap))) {
            FloatBuffer into = FloatBuffer.allocate(1000);
            assertThrows(IndexOutOfBoundsException.class, () -> rows.copy(-1, 1, into, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> rows.copy(COUNT, 1, into, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> rows.copy(1, Integer.MAX_VALUE, into, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> rows.subset(new int[] {COUNT}));
        }
        assertThrows(IllegalArgumentException.class, () -> Rows.ofFloats(new float[4], 3));
        assertThrows(
                IllegalArgumentException.class,
                () -> Rows.joined(List.of(heap, Rows.ofFloats(new float[4], FEATURES - 1))));
    }

    @Test
    void aFileThatEndsTooEarlyIsRefused() throws IOException {
        Path file = Files.write(folder.resolve("short"), new byte[4 * FEATURES * COUNT - 1]);
        try (InputFile in = InputFile.open(file)) {
            refused(
                    () -> StoredRows.mapped(in, 0, COUNT, FEATURES, Rows.Type.FLOAT32, ByteOrder.nativeOrder(), 100),
                    "short",
                    "truncated");
        }
    }

    @Test
    void dataOfArraysOfArrays() {
        Dataset data = Dataset.of("mine", new float[][] {{1, 2}, {3, 4}, {5, 6}});
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, data.values());
        refused(() -> Dataset.of("mine", new float[0][]), "mine", "empty");
        refused(() -> Dataset.of("mine", new float[][] {{1, 2}, {3}}), "mine", "row 1", "1 values", "2");
        refused(() -> Dataset.of("mine", new float[][] {{1, 2}, {3, Float.NaN}}), "row 1", "column 1", "NaN");
        assertNotEquals(
                data.fingerprint(),
                Dataset.of("mine", new float[][] {{1, 2, 3}, {4, 5, 6}}).fingerprint());
    }
}
