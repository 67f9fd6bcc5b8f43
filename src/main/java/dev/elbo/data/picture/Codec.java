package dev.elbo.data.picture;

/** The reader of one format. */
interface Codec {
    /** Judges a file by its first bytes. */
    PictureHeader header(Source in);

    /** Decodes the pixels of a file that is in memory as a whole. */
    Picture decode(Source in, PictureHeader header);
}
