package dev.elbo.io;

import static dev.elbo.io.Failures.fails;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.elbo.error.ElboException.Kind;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImagesTest {
    @TempDir
    Path folder;

    private static int sample(BufferedImage image, int x, int y) {
        return image.getRaster().getSample(x, y, 0);
    }

    @Test
    void pixelsAreWhereTheyBelong() throws IOException {
        ImageShape shape = new ImageShape(1, 2, 3);
        float[] images = {0, 0.2f, 0.4f, 0.6f, 0.8f, 1, -5, 9, Float.NaN, 0, 0, 0, 1, 1, 1, 1, 1, 1};
        Path file = folder.resolve("grid.png");
        Images.writePng(file, Images.grid(images, 3, shape, 2, 5));
        BufferedImage read = ImageIO.read(file.toFile());
        assertEquals(2 + 2 * (3 * 5 + 2), read.getWidth());
        assertEquals(2 + 2 * (2 * 5 + 2), read.getHeight());
        assertEquals(96, sample(read, 1, 5));
        for (int y = 0; y < 2; y++) {
            for (int x = 0; x < 3; x++) {
                int value = Math.round(255 * images[y * 3 + x]);
                assertEquals(value, sample(read, 2 + 5 * x, 2 + 5 * y));
                assertEquals(value, sample(read, 2 + 5 * x + 4, 2 + 5 * y + 4));
            }
        }
        assertEquals(0, sample(read, 19, 2));
        assertEquals(255, sample(read, 19 + 5, 2), "values above 1 are clamped");
        assertEquals(0, sample(read, 19 + 10, 2), "NaN is black");
        assertEquals(255, sample(read, 2, 14));
        assertEquals(96, sample(read, 19, 14), "the last row is not full");
    }

    @Test
    void channelsAreRedGreenBlue() throws IOException {
        Path file = folder.resolve("rgb.png");
        Images.writePng(file, Images.grid(new float[] {1, 0, 0.2f, 0.4f, 0, 1}, 1, new ImageShape(3, 1, 2), 9, 1));
        BufferedImage read = ImageIO.read(file.toFile());
        assertEquals(2 + 2 + 2, read.getWidth());
        assertEquals(0xff3300, read.getRGB(2, 2) & 0xffffff);
        assertEquals(0x0066ff, read.getRGB(3, 2) & 0xffffff);
    }

    @Test
    void pairsStandBelowEachOther() {
        ImageShape shape = new ImageShape(1, 1, 1);
        BufferedImage image = Images.pairs(new float[] {0.2f, 0.4f, 0.6f}, new float[] {1, 0.8f, 0}, 3, shape, 2, 1);
        assertEquals(2 + 2 * 3, image.getWidth());
        assertEquals(2 + 1 + 2 + 1 + 8 + 1 + 2 + 1 + 2, image.getHeight());
        assertArrayEquals(new int[] {51, 102, 255, 204, 153, 0}, new int[] {
            sample(image, 2, 2),
            sample(image, 5, 2),
            sample(image, 2, 5),
            sample(image, 5, 5),
            sample(image, 2, 14),
            sample(image, 2, 17)
        });
    }

    @Test
    void theSameBytesEveryTime() throws IOException {
        float[] images = new float[64 * 10];
        for (int i = 0; i < images.length; i++) {
            images[i] = i % 17 / 16f;
        }
        ImageShape shape = ImageShape.guess(64).orElseThrow();
        Images.writePng(folder.resolve("a.png"), Images.grid(images, 10, shape, 5, Images.scale(shape)));
        Images.writePng(folder.resolve("b.png"), Images.grid(images, 10, shape, 5, Images.scale(shape)));
        assertEquals(-1, Files.mismatch(folder.resolve("a.png"), folder.resolve("b.png")));
        assertEquals(
                2 + 5 * (56 + 2), ImageIO.read(folder.resolve("a.png").toFile()).getWidth());
    }

    @Test
    void shapesAreGuessedFromSquares() {
        assertEquals(Optional.of(new ImageShape(1, 28, 28)), ImageShape.guess(784));
        assertEquals(Optional.of(new ImageShape(1, 1, 1)), ImageShape.guess(1));
        assertEquals(Optional.empty(), ImageShape.guess(785));
        assertEquals(Optional.empty(), ImageShape.guess(0));
        assertEquals(Optional.empty(), ImageShape.guess(Integer.MAX_VALUE));
        assertEquals("8 × 9", new ImageShape(1, 8, 9).toString());
        assertEquals(2, Images.scale(new ImageShape(1, 28, 20)));
        assertEquals(1, Images.scale(new ImageShape(1, 500, 20)));
    }

    @Test
    void mistakesAreRefused() {
        ImageShape one = new ImageShape(1, 1, 1);
        assertThrows(IllegalArgumentException.class, () -> new ImageShape(2, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new ImageShape(1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> Images.grid(new float[1], 2, one, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> Images.grid(new float[1], 0, one, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> Images.grid(new float[1], 1, one, 1, 1 << 20));
        fails(
                Kind.IO,
                () -> Images.writePng(folder.resolve("none/a.png"), Images.grid(new float[1], 1, one, 1, 1)),
                "none/a.png");
    }

    @Test
    void aShapeOfMoreValuesThanAnArrayHoldsIsRefused() {
        assertEquals(1 << 30, new ImageShape(1, 1 << 15, 1 << 15).features());
        for (int channels : new int[] {1, 3}) {
            assertThrows(IllegalArgumentException.class, () -> new ImageShape(channels, 1 << 16, 1 << 16));
        }
        assertThrows(IllegalArgumentException.class, () -> new ImageShape(3, 1 << 15, 1 << 15));
    }
}
