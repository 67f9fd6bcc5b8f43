package dev.elbo.data.picture;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Files of pictures, made in memory: PNG sample by sample, the others by Java's encoders. */
public final class PictureBytes {
    /** A PNG that claims 60000 × 60000 pixels and has none. */
    public static final byte[] BOMB = claim(60000, 60000);

    private static final int[][] ADAM7 = {
        {0, 0, 8, 8}, {0, 4, 8, 8}, {4, 0, 8, 4}, {0, 2, 4, 4}, {2, 0, 4, 2}, {0, 1, 2, 2}, {1, 0, 2, 1}
    };

    private PictureBytes() {}

    /** An RGB PNG of a size and without pixels. */
    static byte[] claim(int height, int width) {
        return png(height, width, 8, 2, 0, new byte[0], null);
    }

    /** A grey PNG of 8 bits. */
    public static byte[] grey(int height, int width, int... samples) {
        return png(height, width, 8, 0, 1, samples, null, null, false);
    }

    /** An RGB PNG of 8 bits. */
    public static byte[] rgb(int height, int width, int... samples) {
        return png(height, width, 8, 2, 3, samples, null, null, false);
    }

    /**
     * Any PNG.
     *
     * @param channels samples of a pixel
     * @param palette content of PLTE, or null
     * @param transparency content of tRNS, or null
     */
    public static byte[] png(
            int height,
            int width,
            int depth,
            int type,
            int channels,
            int[] samples,
            byte[] palette,
            byte[] transparency,
            boolean interlaced) {
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        for (int[] pass : interlaced ? ADAM7 : new int[][] {{0, 0, 1, 1}}) {
            for (int y = pass[0]; y < height && pass[1] < width; y += pass[2]) {
                raw.write(0);
                int held = 0;
                int bits = 0;
                for (int x = pass[1]; x < width; x += pass[3]) {
                    for (int c = 0; c < channels; c++) {
                        held = held << depth | samples[(y * width + x) * channels + c];
                        bits += depth;
                        while (bits >= 8) {
                            raw.write(held >> bits - 8);
                            bits -= 8;
                            held &= (1 << bits) - 1;
                        }
                    }
                }
                if (bits > 0) {
                    raw.write(held << 8 - bits);
                }
            }
        }
        ByteArrayOutputStream extra = new ByteArrayOutputStream();
        if (palette != null) {
            extra.writeBytes(chunk("PLTE", palette));
        }
        if (transparency != null) {
            extra.writeBytes(chunk("tRNS", transparency));
        }
        return png(height, width, depth, type, interlaced ? 1 : 0, deflated(raw.toByteArray()), extra.toByteArray());
    }

    private static byte[] png(int height, int width, int depth, int type, int interlaced, byte[] data, byte[] extra) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(Png.SIGNATURE.getBytes(StandardCharsets.ISO_8859_1));
        file.writeBytes(chunk(
                "IHDR",
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put((byte) depth)
                        .put((byte) type)
                        .put((byte) 0)
                        .put((byte) 0)
                        .put((byte) interlaced)
                        .array()));
        if (extra != null) {
            file.writeBytes(extra);
        }
        file.writeBytes(chunk("IDAT", data));
        file.writeBytes(chunk("IEND", new byte[0]));
        return file.toByteArray();
    }

    /** A part of a PNG, with its checksum. */
    static byte[] chunk(String kind, byte[] content) {
        byte[] named = ByteBuffer.allocate(content.length + 4)
                .put(kind.getBytes(StandardCharsets.ISO_8859_1))
                .put(content)
                .array();
        CRC32 checksum = new CRC32();
        checksum.update(named);
        return ByteBuffer.allocate(content.length + 12)
                .putInt(content.length)
                .put(named)
                .putInt((int) checksum.getValue())
                .array();
    }

    /** A PNG with the right checksums, as far as it has parts; of other bytes, the same. */
    public static byte[] mended(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file.clone());
        int at = Png.SIGNATURE.length();
        if (!new String(file, StandardCharsets.ISO_8859_1).startsWith(Png.SIGNATURE)) {
            return file;
        }
        while (at + 12 <= file.length) {
            long length = bytes.getInt(at) & 0xffffffffL;
            if (length > file.length - at - 12) {
                break;
            }
            CRC32 checksum = new CRC32();
            checksum.update(file, at + 4, (int) length + 4);
            bytes.putInt(at + 8 + (int) length, (int) checksum.getValue());
            at += 12 + (int) length;
        }
        return bytes.array();
    }

    private static byte[] deflated(byte[] raw) {
        Deflater deflater = new Deflater();
        deflater.setInput(raw);
        deflater.finish();
        byte[] out = new byte[raw.length + 1000];
        int length = deflater.deflate(out);
        deflater.end();
        return java.util.Arrays.copyOf(out, length);
    }

    /** A JPEG of best quality. */
    public static byte[] jpeg(BufferedImage image, boolean progressive) throws IOException {
        return jpeg(new IIOImage(image, null, null), progressive);
    }

    /** A JPEG of four components, as printers want them. */
    public static byte[] cmyk() throws IOException {
        WritableRaster raster = Raster.createInterleavedRaster(java.awt.image.DataBuffer.TYPE_BYTE, 8, 8, 4, null);
        return jpeg(new IIOImage(raster, null, null), false);
    }

    private static byte[] jpeg(IIOImage image, boolean progressive) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
            ImageWriteParam how = writer.getDefaultWriteParam();
            how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            how.setCompressionQuality(1);
            if (progressive) {
                how.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            }
            writer.setOutput(out);
            writer.write(null, image, how);
        } finally {
            writer.dispose();
        }
        return file.toByteArray();
    }

    /** By one of Java's encoders. */
    public static byte[] encoded(String format, BufferedImage image) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
            if (!ImageIO.write(image, format, out)) {
                throw new IllegalArgumentException(format + " of " + image);
            }
        }
        return file.toByteArray();
    }

    /** An interlaced GIF. */
    static byte[] interlacedGif(BufferedImage image) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
            ImageWriteParam how = writer.getDefaultWriteParam();
            how.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), how);
        } finally {
            writer.dispose();
        }
        return file.toByteArray();
    }

    /**
     * A picture of palette colours.
     *
     * @param argb of the palette; a colour of alpha 0 is transparent
     * @param numbers row-major
     */
    static BufferedImage indexed(int height, int width, int[] argb, int... numbers) {
        int transparent = -1;
        for (int i = 0; i < argb.length; i++) {
            transparent = argb[i] >>> 24 == 0 ? i : transparent;
        }
        int bits = argb.length <= 2 ? 1 : argb.length <= 4 ? 2 : argb.length <= 16 ? 4 : 8;
        IndexColorModel colours = new IndexColorModel(bits, argb.length, argb, 0, transparent >= 0, transparent, 0);
        BufferedImage image = new BufferedImage(
                width, height, bits == 8 ? BufferedImage.TYPE_BYTE_INDEXED : BufferedImage.TYPE_BYTE_BINARY, colours);
        image.getRaster().setPixels(0, 0, width, height, numbers);
        return image;
    }

    /** A picture of packed colours, row-major. */
    public static BufferedImage image(int type, int height, int width, int... rgb) {
        BufferedImage image = new BufferedImage(width, height, type);
        image.setRGB(0, 0, width, height, rgb, 0, width);
        return image;
    }
}
