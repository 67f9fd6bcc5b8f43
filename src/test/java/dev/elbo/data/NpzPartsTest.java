package dev.elbo.data;

import static dev.elbo.data.NpyBytes.described;
import static dev.elbo.data.NpyBytes.npy;
import static dev.elbo.data.ZipBytes.zip;
import static dev.elbo.io.Failures.fails;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which arrays of an archive are taken for what, and what is said of the others. */
class NpzPartsTest {
    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private final Notes notes = new Notes();
    private boolean stored;

    /** Examples of one feature. */
    static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return npy("<f4", false, "(" + values.length + ", 1)", bytes.array());
    }

    static byte[] labels(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return npy("|i1", false, "(" + values.length + ",)", bytes);
    }

    private void put(String name, byte[] array) {
        entries.put(name + ".npy", array);
    }

    private Split read(String... array) {
        notes.lines.clear();
        stored = !stored;
        return NpzFile.read(
                InputFile.of(Path.of("a.npz"), zip(stored, entries)),
                Arrays.stream(array).findFirst(),
                PixelScale.BY_KIND,
                notes);
    }

    private void notUsed(String listed) {
        assertEquals(List.of("note: a.npz: not used: " + listed), notes.lines);
    }

    @Test
    void everySpellingIsTheSplitOfTheCanonicalOne() {
        Random random = new Random(11);
        List<List<String>> pairs = List.of(
                List.of("x", "y"), List.of("images", "labels"), List.of("data", "target"), List.of("img", "class"));
        for (int round = 0; round < 300; round++) {
            entries.clear();
            List<String> pair = pairs.get(random.nextInt(pairs.size()));
            int seed = random.nextInt();
            put(spelled(seed, "train", pair.get(0)), floats(1, 2, 3));
            put(spelled(seed, "train", pair.get(1)), labels(4, 5, 6));
            put(spelled(seed, "test", pair.get(0)), floats(7, 8));
            put(spelled(seed, "test", pair.get(1)), labels(9, 10));
            boolean validation = random.nextBoolean();
            if (validation) {
                put(spelled(seed, "val", pair.get(0)), floats(11));
            }
            shuffle(random);
            Split split = read();
            String names = entries.keySet().toString();
            assertArrayEquals(new float[] {1, 2, 3}, split.train().values(), names);
            assertArrayEquals(new int[] {4, 5, 6}, split.train().labels().orElseThrow(), names);
            assertArrayEquals(new float[] {7, 8}, split.test().orElseThrow().values(), names);
            assertArrayEquals(
                    new int[] {9, 10}, split.test().orElseThrow().labels().orElseThrow(), names);
            assertEquals(
                    validation ? Optional.of(11f) : Optional.empty(),
                    split.validation().map(data -> data.values()[0]),
                    names);
            assertEquals(List.of(), notes.lines, names);
        }
    }

    /** One seed spells all names of an archive in one way. */
    private static String spelled(int seed, String part, String what) {
        Random random = new Random(seed);
        List<String> words = new ArrayList<>(List.of(part, what));
        Collections.shuffle(words, random);
        return PartNamesTest.spelled(random, words);
    }

    private void shuffle(Random random) {
        List<String> names = new ArrayList<>(entries.keySet());
        Collections.shuffle(names, random);
        names.forEach(name -> entries.put(name, entries.remove(name)));
    }

    @Test
    void whatIsNotUsedIsNamed() {
        put("x_train", floats(1, 2));
        put("x_test", floats(3));
        put("x_val", floats(4));
        put("y_val", labels(5));
        put("metadata", npy("|O", false, "(1,)", new byte[8]));
        put("table", described("[('a', '<f4'), ('b', '|S3', (2,))]", false, "(1,)", new byte[10]));
        put("waves", npy("<c8", false, "(1, 1)", new byte[8]));
        put("damaged", new byte[] {1});
        entries.put("readme.txt", new byte[] {1});
        entries.put("folder/", new byte[0]);
        Split split = read();
        assertArrayEquals(new float[] {1, 2}, split.train().values());
        assertEquals(1, split.test().orElseThrow().size());
        notUsed("'damaged' (is not an NPY file, or damaged), 'metadata' (holds objects), 'table' (holds records),"
                + " 'waves' (holds neither numbers nor words), 'y_val', 'readme.txt' (is not an array)");
        assertArrayEquals(new float[] {4}, split.validation().orElseThrow().values());
        read("x_test");
        assertTrue(notes.lines.get(0).contains("'x_train', 'x_val'"), notes.lines.toString());
    }

    @Test
    void aLongListIsCut() {
        put("x", floats(1));
        for (int i = 10; i < 50; i++) {
            put("constant" + i, labels(1));
        }
        read();
        assertEquals(1, notes.lines.size());
        assertTrue(notes.lines.get(0).endsWith("'constant25' and 24 more"), notes.lines.get(0));
        entries.keySet().removeIf(name -> name.startsWith("constant"));
        put("y", labels(1));
        read();
        assertEquals(List.of(), notes.lines);
    }

    @Test
    void examplesByTheirNamesAmongOthers() {
        put("imgs", floats(1, 2));
        put("latents_values", floats(3, 4));
        put("latents_classes", floats(5, 6));
        assertArrayEquals(new float[] {1, 2}, read().train().values());
        notUsed("'latents_classes', 'latents_values'");
        put("data", floats(7, 8));
        fails(ElboException.Kind.USAGE, this::read, "'imgs'", "'data'", "withArray");
        entries.clear();
        put("x", floats(1, 2));
        put("x_test", floats(3, 4));
        fails(ElboException.Kind.USAGE, this::read, "withArray");
        entries.clear();
        put("train_x", floats(1, 2));
        put("train_data", floats(1, 2));
        fails(ElboException.Kind.USAGE, this::read, "'train_x'", "'train_data'", "training data", "withArray");
        put("X_train", floats(3, 4));
        put("test_x1", floats(3, 4));
        put("test_x2", floats(3, 4));
        fails(ElboException.Kind.USAGE, this::read, "'test_x1'", "'test_x2'", "test data", "withArray");
        assertTrue(read("train_x").test().isEmpty());
        entries.clear();
        put("train", floats(1, 2));
        put("test", floats(3));
        put("valid", floats(4));
        assertArrayEquals(new float[] {3}, read().test().orElseThrow().values());
        assertArrayEquals(new float[] {4}, read().validation().orElseThrow().values());
        put("valid2", floats(5));
        assertTrue(read().validation().isEmpty());
        notUsed("'valid', 'valid2'");
        entries.remove("valid2.npy");
        entries.remove("test.npy");
        assertTrue(read().validation().isEmpty(), "test data come first");
        notUsed("'valid'");
        put("test", floats(3));
        put("valid", npy("<f4", false, "(1, 2)", new byte[8]));
        assertTrue(read().validation().isEmpty());
        notUsed("'valid' (has 2 features, the training data 1)");
    }

    @Test
    void labelsUnderSeveralNames() {
        put("x", floats(1, 2));
        put("classes", NpyBytes.words("<U", "cat", "cow", "dog"));
        assertTrue(read().train().labels().isEmpty());
        notUsed("'classes' (has 3 labels for 2 examples)");
        put("label", labels(7, 8));
        put("Target", labels(5, 6));
        assertArrayEquals(new int[] {7, 8}, read().train().labels().orElseThrow());
        notUsed("'Target', 'classes' (holds words)");
        put("y", npy("<f4", false, "(2,)", new byte[] {0, 0, 0, 63, 0, 0, 0, 63}));
        assertArrayEquals(new int[] {7, 8}, read().train().labels().orElseThrow());
        assertTrue(
                notes.lines.get(0).contains("'y' (label 0, from 0, is 0.5, not a whole number)"), notes.lines.get(0));
        put("label", labels(7, 8, 9));
        refused(this::read, "'label.npy'", "3 labels", "2 examples");
        entries.clear();
        put("x_raw", floats(1, 2));
        put("y", labels(1, 2, 3));
        assertTrue(read().train().labels().isEmpty());
        notUsed("'y' (has 3 labels for 2 examples)");
        put("y_raw", labels(3, 4));
        assertArrayEquals(new int[] {3, 4}, read().train().labels().orElseThrow());
    }

    @Test
    void wordsOfBothPartsHaveOneNumbering() {
        put("x_train", floats(1, 2, 3));
        put("y_train", NpyBytes.words("<U", "dog", "ant", "dog"));
        put("x_test", floats(4, 5));
        put("y_test", NpyBytes.words("|S", "cow", "dog"));
        Split split = read();
        assertEquals(List.of("ant", "cow", "dog"), split.train().labelNames().orElseThrow());
        assertEquals(split.train().labelNames(), split.test().orElseThrow().labelNames());
        assertArrayEquals(new int[] {2, 0, 2}, split.train().labels().orElseThrow());
        assertArrayEquals(new int[] {1, 2}, split.test().orElseThrow().labels().orElseThrow());
        put("y_test", labels(0, 1));
        assertTrue(read().test().orElseThrow().labels().isEmpty());
        notUsed("'y_test' (holds numbers, but 'y_train' words)");
        put("y_train", NpyBytes.words("<U", "10", "9", "-1"));
        split = read();
        assertArrayEquals(new int[] {10, 9, -1}, split.train().labels().orElseThrow());
        assertEquals(Optional.empty(), split.train().labelNames());
        assertArrayEquals(new int[] {0, 1}, split.test().orElseThrow().labels().orElseThrow());
    }

    @Test
    void aSparseMatrixIsRefusedByItsName() {
        for (String parts : new String[] {"indices indptr", "row col", "offsets", "coords"}) {
            entries.clear();
            for (String name : (parts + " format shape data").split(" ")) {
                put(name, floats(1, 2));
            }
            refused(this::read, "a.npz", "sparse matrix of SciPy", ".toarray()");
            refused(() -> read("data"), "sparse matrix of SciPy");
            assertEquals(2, read("shape").train().size());
        }
    }

    /** Damage to archives with everything in them. */
    @Test
    void randomEditsOnlyEverGiveTheTypedError() {
        put("TrainImages", floats(1, 2, 3));
        put("TrainLabels", NpyBytes.words("<U", "dog", "ant", "dog"));
        put("TestImages", floats(4, 5));
        put("TestLabels", npy("|b1", true, "(2, 2)", new byte[] {0, 1, 1, 0}));
        put("meta", npy("|O", false, "(1,)", new byte[8]));
        put("table", described("[('a', '<f4')]", false, "(1,)", new byte[4]));
        Random random = new Random(6);
        byte[][] goods = {zip(true, entries), zip(false, entries)};
        int refused = 0;
        for (int round = 0; round < 700; round++) {
            byte[] bad = goods[round % 2].clone();
            for (int edits = random.nextInt(3) + 1; edits > 0; edits--) {
                bad[random.nextInt(bad.length)] = (byte) (random.nextBoolean() ? random.nextInt(256) : 0xff);
            }
            try {
                NpzFile.read(
                        InputFile.of(Path.of("a.npz"), ZipBytes.mended(bad)),
                        Optional.empty(),
                        PixelScale.BY_KIND,
                        notes);
            } catch (ElboException e) {
                assertTrue(e.kind() == ElboException.Kind.DATA || e.getMessage().contains("withArray"), e.getMessage());
                refused++;
            }
        }
        assertTrue(refused > 100 && refused < 700, refused + " refused");
        assertTrue(notes.lines.stream().allMatch(line -> line.lines().count() == 1));
    }
}
