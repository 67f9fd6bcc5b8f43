package dev.elbo.data.picture;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;

/**
 * The header of a picture, read without decoding a pixel.
 *
 * @param format detected from the content, not from the name of the file
 * @param height in pixels
 * @param width in pixels
 * @param grey whether every pixel that it can hold is grey: by the kind of its samples or its palette
 * @param deep whether its samples have 16 bits; otherwise they have 8 at most
 * @param bytes that a decoded pixel takes while it is read
 */
public record PictureHeader(PictureFormat format, int height, int width, boolean grey, boolean deep, int bytes) {
    /** Pixels of the largest picture that is read: 8192 × 8192. */
    public static final long MAX_PIXELS = 1L << 26;

    /** Bytes of the largest file that is read. */
    public static final long MAX_BYTES = 1L << 28;

    /** Bytes per pixel for an example's own values, resizing and colours. */
    private static final int WORKING_BYTES = 12;

    /**
     * Reads the header of a file.
     *
     * @param file open; its size counts too
     * @return a header that the pixels behind it can agree with
     * @throws ElboException of kind DATA, naming the file, for a file that is not a picture, is too large or of a kind
     *     that is not read
     */
    public static PictureHeader of(InputFile file) {
        return of(Source.of(file));
    }

    /**
     * Returns whether a file holds more pictures than the one that is read.
     *
     * @param file as its header was read from; no pixel is decoded
     * @return whether it is an animated GIF
     */
    public boolean hasMore(InputFile file) {
        return format == PictureFormat.GIF && Gif.hasMore(Source.of(file));
    }

    static PictureHeader of(Source in) {
        if (in.size() == 0) {
            throw in.broken("is empty; a picture is needed");
        }
        if (in.size() > MAX_BYTES) {
            throw in.broken("has " + in.size() + " bytes; pictures of at most " + MAX_BYTES + " are read");
        }
        return PictureFormat.of(in).codec.header(in);
    }

    /** Checks that the picture is small enough, and that a file of this size can hold it. */
    static PictureHeader of(
            Source in,
            PictureFormat format,
            long height,
            long width,
            boolean grey,
            boolean deep,
            int bytes,
            long densest) {
        if (height < 1 || width < 1) {
            throw in.broken("declares " + width + " × " + height + " pixels; a picture has at least one");
        }
        if (height > MAX_PIXELS || width > MAX_PIXELS || height * width > MAX_PIXELS) {
            throw in.broken("declares " + width + " × " + height + " pixels; pictures of at most " + MAX_PIXELS
                    + " pixels are read: scale it down");
        }
        if (height * width > densest * in.size()) {
            throw in.broken("declares " + width + " × " + height + " pixels, which its " + in.size()
                    + " bytes cannot hold; it is truncated or corrupt, take another copy");
        }
        return new PictureHeader(format, (int) height, (int) width, grey, deep, bytes);
    }

    /** {@return the sample that stands for white} */
    public int white() {
        return deep ? Picture.DEEP_WHITE : Picture.WHITE;
    }

    /** {@return number of pixels} */
    public long pixels() {
        return (long) height * width;
    }

    /** {@return bytes of memory that reading it takes, without the file} */
    public long memory() {
        return pixels() * (bytes + WORKING_BYTES);
    }

    /** {@return "width × height", as programs for pictures write it} */
    public String size() {
        return width + " × " + height;
    }
}
