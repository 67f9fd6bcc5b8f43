package dev.elbo.data.picture;

/** The reader of one format. */
interface Codec {
    /** Reads and checks the header of a file, without decoding pixels. */
    PictureHeader header(Source in);

    /** Decodes the pixels of a file that is in memory as a whole. */
    Picture decode(Source in, PictureHeader header);
}
