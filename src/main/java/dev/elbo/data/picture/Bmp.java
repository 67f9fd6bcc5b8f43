package dev.elbo.data.picture;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;

/** BMP of Windows and OS/2: palettes of 1, 4 and 8 bits, run lengths, 16, 24 and 32 bits. */
final class Bmp implements PictureFormat.Codec {
    private static final int FILE_HEADER = 14;
    private static final int CORE = 12;
    private static final int V4 = 108;
    /** Runs of equal pixels of 8 or 4 bits. */
    private static final int RLE8 = 1;

    private static final int RLE4 = 2;
    private static final int BIT_FIELDS = 3;

    /** Pixels that a byte of runs encodes, if most of the picture is left out; no other format packs denser. */
    private static final long DENSEST_RUNS = 1 << 13;

    /** The position of the colour space in a header of version 4 or 5, from the start of the file. */
    private static final int COLOUR_SPACE = FILE_HEADER + 56;

    private static final byte[] S_RGB = {'B', 'G', 'R', 's'};

    @Override
    public PictureHeader header(Source in) {
        int size = in.i32Low(FILE_HEADER);
        if (size != CORE && (size < 40 || size > 124)) {
            throw in.broken("its content is not a picture, or a BMP with a header of " + size
                    + " bytes, which is not read; convert or remove it");
        }
        boolean core = size == CORE;
        long width = core ? in.u16Low(18) : in.i32Low(18);
        long height = Math.abs((long) (core ? in.u16Low(20) : in.i32Low(22)));
        int bits = in.u16Low(core ? 24 : 28);
        int compression = core ? 0 : in.i32Low(30);
        if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32) {
            throw in.broken(
                    "declares " + bits + " bits a pixel, which BMP does not have; it is corrupt, take another copy");
        }
        boolean runs = compression == RLE8 || compression == RLE4;
        if (!runs && compression != 0 && compression != BIT_FIELDS || runs && bits != (compression == RLE8 ? 8 : 4)) {
            throw in.broken("is a BMP of " + bits + " bits with compression " + compression
                    + ", which is not read; save it as PNG");
        }
        PictureHeader header = PictureHeader.of(
                in, PictureFormat.BMP, height, width, isGrey(in, size, bits), false, 4, runs ? DENSEST_RUNS : 8);
        long pixels = in.i32Low(10) & 0xffffffffL;
        long needed = runs ? 1 : (width * bits + 31) / 32 * 4 * height;
        if (pixels + needed > in.size()) {
            throw in.broken("declares " + header.size() + " pixels from byte " + pixels + " on, which end at byte "
                    + (pixels + needed) + "; it has " + in.size() + ": it is truncated, take another copy");
        }
        return header;
    }

    private static boolean isGrey(Source in, int size, int bits) {
        if (bits > 8) {
            return false;
        }
        int entry = size == CORE ? 3 : 4;
        int used = size == CORE ? 0 : in.i32Low(46);
        // many programs write fewer colours than they say: those before the pixels are all
        long room = (in.i32Low(10) - FILE_HEADER - (long) size) / entry;
        long colours = Math.min(room, used > 0 && used < 1 << bits ? used : 1 << bits);
        for (int i = 0; i < colours; i++) {
            long at = FILE_HEADER + size + (long) i * entry;
            if (in.u8(at) != in.u8(at + 1) || in.u8(at) != in.u8(at + 2)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Picture decode(Source in, PictureHeader header) {
        byte[] bytes = in.bytes(0, (int) in.size());
        if (in.i32Low(FILE_HEADER) >= V4) {
            // a profile may be in the file, or be the name of another one
            System.arraycopy(S_RGB, 0, bytes, COLOUR_SPACE, S_RGB.length);
        }
        BufferedImage image = Decoder.decode(bytes, in, header);
        Canvas canvas = new Canvas(header);
        if (image.getColorModel() instanceof IndexColorModel colours) {
            int[] argb = new int[colours.getMapSize()];
            colours.getRGBs(argb);
            Palette palette = new Palette(argb);
            return canvas.paint(
                    image.getRaster(), (at, line, from) -> canvas.paint(at, palette.colour(in, line[from])));
        }
        int[] line = new int[header.width()];
        for (int y = 0; y < header.height(); y++) {
            image.getRGB(0, y, header.width(), 1, line, 0, header.width());
            for (int x = 0; x < header.width(); x++) {
                canvas.paint(y * header.width() + x, line[x]);
            }
        }
        return canvas.picture();
    }
}
