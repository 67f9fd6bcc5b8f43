package dev.elbo.data;

import static dev.elbo.data.ZipBytes.zip;
import static dev.elbo.io.Failures.fails;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import dev.elbo.io.ImageShape;
import dev.elbo.io.InputFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The base64 texts are archives that NumPy 2.4.6 wrote: zip64 entries, stored and deflated. */
class NpzFileTest {
    /** savez: x, uint8 0, 10, … of (2, 3, 4); y, int64 7, -1. */
    private static final String STORED =
            "UEsDBC0AAAAAAAAAIQAIXJZG//////////8FABQAeC5ucHkBABAAmAAAAAAAAACYAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzog"
                    + "J3x1MScsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCAzLCA0KSwgfSAgICAgICAgICAgICAgICAgICAgICAg"
                    + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAoUHigyPEZQWmRueIKMlqCqtL7I0tzmUEsDBC0AAAAAAAAAIQDgks68"
                    + "//////////8FABQAeS5ucHkBABAAkAAAAAAAAACQAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpOCcsICdmb3J0cmFuX29y"
                    + "ZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
                    + "ICAgICAgICAgICAgICAKBwAAAAAAAAD//////////1BLAQItAy0AAAAAAAAAIQAIXJZGmAAAAJgAAAAFAAAAAAAAAAAAAACAAQAA"
                    + "AAB4Lm5weVBLAQItAy0AAAAAAAAAIQDgks68kAAAAJAAAAAFAAAAAAAAAAAAAACAAc8AAAB5Lm5weVBLBQYAAAAAAgACAGYAAACW"
                    + "AQAAAAA=";

    /** savez_compressed: x_train, the same as float32; y_train of (2, 1); x_test, its first row. */
    private static final String COMPRESSED =
            "UEsDBC0AAAAIAAAAIQBRA1vh//////////8LABQAeF90cmFpbi5ucHkBABAA4AAAAAAAAACKAAAAAAAAAJvsF+obEMnIUMZQrZ6S"
                    + "WpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CsY6CiaaOgq1CuQBLgYwUHBkYFgAxB+AWMGJgcED"
                    + "iAuAuAeIFwDxFiA+AcR3gPgDEDM5MzDwALEYECsAsRYQmwCxHRB7AHEQEMcAcZozAFBLAwQtAAAACAAAACEAGAdSrf//////////"
                    + "CwAUAHlfdHJhaW4ubnB5AQAQAJAAAAAAAAAATAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SS"
                    + "ChJ3S8wpTgWKF2ckFqQC+RpGOgqGmjoKtQpkAy52Bgj4DwUAUEsDBC0AAAAIAAAAIQBoFl9Q//////////8KABQAeF90ZXN0Lm5w"
                    + "eQEAEACwAAAAAAAAAGoAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoq6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBak"
                    + "AvkahjoKxjoKJpo6CrUK5AEuBjBQcGRgWADEH4BYwYmBwQOIC4C4B4gXAPEWID4BxHecAFBLAQItAy0AAAAIAAAAIQBRA1vhigAA"
                    + "AOAAAAALAAAAAAAAAAAAAACAAQAAAAB4X3RyYWluLm5weVBLAQItAy0AAAAIAAAAIQAYB1KtTAAAAJAAAAALAAAAAAAAAAAAAACA"
                    + "AccAAAB5X3RyYWluLm5weVBLAQItAy0AAAAIAAAAIQBoFl9QagAAALAAAAAKAAAAAAAAAAAAAACAAVABAAB4X3Rlc3QubnB5UEsF"
                    + "BgAAAAADAAMAqgAAAPYBAAAAAA==";

    private static byte[] unpacked(String text) {
        return Base64.getDecoder().decode(text);
    }

    private static Split read(byte[] content, String... array) {
        return NpzFile.read(
                InputFile.of(Path.of("a.npz"), content),
                array.length == 0 ? Optional.empty() : Optional.of(array[0]),
                PixelScale.BY_KIND,
                Progress.NONE);
    }

    private static byte[] floats(String shape, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return NpyBytes.npy("<f4", false, shape, bytes.array());
    }

    private static byte[] labels(byte... values) {
        return NpyBytes.npy("|i1", false, "(" + values.length + ",)", values);
    }

    @Test
    void whatNumPyWroteIsRead() {
        float[] expected = new float[24];
        for (int i = 0; i < 24; i++) {
            expected[i] = 10 * i;
        }
        Dataset stored = read(unpacked(STORED)).train();
        assertEquals("a.npz", stored.name());
        assertEquals(Optional.of(new ImageShape(1, 3, 4)), stored.image());
        for (int i = 0; i < 24; i++) {
            assertEquals(expected[i] * (1 / 255f), stored.values()[i]);
        }
        assertArrayEquals(new int[] {7, -1}, stored.labels().orElseThrow());
        Split both = read(unpacked(COMPRESSED));
        assertArrayEquals(expected, both.train().values());
        assertArrayEquals(new int[] {7, -1}, both.train().labels().orElseThrow());
        assertArrayEquals(Arrays.copyOf(expected, 12), both.test().orElseThrow().values());
        assertTrue(both.test().orElseThrow().labels().isEmpty());
        assertTrue(read(unpacked(COMPRESSED), "x_train").test().isEmpty());
    }

    @Test
    void theArrayThatIsMeant() {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("notes.npy", NpyBytes.npy("|O", false, "(1,)", new byte[8]));
        entries.put("z.npy", floats("(2, 1)", 1, 2));
        for (boolean stored : new boolean[] {true, false}) {
            assertArrayEquals(
                    new float[] {1, 2}, read(zip(stored, entries)).train().values());
        }
        entries.put("labels.npy", labels((byte) 3, (byte) 4));
        assertArrayEquals(
                new int[] {3, 4}, read(zip(true, entries)).train().labels().orElseThrow());
        entries.put("w.npy", floats("(1, 2)", 3, 4));
        byte[] two = zip(false, entries);
        fails(ElboException.Kind.USAGE, () -> read(two), "a.npz", "'w'", "'z'", "withArray");
        assertArrayEquals(new float[] {1, 2}, read(two, "z").train().values());
        refused(() -> read(two, "w"), "'labels.npy'", "2 labels", "1 examples");
        fails(ElboException.Kind.USAGE, () -> read(two, "v"), "'v'", "'notes'");
        refused(() -> read(two, "notes"), "notes.npy", "'|O'");
        refused(() -> read(two, "labels"), "labels.npy", "(2)");
        refused(() -> read(zip(true, Map.of("notes.npy", entries.get("notes.npy")))), "'|O'");
        refused(() -> read(zip(true, Map.of("y.npy", labels((byte) 3)))), "no array of examples", "'y'");
        refused(() -> read(zip(true, Map.of())), "no arrays");
        Map<String, byte[]> medical =
                Map.of("train_images.npy", floats("(1, 2)", 3, 4), "train_labels.npy", labels((byte) 5));
        assertArrayEquals(
                new int[] {5}, read(zip(false, medical)).train().labels().orElseThrow());
    }

    @Test
    void fortranOrderIsTurnedPackedOrNot() {
        ByteBuffer values = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        values.asFloatBuffer().put(new float[] {1, 3, 5, 2, 4, 6});
        byte[] array = NpyBytes.npy("<f4", true, "(3, 2)", values.array());
        for (boolean stored : new boolean[] {true, false}) {
            byte[] archive = zip(stored, Map.of("x.npy", array));
            assertArrayEquals(
                    new float[] {1, 2, 3, 4, 5, 6}, read(archive).train().values());
        }
    }

    @Test
    void whatLeadsOutOfTheArchiveIsRefused() {
        byte[] array = floats("(1, 2)", 3, 4);
        for (String name : new String[] {"../x.npy", "a/../../x.npy", "/x.npy", "a\\..\\x.npy"}) {
            refused(() -> read(zip(true, Map.of(name, array))), "a.npz", "leads out");
        }
        assertEquals(1, read(zip(true, Map.of("a/x..npy", array))).train().size());
    }

    @Test
    void nestedArchivesAndOtherThingsAreRefused() {
        byte[] inner = zip(true, Map.of("x.npy", floats("(1, 2)", 3, 4)));
        refused(() -> read(zip(true, Map.of("inner.npz", inner))), "inner.npz", "not a .npy array");
        refused(() -> read(zip(true, Map.of("inner.npy", inner))), "inner.npy", "not an NPY file");
        refused(() -> read(zip(true, Map.of("x.npy", IdxBytes.gzip(inner)))), "not an NPY file");
    }

    @Test
    void tooManyEntriesAreRefused() {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        for (int i = 0; i < 1001; i++) {
            entries.put(i + ".npy", new byte[0]);
        }
        refused(() -> read(zip(true, entries)), "1001 entries", "at most 1000");
    }

    /** 64 MiB of zeros behind a header of 8 bytes' worth, and behind one that promises all of them in a small heap. */
    @Test
    void bombsAreStoppedAtTheDeclaredSize() {
        byte[] lie = Arrays.copyOf(floats("(1, 2)", 3, 4), 64 << 20);
        byte[] archive = zip(false, Map.of("x.npy", lie));
        long began = System.nanoTime();
        refused(() -> read(archive), "x.npy", "needs 8 bytes");
        assertTrue(System.nanoTime() - began < 500_000_000L);
        byte[] denser = archive.clone();
        ByteBuffer directory = ByteBuffer.wrap(denser).order(ByteOrder.LITTLE_ENDIAN);
        int at = denser.length - 22 - 46 - "x.npy".length();
        assertEquals(0x02014b50, directory.getInt(at));
        directory.putInt(at + 24, 0x7fffffff);
        refused(() -> read(denser), "x.npy", "2147483647 bytes", "can hold");
        directory.putInt(at + 24, lie.length + 1);
        refused(() -> read(denser), "x.npy");
        refused(() -> Gunzip.requireDense("x", Long.MAX_VALUE / 2, Long.MAX_VALUE / 1000), "unpacks to", "200 times");
    }

    @Test
    void damageIsNoticed() {
        for (boolean stored : new boolean[] {true, false}) {
            byte[] good = zip(stored, Map.of("x.npy", floats("(1, 2)", 3, 4)));
            int at = stored ? 30 + 5 + 128 : 30 + 5 + 60;
            byte[] bad = good.clone();
            bad[at + 3] ^= 4;
            refused(() -> read(bad), "x.npy");
            for (int length = 0; length < good.length; length++) {
                byte[] part = Arrays.copyOf(good, length);
                refused(() -> read(part), "a.npz");
            }
            refused(() -> read(Arrays.copyOf(good, good.length + 1)), "a.npz");
        }
    }

    @Test
    void entriesThatOverlapAreRefused() {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("x.npy", floats("(1, 2)", 3, 4));
        entries.put("y.npy", labels((byte) 1));
        byte[] archive = zip(true, entries);
        ByteBuffer view = ByteBuffer.wrap(archive).order(ByteOrder.LITTLE_ENDIAN);
        int second = archive.length - 22 - 46 - 5;
        assertEquals(0x02014b50, view.getInt(second));
        view.putInt(second + 42, 40);
        refused(() -> read(archive), "overlaps");
    }

    @Test
    void randomEditsOnlyEverGiveTheTypedError() {
        Random random = new Random(5);
        byte[][] goods = {unpacked(STORED), unpacked(COMPRESSED)};
        int refused = 0;
        for (int round = 0; round < 6000; round++) {
            byte[] bad = goods[round % 2].clone();
            for (int edits = random.nextInt(4) + 1; edits > 0; edits--) {
                bad[random.nextInt(bad.length)] = (byte) (random.nextBoolean() ? random.nextInt(256) : 0xff);
            }
            try {
                read(random.nextInt(8) > 0 ? bad : Arrays.copyOf(bad, random.nextInt(bad.length + 10)));
            } catch (ElboException e) {
                assertTrue(e.kind() == ElboException.Kind.DATA || e.getMessage().contains("withArray"), e.getMessage());
                refused++;
            }
        }
        assertTrue(refused > 3000, refused + " refused");
    }
}
