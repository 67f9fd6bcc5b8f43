package dev.elbo.data.picture;

/** How one format is read. */
interface Codec {
    /** Judges a file by its first bytes. */
    PictureHeader header(Source in);

    /**
     * Its pixels.
     *
     * @param in all of the file, in memory
     */
    Picture decode(Source in, PictureHeader header);
}
