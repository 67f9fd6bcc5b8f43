package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Pictures of examples, side by side. Values are brightness in [0, 1], clamped; every value becomes a square of
 * {@code scale} pixels, so that small pictures stay sharp. Needs no display and no fonts.
 */
public final class Images {
    private static final int THIN = 2;
    private static final int WIDE = 8;
    private static final int BACKGROUND = 96;
    /** Side in pixels that small pictures are enlarged to. */
    private static final int COMFORTABLE = 56;
    /** 256 megapixels: far above any useful grid, far below an overflow. */
    private static final long MAX_PIXELS = 1L << 28;

    private Images() {}

    /**
     * Chooses an enlargement that makes a picture comfortable to view.
     *
     * @param shape of one example
     * @return pixels a value: 7 for 8 × 8, 1 for sides of 29 and more
     */
    public static int scale(ImageShape shape) {
        return Math.max(1, COMFORTABLE / Math.max(shape.height(), shape.width()));
    }

    /**
     * Draws pictures in rows of {@code columns}.
     *
     * @param images (count, features) row-major
     * @param count number of pictures shown, the first ones, at least 1
     * @param shape of one
     * @param columns in a row, at least 1
     * @param scale pixels a value, at least 1
     * @return grey, or RGB where {@code shape} has three channels
     * @throws IllegalArgumentException for fewer values than that, or a sheet of more than 2^28 pixels
     */
    public static BufferedImage grid(float[] images, int count, ImageShape shape, int columns, int scale) {
        return sheet(count, shape, columns, scale, images);
    }

    /**
     * Draws pairs of rows: originals, and below each its reconstruction.
     *
     * @param originals (count, features) row-major
     * @param reconstructions the same shape
     * @param count number of pairs shown, the first ones, at least 1
     * @param shape of one example
     * @param columns in a row, at least 1
     * @param scale pixels a value, at least 1
     * @return grey, or RGB where {@code shape} has three channels
     * @throws IllegalArgumentException for fewer values than that, or a sheet of more than 2^28 pixels
     */
    public static BufferedImage pairs(
            float[] originals, float[] reconstructions, int count, ImageShape shape, int columns, int scale) {
        return sheet(count, shape, columns, scale, originals, reconstructions);
    }

    /** Lays out the rows of each layer in turn. */
    private static BufferedImage sheet(int count, ImageShape shape, int columns, int scale, float[]... layers) {
        for (float[] images : layers) {
            require(images, count, shape, columns, scale);
        }
        int rows = layers.length * ((count + columns - 1) / columns);
        Sheet sheet = new Sheet(shape, Math.min(columns, count), rows, scale, layers.length > 1);
        for (int i = 0; i < count; i++) {
            for (int layer = 0; layer < layers.length; layer++) {
                sheet.paint(layers[layer], i, layers.length * (i / columns) + layer, i % columns);
            }
        }
        return sheet.image;
    }

    private static void require(float[] images, int count, ImageShape shape, int columns, int scale) {
        if (count < 1 || columns < 1 || scale < 1) {
            throw new IllegalArgumentException(
                    "count " + count + ", columns " + columns + " and scale " + scale + " must be positive");
        }
        if (images.length < (long) count * shape.features()) {
            throw new IllegalArgumentException(
                    images.length + " values are fewer than " + count + " pictures of " + shape.features());
        }
    }

    /**
     * Writes a picture as PNG, durably.
     *
     * @param file to be made or replaced
     * @param image of any type that PNG knows
     * @throws ElboException of kind IO, naming the file
     */
    public static void writePng(Path file, BufferedImage image) {
        try {
            AtomicFile.write(file, png(image));
        } catch (UncheckedIOException e) {
            throw ElboException.io(file + ": could not be encoded as PNG: " + Messages.reason(e.getCause()), e);
        }
    }

    /**
     * {@return all bytes of a picture's file as PNG}
     *
     * @param image of any type that PNG knows
     */
    public static byte[] png(BufferedImage image) {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(png)) {
            if (!ImageIO.write(image, "png", out)) {
                throw new IllegalArgumentException("no PNG writer takes this kind of picture");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return png.toByteArray();
    }

    /** The sheet that pictures are laid on; in pairs, the gap below every second row is wide. */
    private static final class Sheet {
        final BufferedImage image;
        private final ImageShape shape;
        private final int scale;
        private final boolean paired;

        Sheet(ImageShape shape, int columns, int rows, int scale, boolean paired) {
            this.shape = shape;
            this.scale = scale;
            this.paired = paired;
            long width = THIN + (long) columns * (THIN + (long) shape.width() * scale);
            long height = top(rows) + (paired ? THIN - WIDE : 0);
            if (width > MAX_PIXELS || height > MAX_PIXELS || width * height > MAX_PIXELS) {
                throw new IllegalArgumentException(
                        "a picture of " + width + " × " + height + " pixels is too large; show fewer");
            }
            boolean grey = shape.channels() == 1;
            image = new BufferedImage(
                    (int) width, (int) height, grey ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR);
            Arrays.fill(((DataBufferByte) image.getRaster().getDataBuffer()).getData(), (byte) BACKGROUND);
        }

        private long top(int row) {
            long gaps = paired ? (row / 2) * (long) (THIN + WIDE) + (row % 2) * (long) THIN : row * (long) THIN;
            return THIN + gaps + row * ((long) shape.height() * scale);
        }

        void paint(float[] images, int index, int row, int column) {
            WritableRaster raster = image.getRaster();
            int top = (int) top(row);
            int left = THIN + column * (THIN + shape.width() * scale);
            int from = index * shape.features();
            int[] line = new int[shape.width() * scale];
            for (int band = 0; band < shape.channels(); band++) {
                for (int y = 0; y < shape.height(); y++) {
                    for (int x = 0; x < line.length; x++) {
                        float value = images[from + (band * shape.height() + y) * shape.width() + x / scale];
                        line[x] = Math.round(255 * Math.min(1, Math.max(0, value)));
                    }
                    for (int copy = 0; copy < scale; copy++) {
                        raster.setSamples(left, top + y * scale + copy, line.length, 1, band, line);
                    }
                }
            }
        }
    }
}
