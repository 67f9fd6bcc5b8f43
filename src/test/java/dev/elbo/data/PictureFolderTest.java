package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.data.picture.PictureBytes;
import dev.elbo.io.Failures;
import dev.elbo.io.ImageShape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureFolderTest {
    private static final int RED = 0xff0000;

    @TempDir
    private Path folder;

    private final Notes notes = new Notes();

    private void put(String path, byte[] content) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    private Split open(PictureOptions options) {
        notes.lines.clear();
        return Datasets.standard().open(List.of(folder.toString()), ReadOptions.DEFAULT.withPictures(options), notes);
    }

    private Split open() {
        return open(PictureOptions.DEFAULT);
    }

    private static void has(Dataset data, int... firsts) {
        int[] found = new int[data.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = Math.round(data.row(i)[0] * 255);
        }
        assertArrayEquals(firsts, found);
    }

    private void notUsed(String listed) {
        assertEquals(List.of("note: " + folder + ": not used: " + listed), notes.lines);
    }

    @Test
    void picturesOfOneFolderInTheOrderOfTheirNames() throws IOException {
        put("b.png", PictureBytes.grey(1, 2, 2, 20));
        put("a.PNG", PictureBytes.grey(1, 2, 1, 10));
        put("B.jpg", PictureBytes.grey(1, 2, 3, 30));
        put("ä.gif", PictureBytes.grey(1, 2, 4, 40));
        put(".hidden.png", new byte[1]);
        put(".git/x.png", new byte[1]);
        Split split = open();
        assertTrue(split.test().isEmpty());
        has(split.train(), 3, 1, 2, 4);
        assertEquals(Optional.of(new ImageShape(1, 1, 2)), split.train().image());
        assertTrue(split.train().isBytes());
        assertEquals(1f / 255, split.train().scale());
        assertTrue(split.train().labels().isEmpty());
        assertEquals(List.of(), notes.lines);
    }

    @Test
    void foldersAreClasses() throws IOException {
        put("dog/2.png", PictureBytes.grey(1, 1, 2));
        put("cat/deeper/9.png", PictureBytes.grey(1, 1, 9));
        put("cat/1.png", PictureBytes.grey(1, 1, 1));
        put("train/3.png", PictureBytes.grey(1, 1, 3));
        put("README.txt", new byte[] {1});
        put("empty/notes.md", new byte[] {1});
        Dataset data = open().train();
        has(data, 1, 9, 2, 3);
        assertArrayEquals(new int[] {0, 0, 1, 2}, data.labels().orElseThrow());
        assertEquals(List.of("cat", "dog", "train"), data.labelNames().orElseThrow());
        notUsed("'README.txt', 'empty/notes.md'");
    }

    @Test
    void trainAndTestAreASplit() throws IOException {
        put("train/b/1.png", PictureBytes.grey(1, 1, 1));
        put("train/c/2.png", PictureBytes.grey(1, 1, 2));
        put("test/a/3.png", PictureBytes.grey(1, 1, 3));
        put("test/c/4.png", PictureBytes.grey(1, 1, 4));
        put("val/c/5.png", PictureBytes.grey(1, 1, 5));
        Split split = open();
        has(split.train(), 1, 2);
        has(split.test().orElseThrow(), 3, 4);
        assertArrayEquals(new int[] {1, 2}, split.train().labels().orElseThrow());
        assertArrayEquals(new int[] {0, 2}, split.test().orElseThrow().labels().orElseThrow());
        assertEquals(List.of("a", "b", "c"), split.train().labelNames().orElseThrow());
        has(split.validation().orElseThrow(), 5);
        assertTrue(split.validation().orElseThrow().labels().isEmpty());
        assertEquals(List.of(), notes.lines);
        put("loose.png", PictureBytes.grey(1, 1, 1));
        Failures.refused(this::open, "loose.png", "beside the folder train");
    }

    @Test
    void partsInAnySpelling() throws IOException {
        for (String[] names : new String[][] {
            {"Train", "Test", "Val"}, {"TRAINING", "TESTING", "VALID"}, {"train_set", "TestSet", "dev"}
        }) {
            put(names[0] + "/1.png", PictureBytes.grey(1, 1, 1));
            put(names[1] + "/2.png", PictureBytes.grey(1, 1, 2));
            put(names[2] + "/3.png", PictureBytes.grey(1, 1, 3));
            put("notes.txt", new byte[1]);
            Split split = open();
            has(split.train(), 1);
            has(split.test().orElseThrow(), 2);
            has(split.validation().orElseThrow(), 3);
            notUsed("'notes.txt'");
            Path picture = folder.resolve(names[1] + "/2.png");
            Files.delete(picture);
            assertTrue(open().validation().isEmpty(), "test data come first");
            notUsed("'" + names[2] + "/', 'notes.txt'");
            put(names[1] + "/2.png", PictureBytes.grey(1, 1, 2));
            put("zebra/4.png", PictureBytes.grey(1, 1, 4));
            assertEquals(4, open().train().size());
            assertTrue(notes.lines.get(0).contains("its folders are classes"), notes.lines.toString());
            assertTrue(notes.lines.get(0).contains("because 'zebra' is not one"), notes.lines.toString());
            Files.delete(folder.resolve("zebra/4.png"));
            put("train 2/1.png", PictureBytes.grey(1, 1, 1));
            Failures.refused(this::open, "'train 2'", "'" + names[0] + "'", "both training data");
            for (String path :
                    new String[] {names[0] + "/1.png", names[1] + "/2.png", names[2] + "/3.png", "train 2/1.png"}) {
                Files.delete(folder.resolve(path));
            }
        }
        Files.delete(folder.resolve("notes.txt"));
        put("test/1.png", PictureBytes.grey(1, 1, 1));
        put("cat/2.png", PictureBytes.grey(1, 1, 2));
        assertEquals(List.of("cat", "test"), open().train().labelNames().orElseThrow());
        assertEquals(List.of(), notes.lines);
        put("zip/Train/1.png", PictureBytes.grey(1, 1, 1));
        put("zip/Test/a/2.png", PictureBytes.grey(1, 1, 1));
        open();
        assertEquals(1, notes.lines.size());
        assertTrue(notes.lines.get(0).contains("in 'zip' are not kept apart"), notes.lines.toString());
    }

    @Test
    void picturesAfterTheFirstOfAGif() throws IOException {
        byte[] gif = PictureBytes.encoded("gif", PictureBytes.image(BufferedImage.TYPE_BYTE_GRAY, 1, 1, 0));
        put("a.gif", gif);
        open();
        assertEquals(List.of(), notes.lines);
        int frame = gif.length - 1;
        while (gif[frame] != 0x2c) {
            frame--;
        }
        byte[] two = Arrays.copyOf(gif, 2 * gif.length - 1 - frame);
        System.arraycopy(gif, frame, two, gif.length - 1, gif.length - frame);
        put("b.gif", two);
        open();
        notUsed("'b.gif' (its pictures after the first)");
        for (int length = gif.length; length > frame + 14; length--) {
            put("b.gif", Arrays.copyOf(two, length));
            assertEquals(2, open().train().size());
        }
    }

    @Test
    void coloursAndSizes() throws IOException {
        put("1.png", PictureBytes.grey(2, 2, 10, 20, 30, 40));
        put("2.png", PictureBytes.rgb(2, 2, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0));
        Dataset both = open().train();
        assertEquals(Optional.of(new ImageShape(3, 2, 2)), both.image());
        assertArrayEquals(new float[] {1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0}, both.row(1));
        Dataset grey =
                open(new PictureOptions(1, 1, PictureOptions.Colour.GREY, 0)).train();
        assertEquals(Optional.of(new ImageShape(1, 1, 1)), grey.image());
        has(grey, 25, 76);
        put("3.png", PictureBytes.grey(1, 2, 1, 2));
        Failures.refused(this::open, "3.png: has 2 × 1 pixels", "1.png has 2 × 2", "PictureOptions");
        assertEquals(
                3,
                open(new PictureOptions(3, 1, PictureOptions.Colour.AUTO, 0))
                        .train()
                        .size());
    }

    /** More than one batch, all cores: the same bytes each time, in the order of the names. */
    @Test
    void manyPictures() throws IOException {
        for (int i = 0; i < 600; i++) {
            put(String.format("%03d.png", i), PictureBytes.grey(3, 3, i & 255, i >> 8, 7, 8, 9, 10, 11, 12, 13));
        }
        PictureOptions larger = new PictureOptions(4, 5, PictureOptions.Colour.RGB, 0);
        Dataset once = open(larger).train();
        assertEquals(600, once.size());
        for (int i = 0; i < 600; i++) {
            assertEquals(i & 255, Math.round(once.row(i)[0] * 255));
        }
        assertEquals(once.fingerprint(), open(larger).train().fingerprint());
        put("300.png", new byte[] {1});
        put("500.png", new byte[] {1});
        Failures.refused(this::open, "300.png");
    }

    @Test
    void aSinglePictureIsOneExample() throws IOException {
        put("a.png", PictureBytes.grey(1, 1, 9));
        put("without-ending", PictureBytes.jpeg(PictureBytes.image(BufferedImage.TYPE_3BYTE_BGR, 1, 1, RED), false));
        has(
                Datasets.standard()
                        .open(folder.resolve("a.png").toString(), Progress.NONE)
                        .train(),
                9);
        Dataset jpeg = Datasets.standard()
                .open(folder.resolve("without-ending").toString(), Progress.NONE)
                .train();
        assertEquals(Optional.of(new ImageShape(3, 1, 1)), jpeg.image());
    }

    @Test
    void foldersThatMakeNoDataSet() throws IOException {
        Failures.refused(this::open, folder.toString(), "has no picture");
        put("a.png", PictureBytes.grey(1, 1, 9));
        put("class/a.png", PictureBytes.grey(1, 1, 9));
        Failures.refused(this::open, "beside folders of pictures", "a.png");
        Files.delete(folder.resolve("a.png"));
        put("class/b.tiff", new byte[10]);
        Failures.refused(this::open, "b.tiff", "convert or remove");
    }

    @Test
    void sizesThatNoPictureHas() {
        for (int[] size : new int[][] {{0, 5}, {5, 0}, {-1, -1}, {1 << 13, 1 << 12}}) {
            String message = org.junit.jupiter.api.Assertions.assertThrows(
                            IllegalArgumentException.class,
                            () -> new PictureOptions(size[0], size[1], PictureOptions.Colour.AUTO, 0))
                    .getMessage();
            assertTrue(message.startsWith("PictureOptions("), message);
        }
    }

    private static byte[] deep(int... samples) {
        return PictureBytes.png(1, samples.length, 16, 0, 1, samples, null, null, false);
    }

    /** All of their bits count, for every picture of the set, and those of 8 bits are what they always were. */
    @Test
    void picturesOf16BitsKeepThem() throws IOException {
        Random random = new Random(16);
        float[] expected = new float[3 * 50];
        for (int i = 0; i < 50; i++) {
            int[] samples = random.ints(3, 0, 65536).toArray();
            int[] few = random.ints(3, 0, 256).toArray();
            boolean is8 = i % 7 == 3;
            put(String.format("%02d.png", i), is8 ? PictureBytes.grey(1, 3, few[0], few[1], few[2]) : deep(samples));
            for (int j = 0; j < 3; j++) {
                expected[3 * i + j] = is8 ? few[j] / 255f : samples[j] / 65535f;
            }
        }
        Dataset data = open().train();
        assertFalse(data.isBytes());
        assertEquals(1, data.scale());
        assertArrayEquals(expected, data.values());
        assertEquals(List.of(), notes.lines);
        Failures.refused(
                () -> open(new PictureOptions(0, 0, PictureOptions.Colour.AUTO, 65535)),
                "03.png",
                "8 bits",
                "pixelMax");
    }

    /** One picture of 16 bits in one of the parts is enough: both must be of one kind. */
    @Test
    void thePartsAreOfOneDepth() throws IOException {
        put("train/1.png", PictureBytes.grey(1, 2, 51, 255));
        put("test/2.png", deep(1, 65535));
        Split split = open();
        assertArrayEquals(new float[] {0.2f, 1}, split.train().values());
        assertArrayEquals(
                new float[] {1 / 65535f, 1}, split.test().orElseThrow().values());
    }

    @Test
    void fewerBitsThan16AreNoted() throws IOException {
        for (int most : new int[] {255, 1023, 4095, 16383}) {
            put("1.png", deep(0, most / 2, most));
            open();
            assertTrue(notes.lines.get(0).contains("pixelMax " + most + " makes"), notes.lines.toString());
            notes.lines.clear();
            Dataset data = open(new PictureOptions(0, 0, PictureOptions.Colour.AUTO, most))
                    .train();
            assertArrayEquals(new float[] {0, most / 2 / (float) most, 1}, data.values());
            assertEquals(List.of(), notes.lines);
            Failures.refused(
                    () -> open(new PictureOptions(0, 0, PictureOptions.Colour.AUTO, most - 1)),
                    "1.png",
                    "a sample of " + most,
                    "pixelMax " + (most - 1));
        }
    }

    @Test
    void whiteOf8BitsMayBeLess() throws IOException {
        put("1.png", PictureBytes.grey(1, 2, 3, 15));
        Dataset data =
                open(new PictureOptions(0, 0, PictureOptions.Colour.AUTO, 15)).train();
        assertTrue(data.isBytes());
        assertArrayEquals(new float[] {3 * (1 / 15f), 15 * (1 / 15f)}, data.values());
        Failures.refused(
                () -> open(new PictureOptions(0, 0, PictureOptions.Colour.AUTO, 14)), "1.png", "a sample of 15");
    }
}
