package dev.elbo.data;

import static dev.elbo.data.NpyBytes.described;
import static dev.elbo.data.NpyBytes.npy;
import static dev.elbo.data.ZipBytes.zip;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.error.ElboException;
import dev.elbo.fuzz.Hostile;
import dev.elbo.io.ZipArchive;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/** Archives as they are, and with the checksums put right that nobody guesses. */
@Tag("fuzz")
class NpzFileFuzzTest {
    /** One packed byte may stand for so many, each of which is stored, copied, and looked at as a float32. */
    private static final long PER_BYTE = 16 * ZipArchive.DENSEST;

    static Stream<byte[]> seeds() {
        byte[] x = npy("<f4", false, "(2, 1)", new byte[] {0, 0, -128, 63, 0, 0, 0, 64});
        byte[] pixels = npy("|u1", true, "(2, 2, 2)", new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        byte[] y = npy("|i1", false, "(2,)", new byte[] {3, -4});
        Map<String, byte[]> split = new LinkedHashMap<>();
        split.put("x_train.npy", pixels);
        split.put("y_train.npy", y);
        split.put("x_test.npy", npy("|u1", false, "(1, 4)", new byte[] {9, 8, 7, 6}));
        Map<String, byte[]> labelled = new LinkedHashMap<>();
        labelled.put("data.npy", x);
        labelled.put("y.npy", y);
        Map<String, byte[]> many = new LinkedHashMap<>();
        for (int i = 0; i < 40; i++) {
            many.put("an array with a long name, number " + i + " of forty.npy", x);
        }
        byte[] good = zip(true, labelled);
        Map<String, byte[]> spelled = new LinkedHashMap<>();
        spelled.put("TrainImages.npy", x);
        spelled.put("images_test.npy", x);
        spelled.put("train_Y.npy", NpyBytes.words("<U", "cat", "dog"));
        spelled.put("TEST_LABELS.npy", NpyBytes.words("|S", "dog", "cow"));
        spelled.put("metadata.npy", npy("|O", false, "(1,)", new byte[8]));
        spelled.put("note.txt", new byte[] {1});
        Map<String, byte[]> hot = new LinkedHashMap<>();
        hot.put("x.npy", x);
        hot.put("y.npy", npy("|u1", true, "(2, 2)", new byte[] {0, 1, 1, 0}));
        hot.put("z.npy", described("[('a', '<f4')]", false, "(1,)", new byte[4]));
        Map<String, byte[]> sparse = new LinkedHashMap<>();
        for (String name : new String[] {"format", "shape", "data", "indices", "indptr"}) {
            sparse.put(name + ".npy", x);
        }
        return Stream.of(
                good,
                zip(false, labelled),
                zip(true, split),
                zip(false, split),
                zip(true, many),
                zip(true, spelled),
                zip(false, spelled),
                zip(true, hot),
                zip(true, sparse),
                zip(true, Map.of()),
                zip(true, Map.of("x.npy", x, "notes.txt", new byte[] {1})),
                zip(true, Map.of("../x.npy", x)),
                zip(false, Map.of("x.npy", npy("|u1", false, "(1, 100000)", new byte[100_000]))),
                zip(false, Map.of("x.npy", npy("|u1", false, "(2000000000, 2)", new byte[100_000]))),
                zip(true, Map.of("x.npy", npy("|O", false, "(1, 1)", new byte[8]))),
                zip(true, Map.of("x.npy", new byte[0])),
                Arrays.copyOf(good, good.length - 30),
                wide(good));
    }

    /** With a zip64 directory as well. */
    private static byte[] wide(byte[] archive) {
        ByteBuffer old = ByteBuffer.wrap(archive).order(ByteOrder.LITTLE_ENDIAN);
        int end = archive.length - 22;
        ByteBuffer wide = ByteBuffer.allocate(archive.length + 76).order(ByteOrder.LITTLE_ENDIAN);
        wide.put(archive, 0, end);
        wide.putInt(0x06064b50).putLong(44).putInt(0x002d002d).putLong(0);
        wide.putLong(old.getShort(end + 8)).putLong(old.getShort(end + 10));
        wide.putLong(old.getInt(end + 12)).putLong(old.getInt(end + 16));
        wide.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
        return wide.put(archive, end, 22).array();
    }

    @MethodSource("seeds")
    @FuzzTest
    void reads(byte[] content) {
        read(content);
        read(ZipBytes.mended(content)).ifPresent(split -> {
            again(split.train());
            split.test().ifPresent(test -> assertEquals(split.train().features(), test.features()));
        });
    }

    private static Optional<Split> read(byte[] content) {
        return Hostile.file(content, PER_BYTE, file -> {
            try {
                return NpzFile.read(file, Optional.empty(), PixelScale.BY_KIND, Progress.NONE);
            } catch (ElboException e) {
                if (e.kind() == ElboException.Kind.USAGE) {
                    // a good archive, of which it is not plain which array is meant: the same is owed
                    throw ElboException.data(e.getMessage(), e);
                }
                throw e;
            }
        });
    }

    private static void again(Dataset data) {
        Map<String, byte[]> arrays = new LinkedHashMap<>();
        String shape = "(" + data.size() + ", " + data.features() + ")";
        int size = data.size() * data.features();
        ByteBuffer values =
                ByteBuffer.allocate(size * (data.isBytes() ? 1 : Double.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        if (data.isBytes()) {
            data.rows().copy(0, data.size(), values, 0);
        } else {
            values.asDoubleBuffer().put(Exact.values(data));
        }
        arrays.put(
                "x.npy",
                npy(!data.isBytes() ? "<f8" : data.scale() == 1 ? "|b1" : "|u1", false, shape, values.array()));
        data.labels().ifPresent(labels -> {
            ByteBuffer list = ByteBuffer.allocate(Integer.BYTES * labels.length).order(ByteOrder.LITTLE_ENDIAN);
            list.asIntBuffer().put(labels);
            arrays.put("y.npy", npy("<i4", false, "(" + labels.length + ",)", list.array()));
        });
        Path file = Hostile.file("again", zip(data.isBytes(), arrays));
        Dataset same = NpzFile.read(file, Optional.of("x"), PixelScale.BY_KIND, Progress.NONE)
                .train();
        assertArrayEquals(Exact.values(data), Exact.values(same));
        assertArrayEquals(data.labels().orElse(null), same.labels().orElse(null));
    }
}
