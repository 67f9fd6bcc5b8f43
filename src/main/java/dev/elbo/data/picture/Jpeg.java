package dev.elbo.data.picture;

import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;

/**
 * JPEG (ITU-T T.81): baseline, extended and progressive, 8 bits, grey or three colours. Orientation, colour profiles and
 * thumbnails are left out before anything is decoded.
 */
final class Jpeg implements PictureFormat.Codec {
    private static final int SOI = 0xd8;
    private static final int EOI = 0xd9;
    private static final int SOS = 0xda;
    private static final int DQT = 0xdb;
    private static final int DRI = 0xdd;
    private static final int DHT = 0xc4;
    private static final int APP0 = 0xe0;
    private static final int APP14 = 0xee;

    /** A block of 8 × 8 pixels takes at least a bit, in progressive files too. */
    private static final long DENSEST = 64 * 8;
    /** Scans of one picture; encoders make about ten, and each costs a pass over the whole of it. */
    private static final int MAX_SCANS = 64;

    private static final byte[] JFIF = {
        (byte) 0xff, (byte) APP0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
    };

    @Override
    public PictureHeader header(Source in) {
        return walk(in, null);
    }

    /** Walks over the segments and copies what pixels need; if {@code bare} is null, to the frame header only. */
    private static PictureHeader walk(Source in, ByteArrayOutputStream bare) {
        PictureHeader header = null;
        int scans = 0;
        boolean jfif = false;
        long at = 2;
        while (true) {
            while (in.u8(at) == 0xff && in.u8(at + 1) == 0xff) {
                at++;
            }
            int marker = in.u8(at + 1);
            if (in.u8(at) != 0xff || marker == 0 || marker == SOI || marker == 1 || marker >= 0xd0 && marker <= 0xd7) {
                throw in.broken("has no marker at byte " + at + "; it is corrupt, take another copy");
            }
            if (marker == EOI) {
                if (scans == 0) {
                    throw in.broken("ends before its pixels begin; it is corrupt, take another copy");
                }
                return header;
            }
            int length = in.u16(at + 2);
            if (length < 2 || at + 2 + length > in.size()) {
                throw in.broken("a segment of " + length + " bytes begins at byte " + at + " of " + in.size()
                        + "; it is truncated or corrupt, take another copy");
            }
            boolean keep = marker == DQT
                    || marker == DHT
                    || marker == DRI
                    || marker == SOS
                    || marker == APP14 && in.has(at + 4, "Adobe");
            if (marker == APP0 && !jfif && in.has(at + 4, "JFIF\0") && bare != null) {
                jfif = true;
                bare.writeBytes(JFIF);
            } else if (isFrame(marker)) {
                if (header != null) {
                    throw in.broken("has two frame headers; it is corrupt, take another copy");
                }
                header = frame(in, at, marker, length);
                if (bare == null) {
                    return header;
                }
                keep = true;
            }
            if (keep && bare != null) {
                bare.writeBytes(in.bytes(at, length + 2));
            }
            at += 2 + length;
            if (marker == SOS) {
                if (header == null || ++scans > MAX_SCANS) {
                    throw in.broken(
                            header == null
                                    ? "its pixels begin before its frame header; it is corrupt, take another copy"
                                    : "has more than " + MAX_SCANS + " scans; save it again");
                }
                long end = scanEnd(in, at);
                bare.writeBytes(in.bytes(at, (int) (end - at)));
                at = end;
            }
        }
    }

    /** Frame headers of every process, also of those that are not read. */
    private static boolean isFrame(int marker) {
        return marker >= 0xc0 && marker <= 0xcf && marker != DHT && marker != 0xc8 && marker != 0xcc;
    }

    private static PictureHeader frame(Source in, long at, int marker, int length) {
        if (marker > 0xc2) {
            throw in.broken(
                    "is a lossless, hierarchical or arithmetic-coded JPEG, which is not read; save it as baseline JPEG or PNG");
        }
        if (length < 8 || length != 8 + 3 * in.u8(at + 9)) {
            throw in.broken("its frame header has " + length + " bytes; it is corrupt, take another copy");
        }
        int bits = in.u8(at + 4);
        int components = in.u8(at + 9);
        if (bits != 8) {
            throw in.broken("has " + bits + " bits a sample, which is not read; save it with 8, or as PNG");
        }
        if (components == 4) {
            throw in.broken("is a CMYK or YCCK picture, which is made for printing; convert it to RGB");
        }
        if (components != 1 && components != 3) {
            throw in.broken("has " + components + " components a pixel; JPEGs of 1 or 3 are read: save it as PNG");
        }
        return PictureHeader.of(
                in, PictureFormat.JPEG, in.u16(at + 5), in.u16(at + 7), components == 1, false, components, DENSEST);
    }

    /** Returns the position of the next marker that is not part of the coded data. */
    private static long scanEnd(Source in, long from) {
        for (long at = from; ; at++) {
            if (in.u8(at) == 0xff) {
                int next = in.u8(at + 1);
                if (next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7)) {
                    return at;
                }
            }
        }
    }

    @Override
    public Picture decode(Source in, PictureHeader header) {
        ByteArrayOutputStream bare = new ByteArrayOutputStream((int) in.size() + JFIF.length);
        bare.writeBytes(new byte[] {(byte) 0xff, (byte) SOI});
        walk(in, bare);
        bare.writeBytes(new byte[] {(byte) 0xff, (byte) EOI});
        Raster raster = Decoder.decode(bare.toByteArray(), in, header).getRaster();
        int bands = raster.getNumBands();
        if (bands != (header.grey() ? 1 : 3)) {
            throw in.broken("its decoder gives " + bands + " samples a pixel; save it again, or as PNG");
        }
        Canvas canvas = new Canvas(header);
        return canvas.paint(
                raster,
                (at, line, from) -> canvas.paint(at, line[from], line[from + bands / 2], line[from + bands - 1], 255));
    }
}
