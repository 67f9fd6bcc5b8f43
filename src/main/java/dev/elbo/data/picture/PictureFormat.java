package dev.elbo.data.picture;

/** The formats that are read. */
public enum PictureFormat {
    /** ISO/IEC 15948: all kinds of samples, interlaced or not. */
    PNG(new Png()),
    /** ITU-T T.81: baseline, extended and progressive, 8 bits, grey or three colours. */
    JPEG(new Jpeg()),
    /** CompuServe 87a and 89a: the first picture of a file. */
    GIF(new Gif()),
    /** Windows and OS/2 bitmaps: palettes, run lengths, 16, 24 and 32 bits. */
    BMP(new Bmp());

    final Codec codec;

    PictureFormat(Codec codec) {
        this.codec = codec;
    }

    static PictureFormat of(Source in) {
        if (in.has(0, Png.SIGNATURE)) {
            return PNG;
        }
        if (in.has(0, "\u00ff\u00d8\u00ff")) {
            return JPEG;
        }
        if (in.has(0, "GIF87a") || in.has(0, "GIF89a")) {
            return GIF;
        }
        if (in.has(0, "BM")) {
            return BMP;
        }
        throw in.broken(
                "its content is not one of PNG, JPEG, GIF and BMP, whatever its name says; convert or remove it");
    }

    /** The reader of one format. */
    interface Codec {
        /** Reads and checks the header of a file, without decoding pixels. */
        PictureHeader header(Source in);

        /** Decodes the pixels of a file that is in memory as a whole. */
        Picture decode(Source in, PictureHeader header);
    }
}
