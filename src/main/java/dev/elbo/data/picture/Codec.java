package dev.elbo.data.picture;

/** How one format is read. */
interface Codec {
    /** Judges a file by its first bytes. */
    PictureHeader header(Source in);

    /** Decodes the pixels of a file that is in memory as a whole. */
    Picture decode(Source in, PictureHeader header);
}
