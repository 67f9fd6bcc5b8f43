package dev.elbo.data;

import static dev.elbo.data.IdxBytes.counting;
import static dev.elbo.data.IdxBytes.gzip;
import static dev.elbo.data.IdxBytes.idx;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.io.ImageShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxFilesTest {
    @TempDir
    Path folder;

    private Path put(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private Split open(Path path) {
        return new IdxFiles(Map.of()).open(path);
    }

    @Test
    void aFolderWithFourNames() throws IOException {
        put("train-images-idx3-ubyte.gz", gzip(counting(3, 2, 2)));
        put("train-labels-idx1-ubyte", idx(8, new int[] {3}, (byte) 7, (byte) 0, (byte) 200));
        put("t10k-images.idx3-ubyte", counting(2, 2, 2));
        Split split = open(folder);
        assertEquals(3, split.train().size());
        assertEquals(Optional.of(new ImageShape(1, 2, 2)), split.train().image());
        assertArrayEquals(new int[] {7, 0, 200}, split.train().labels().orElseThrow());
        assertEquals(1f / 255, split.train().scale());
        assertEquals(2, split.test().orElseThrow().size());
        assertTrue(split.test().orElseThrow().labels().isEmpty());
        put("t10k-labels-idx1-ubyte", counting(3));
        refused(() -> open(folder), "t10k-images", "2 images", "3 labels");
        put("t10k-images.idx3-ubyte", counting(2, 2, 3));
        Files.delete(folder.resolve("t10k-labels-idx1-ubyte"));
        refused(() -> open(folder), "6 features", "4");
    }

    @Test
    void theFourNamesInAnyCaseAndWhatIsBesideThem() throws IOException {
        put("Train-Images-idx3-ubyte.GZ", gzip(counting(3, 2, 2)));
        put("TRAIN-LABELS.IDX1-UBYTE", counting(3));
        put("T10K-Images-idx3-ubyte", counting(2, 2, 2));
        Notes notes = new Notes();
        Split split = Datasets.standard().open(folder.toString(), notes);
        assertArrayEquals(new int[] {0, 1, 2}, split.train().labels().orElseThrow());
        assertEquals(2, split.test().orElseThrow().size());
        put("t10k-images-idx3-ubyte.gz", gzip(counting(2, 2, 2)));
        put(".hidden", new byte[1]);
        Datasets.standard().open(folder.toString(), notes);
        assertEquals(List.of(), notes.lines);
        put("readme.txt", new byte[1]);
        Files.createDirectory(folder.resolve("more"));
        Datasets.standard().open(folder.toString(), notes);
        assertEquals(List.of("note: " + folder + ": not used: 'more/', 'readme.txt'"), notes.lines);
        assertArrayEquals(
                new int[] {0, 1, 2},
                open(folder.resolve("Train-Images-idx3-ubyte.GZ"))
                        .train()
                        .labels()
                        .orElseThrow());
        IdxFiles pinned = new IdxFiles(Map.of("train-images-idx3-ubyte", "00"));
        refused(() -> pinned.folder(folder, "n"), "Train-Images-idx3-ubyte.GZ", "expected 00");
    }

    @Test
    void aFileWithItsLabelsBeside() throws IOException {
        Path file = put("my-images-idx3-ubyte.gz", gzip(counting(3, 2, 2)));
        assertTrue(open(file).train().labels().isEmpty());
        put("my-labels-idx1-ubyte", counting(3));
        assertArrayEquals(new int[] {0, 1, 2}, open(file).train().labels().orElseThrow());
        assertTrue(open(file).test().isEmpty());
        put("my-labels-idx1-ubyte", counting(4));
        refused(() -> open(file), "my-images", "3 images", "4 labels");
        put("my-labels-idx1-ubyte", counting(3, 2));
        refused(() -> open(file), "my-labels", "rank 2");
        put("my-labels-idx1-ubyte", counting(3, 1));
        assertEquals(3, open(file).train().labels().orElseThrow().length, "a column is a list too");
        byte[] half =
                ByteBuffer.allocate(12).putFloat(1).putFloat(0.5f).putFloat(0).array();
        put("my-labels-idx1-ubyte", idx(0x0d, new int[] {3}, half));
        refused(() -> open(file), "label 1", "0.5");
        byte[] large = ByteBuffer.allocate(12)
                .putInt(1)
                .putInt(2)
                .putInt((1 << 24) + 1)
                .array();
        put("my-labels-idx1-ubyte", idx(0x0c, new int[] {3}, large));
        refused(() -> open(file), "label 2", "16777215 in this kind of file");
    }

    @Test
    void ranksMakeExamples() throws IOException {
        Dataset flat = open(put("flat", counting(3, 4))).train();
        assertEquals(4, flat.features());
        assertTrue(flat.image().isEmpty());
        Dataset colour = open(put("colour", counting(2, 3, 4, 5))).train();
        assertEquals(Optional.of(new ImageShape(3, 4, 5)), colour.image());
        refused(() -> open(put("last", counting(2, 4, 5, 3))), "(2, 4, 5, 3)", "second dimension");
        refused(() -> open(put("list", counting(3))), "labels");
        refused(() -> open(put("none", counting(0, 28, 28))), "empty");
        refused(() -> open(put("thin", counting(3, 0))), "empty");
        byte[] bad = ByteBuffer.allocate(16)
                .putFloat(1)
                .putFloat(2)
                .putFloat(3)
                .putFloat(Float.NaN)
                .array();
        String nan = put("nan", idx(0x0d, new int[] {2, 2}, bad)).toString();
        refused(() -> Datasets.standard().open(nan, Progress.NONE), "nan", "row 1", "column 1", "NaN");
    }

    @Test
    void foldersWithoutImagesAndLoopsAreRefused() throws IOException {
        refused(() -> open(folder), folder.toString(), "train-images-idx3-ubyte");
        Path loop = folder.resolve("train-images-idx3-ubyte");
        Files.createSymbolicLink(loop, loop);
        refused(() -> open(folder), loop.toString());
        Files.delete(loop);
        Files.createDirectory(loop);
        refused(() -> open(folder), loop.toString(), "folder");
        refused(() -> open(Path.of("/dev/null")), "device");
    }

    @Test
    void pinnedFilesMustHaveTheirDigest() throws IOException {
        put("train-images.idx3-ubyte.gz", gzip(counting(3, 2, 2)));
        IdxFiles pinned = new IdxFiles(Map.of("train-images-idx3-ubyte", "00"));
        refused(() -> pinned.folder(folder, "n"), "train-images.idx3-ubyte.gz", "expected 00", "SHA-256");
    }
}
