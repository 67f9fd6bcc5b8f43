package dev.elbo.data;

import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.io.ImageShape;
import dev.elbo.noise.Noise;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetTest {
    @TempDir
    private Path folder;

    private static Dataset bytes(float scale, int... values) {
        byte[] all = new byte[values.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) values[i];
        }
        return Dataset.ofBytes("d", all, 2, scale);
    }

    private static Dataset floats(float... values) {
        return Dataset.of("d", values, 2);
    }

    @Test
    void rowsAreScaled() {
        Dataset data = bytes(1f / 255, 0, 255, 51, 128);
        assertEquals(2, data.size());
        assertArrayEquals(new float[] {0, 1}, data.row(0));
        assertArrayEquals(new float[] {51 * (1f / 255), 128 * (1f / 255)}, data.row(1));
        float[] into = {9, 9, 9};
        data.row(0, into, 1);
        assertArrayEquals(new float[] {9, 0, 1}, into);
        assertArrayEquals(new float[] {3, -4}, floats(1, 2, 3, -4).row(1));
        assertThrows(IllegalStateException.class, () -> data.rows().copy(0, 1, FloatBuffer.allocate(2), 0));
        assertThrows(IllegalStateException.class, () -> floats(1, 2).rows().copy(0, 1, ByteBuffer.allocate(2), 0));
        assertTrue(data.isBytes());
        assertFalse(floats(1, 2).isBytes());
    }

    @Test
    void meansAndRange() {
        Dataset data = bytes(0.5f, 1, 2, 200, 255, 3, 1);
        assertArrayEquals(new double[] {204 / 3.0 / 2, 258 / 3.0 / 2}, data.mean(), 1e-12);
        assertEquals(new Dataset.Range(0.5f, 127.5f), data.range());
        assertArrayEquals(new double[] {2, -1}, floats(1, 2, 3, -4).mean());
        assertEquals(new Dataset.Range(-4, 3), floats(1, 2, 3, -4).range());
    }

    @Test
    void subsetsKeepOrderAndLabels() {
        Dataset data = Dataset.ofBytes("d", new byte[] {1, 2, 3, 4, 5, 6}, 2, 1)
                .withImage(new ImageShape(1, 1, 2))
                .withLabels(7, 8, 9);
        Dataset some = data.subset("s", new int[] {2, 0, 2});
        assertArrayEquals(new float[] {5, 6, 1, 2, 5, 6}, some.values());
        assertArrayEquals(new int[] {9, 7, 9}, some.labels().orElseThrow());
        assertEquals(data.image(), some.image());
        assertEquals("s", some.name());
        assertArrayEquals(
                new float[] {3, 4},
                floats(1, 2, 3, 4).subset("s", new int[] {1}).values());
        assertThrows(IndexOutOfBoundsException.class, () -> data.subset("s", new int[] {3}));
        refused(() -> data.subset("s", new int[0]), "s", "empty");
    }

    /** The digest was laid out by hand: kind, counts, scale, values, big endian. */
    @Test
    void fingerprintsAreOfShapeAndValues() throws Exception {
        ByteBuffer content =
                ByteBuffer.allocate(13 + 16).put((byte) 'f').putInt(2).putInt(2);
        content.putFloat(1).putFloat(1).putFloat(2).putFloat(3).putFloat(-4);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.array());
        assertEquals(HexFormat.of().formatHex(digest), floats(1, 2, 3, -4).fingerprint());
        assertNotEquals(floats(1, 2, 3, 4).fingerprint(), floats(1, 2, 3, -4).fingerprint());
        assertNotEquals(bytes(1, 1, 2).fingerprint(), bytes(0.5f, 1, 2).fingerprint());
        assertNotEquals(bytes(1, 1, 2).fingerprint(), floats(1, 2).fingerprint());
        float[] large = new float[2 * 10_001];
        String zeros = floats(large).fingerprint();
        large[large.length - 1] = 1;
        assertNotEquals(zeros, floats(large).fingerprint());
    }

    @Test
    void valuesThatAreNotFiniteAreNamed() {
        refused(() -> floats(1, 2, 3, Float.NaN), "d", "row 1", "column 1", "NaN");
        refused(() -> floats(1, 2, Float.NEGATIVE_INFINITY, 4), "row 1", "column 0", "-Infinity");
    }

    @Test
    void bernoulliTargetsLieInTheUnitInterval() {
        bytes(1f / 255, 0, 255).requireUnitInterval();
        bytes(1f / 16, 0, 16).requireUnitInterval();
        floats(0, 1).requireUnitInterval();
        refused(() -> bytes(1f / 16, 0, 1, 2, 17).requireUnitInterval(), "d", "row 1", "column 1", "1.0625");
        refused(() -> floats(0, 1, -0.5f, 1).requireUnitInterval(), "row 1", "column 0", "-0.5");
    }

    @Test
    void emptyDataAndWrongCountsAreRefused() {
        refused(() -> floats(), "empty");
        refused(() -> Dataset.ofBytes("d", new byte[3], 1, 1).withLabels(1, 2), "3 examples", "2 labels");
        refused(() -> floats(1, 2, 3), "d", "3 values do not divide into rows of 2", "row 1 (from 0) has 1");
        assertThrows(
                IllegalArgumentException.class,
                () -> Dataset.ofBytes("d", new byte[2], 2, 1).withImage(new ImageShape(1, 2, 2)));
    }

    @Test
    void columnsHaveNamesOfTheirOwn() {
        Dataset named = floats(1, 2, 3, 4).withColumns("a", "b");
        assertEquals(List.of("a", "b"), named.columns().orElseThrow());
        assertEquals(named.columns(), named.first(1).columns());
        refused(() -> named.withColumns("a"), "d", "1 names for 2 features");
        refused(() -> named.withColumns("a", "a"), "each feature needs a different name");
    }

    @Test
    void standardisedDataKnowTheirUnit() {
        Dataset data = floats(1, 2, 3, 4).withColumns("a", "b");
        Standardization unit = Standardization.perFeature(data);
        Dataset standardized = data.standardized(unit);
        assertEquals(Optional.empty(), data.standardization());
        assertEquals(Optional.of(unit), standardized.first(1).standardization());
        assertEquals(data.columns(), standardized.columns());
        assertThrows(IllegalArgumentException.class, () -> standardized.standardized(unit));
    }

    @Test
    void aFileIsReadInOneCall() throws Exception {
        Path table = Files.writeString(folder.resolve("rows.csv"), "a,b\n1,2\n3,4\n");
        Dataset read = Dataset.read(table.toString());
        assertArrayEquals(new float[] {1, 2, 3, 4}, read.values());
        assertEquals(List.of("a", "b"), read.columns().orElseThrow());
        Split split = Split.read(table.toString());
        assertEquals(1, split.train().size());
        assertEquals(1, split.test().orElseThrow().size());
        assertArrayEquals(Split.of(read).train().values(), split.train().values());
    }

    @Test
    void aPathIsReadWithOptionsInOneCall() throws Exception {
        Path table = Files.writeString(folder.resolve("digits"), "a,b,kind\n1,2,x\n3,4,y\n");
        Split split = Split.read(table, CsvOptions.DEFAULT.withLabelColumn("kind"));
        assertEquals(List.of("x", "y"), split.train().labelNames().orElseThrow());
        assertEquals(1, split.test().orElseThrow().size());
        Split numbers = Split.read(table, ReadOptions.DEFAULT.withCsv(CsvOptions.DEFAULT.withColumns("b")));
        assertEquals(1, numbers.train().features());
        refused(() -> Split.read(Path.of("digits"), CsvOptions.DEFAULT), "digits", "no such file");
    }

    @Test
    void theLastTenthOfThePermutationIsHeldOut() {
        byte[] values = new byte[25];
        for (int i = 0; i < 25; i++) {
            values[i] = (byte) i;
        }
        Dataset all = Dataset.ofBytes("d", values, 1, 1);
        int[] permutation = Noise.permutation(0, 0, 25);
        Split split = Split.of(all);
        assertArrayEquals(
                new float[] {permutation[23], permutation[24]},
                split.test().orElseThrow().values());
        assertEquals(23, split.train().size());
        assertEquals(permutation[0], split.train().row(0)[0]);
        assertSame(split, split.withTestSet());
    }

    @Test
    void whatCannotBeSplitIsRefused() {
        refused(() -> Split.of(floats(1, 2)), "one example");
        Dataset other = Dataset.of("o", new float[3], 3);
        refused(() -> Split.of(floats(1, 2), other), "o", "3 features", "2");
    }
}
