package dev.elbo.data.picture;

import dev.elbo.io.ZipArchive;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * PNG (ISO/IEC 15948): all kinds of samples, palettes, interlaced or not. Colour keys and alpha are read; gamma and
 * colour profiles are ignored. Chunks that pixels need must have the right checksums.
 */
final class Png implements PictureFormat.Codec {
    static final String SIGNATURE = "\u0089PNG\r\n\u001a\n";

    private static final int GREY = 0;
    private static final int RGB = 2;
    private static final int INDEXED = 3;
    private static final int GREY_ALPHA = 4;
    private static final int RGBA = 6;

    /** Deflate's limit, times the eight pixels that a byte may hold. */
    private static final long DENSEST = 8 * ZipArchive.DENSEST;
    /** Chunks before the pixels; real files have a dozen. */
    private static final int MAX_CHUNKS = 4096;

    /** Bits of a sample; all other depths are of 8 bits or fewer. */
    private static final int DEEP = 16;

    /** Bits of a sample by colour type. */
    private static final Map<Integer, Set<Integer>> DEPTHS = Map.of(
            GREY, Set.of(1, 2, 4, 8, 16),
            INDEXED, Set.of(1, 2, 4, 8),
            RGB, Set.of(8, 16),
            GREY_ALPHA, Set.of(8, 16),
            RGBA, Set.of(8, 16));

    private static final int IHDR = 0x49484452;
    private static final int PLTE = 0x504c5445;
    private static final int TRNS = 0x74524e53;
    private static final int IDAT = 0x49444154;
    private static final int IEND = 0x49454e44;

    private static final class Chunks {
        int height;
        int width;
        int depth;
        int type;
        Palette palette;
        byte[] transparency;
        long pixelBytes;
        final ByteArrayOutputStream bare = new ByteArrayOutputStream();

        boolean isGrey() {
            return type == GREY || type == GREY_ALPHA || type == INDEXED && palette.isGrey();
        }
    }

    @Override
    public PictureHeader header(Source in) {
        Chunks found = walk(in, false);
        int channels = found.type == RGBA ? 4 : found.type == RGB ? 3 : found.type == GREY_ALPHA ? 2 : 1;
        int bytes = Math.max(1, channels * found.depth / 8);
        boolean deep = found.depth == DEEP;
        return PictureHeader.of(in, PictureFormat.PNG, found.height, found.width, found.isGrey(), deep, bytes, DENSEST);
    }

    /** Walks to the first byte of pixels, or to the end. */
    private static Chunks walk(Source in, boolean whole) {
        Chunks found = new Chunks();
        copy(in, 0, SIGNATURE.length(), found, whole);
        long at = SIGNATURE.length();
        for (int count = 0; ; count++) {
            long length = in.u32(at);
            int kind = (int) in.u32(at + 4);
            if ((kind == IHDR) != (count == 0)) {
                throw in.broken(
                        "its header IHDR is not its first chunk, or comes twice; it is corrupt, take another copy");
            }
            if (kind == IDAT && !whole) {
                requirePalette(in, found);
                return found;
            }
            if (count == MAX_CHUNKS && found.pixelBytes == 0) {
                throw in.broken("has more than " + MAX_CHUNKS + " chunks before its pixels; save it again");
            }
            if (length > in.size() - at - 12) {
                throw in.broken("a chunk of " + length + " bytes begins at byte " + at + " of " + in.size()
                        + "; it is truncated or corrupt, take another copy");
            }
            if (kind == IHDR || kind == PLTE || kind == TRNS || kind == IDAT || kind == IEND) {
                requireChecksum(in, at, (int) length);
                read(in, at + 8, (int) length, kind, found);
                if (kind != TRNS) {
                    copy(in, at, (int) length + 12, found, whole);
                }
            } else if ((kind & 0x20000000) == 0) {
                throw in.broken("has a critical chunk of an unknown kind; save it again as plain PNG");
            }
            if (kind == IEND) {
                if (found.pixelBytes == 0) {
                    throw in.broken("has no pixels (IDAT); it is truncated or corrupt, take another copy");
                }
                return found;
            }
            at += 12 + length;
        }
    }

    private static void copy(Source in, long at, int count, Chunks found, boolean whole) {
        if (whole) {
            found.bare.writeBytes(in.bytes(at, count));
        }
    }

    private static void requireChecksum(Source in, long at, int length) {
        CRC32 checksum = new CRC32();
        checksum.update(in.bytes(at + 4, length + 4));
        if (checksum.getValue() != in.u32(at + 8 + length)) {
            throw in.broken("the checksum of the chunk at byte " + at + " is wrong; it is corrupt, take another copy");
        }
    }

    private static void read(Source in, long at, int length, int kind, Chunks found) {
        switch (kind) {
            case IHDR -> readHeader(in, at, length, found);
            case PLTE -> {
                if (found.palette != null || found.pixelBytes > 0 || length % 3 != 0 || length == 0 || length > 768) {
                    throw in.broken("its palette of " + length
                            + " bytes is misplaced or not of 1 to 256 colours; it is corrupt, take another copy");
                }
                found.palette = Palette.rgb(in, at, length / 3);
            }
            case TRNS -> found.transparency = in.bytes(at, length);
            case IDAT -> {
                requirePalette(in, found);
                found.pixelBytes += length;
            }
            default -> {}
        }
    }

    private static void readHeader(Source in, long at, int length, Chunks found) {
        if (length != 13) {
            throw in.broken("its header IHDR has " + length + " bytes, not 13; it is corrupt, take another copy");
        }
        // what is too large for an int is too large for a picture
        found.width = (int) Math.min(Integer.MAX_VALUE, in.u32(at));
        found.height = (int) Math.min(Integer.MAX_VALUE, in.u32(at + 4));
        found.depth = in.u8(at + 8);
        found.type = in.u8(at + 9);
        boolean known = DEPTHS.getOrDefault(found.type, Set.of()).contains(found.depth);
        if (!known || in.u8(at + 10) != 0 || in.u8(at + 11) != 0 || in.u8(at + 12) > 1) {
            throw in.broken("its header declares colour type " + found.type + " of " + found.depth
                    + " bits, compression " + in.u8(at + 10) + ", filter " + in.u8(at + 11) + " and interlacing "
                    + in.u8(at + 12) + ", which PNG does not have; it is corrupt, take another copy");
        }
    }

    private static void requirePalette(Source in, Chunks found) {
        if (found.type == INDEXED && found.palette == null) {
            throw in.broken("has no palette before its pixels; it is corrupt, take another copy");
        }
    }

    @Override
    public Picture decode(Source in, PictureHeader header) {
        Chunks found = walk(in, true);
        Raster raster = Decoder.decode(found.bare.toByteArray(), in, header).getRaster();
        Canvas canvas = new Canvas(header);
        Palette palette = found.type == INDEXED ? transparent(found) : null;
        int bands = raster.getNumBands();
        boolean colour = found.type == RGB || found.type == RGBA;
        boolean alpha = found.type == GREY_ALPHA || found.type == RGBA;
        if (bands != (colour ? 3 : 1) + (alpha ? 1 : 0)) {
            throw new IllegalStateException(header + " has " + bands + " bands");
        }
        int[] key = palette == null && !alpha ? key(found, bands) : null;
        if (palette != null) {
            return canvas.paint(raster, (at, line, from) -> canvas.paint(at, palette.colour(in, line[from])));
        }
        return canvas.paint(raster, (at, line, from) -> {
            int red = sample(line[from], found.depth);
            int opacity =
                    alpha ? sample(line[from + bands - 1], found.depth) : isKey(line, from, key) ? 0 : header.white();
            canvas.paint(
                    at,
                    red,
                    colour ? sample(line[from + 1], found.depth) : red,
                    colour ? sample(line[from + 2], found.depth) : red,
                    opacity);
        });
    }

    /** Scales samples below 8 bits to 0 to 255: exactly, since 255 is a multiple of 1, 3 and 15. */
    private static int sample(int sample, int depth) {
        return depth >= 8 ? sample : sample * (Picture.WHITE / ((1 << depth) - 1));
    }

    private static Palette transparent(Chunks found) {
        int alphas = found.transparency == null ? 0 : found.transparency.length;
        for (int i = 0; i < Math.min(alphas, found.palette.argb().length); i++) {
            found.palette.alpha(i, found.transparency[i] & 0xff);
        }
        return found.palette;
    }

    /** Returns the one transparent colour, as samples of the file; null if there is none. */
    private static int[] key(Chunks found, int bands) {
        if (found.transparency == null || found.transparency.length != 2 * bands) {
            return null;
        }
        int[] key = new int[bands];
        for (int i = 0; i < bands; i++) {
            key[i] = (found.transparency[2 * i] & 0xff) << 8 | found.transparency[2 * i + 1] & 0xff;
        }
        return key;
    }

    private static boolean isKey(int[] line, int from, int[] key) {
        return key != null && Arrays.equals(line, from, from + key.length, key, 0, key.length);
    }
}
