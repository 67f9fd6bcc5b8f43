package dev.elbo.data.picture;

import dev.elbo.error.ElboException;
import dev.elbo.io.ImageShape;

/**
 * A decoded picture.
 *
 * @param shape its channels and size
 * @param samples (channels, height, width), from 0 to white; what was transparent lies on white
 * @param white the sample that stands for white: {@link #WHITE} of 8 bits, {@link #DEEP_WHITE} of 16
 */
public record Picture(ImageShape shape, char[] samples, int white) {
    /** White of 8 bits a sample; samples of fewer bits are scaled to it. */
    public static final int WHITE = 255;
    /** White of 16 bits a sample. */
    public static final int DEEP_WHITE = 65535;

    /**
     * Decodes the content of a file.
     *
     * @param name for messages
     * @param content all bytes of the file
     * @return one channel where every pixel that the file can hold is grey, else three
     * @throws ElboException of kind DATA, naming the file, for any content that is not a picture
     */
    public static Picture decode(String name, byte[] content) {
        Source in = Source.of(name, content);
        PictureHeader header = PictureHeader.of(in);
        if (header.memory() > Runtime.getRuntime().maxMemory() / 2) {
            throw noRoom(name, header, null);
        }
        try {
            return header.format().codec.decode(in, header);
        } catch (OutOfMemoryError e) {
            throw noRoom(name, header, e);
        }
    }

    private static ElboException noRoom(String name, PictureHeader header, OutOfMemoryError cause) {
        return ElboException.data(
                name + ": decoding " + header.size() + " pixels needs " + (header.memory() >> 20)
                        + " MiB of memory, Java has at most "
                        + (Runtime.getRuntime().maxMemory() >> 20)
                        + " MiB in all; give it more with -Xmx, or scale the picture down",
                cause);
    }

    /**
     * Converts to samples of 16 bits, exactly: 255 becomes 65535, and every sample 257 times itself.
     *
     * @return this where it has 16 bits
     */
    public Picture deep() {
        if (white == DEEP_WHITE) {
            return this;
        }
        char[] deep = new char[samples.length];
        for (int i = 0; i < deep.length; i++) {
            deep[i] = (char) (samples[i] * (DEEP_WHITE / WHITE));
        }
        return new Picture(shape, deep, DEEP_WHITE);
    }

    /**
     * Converts to one channel or three. Grey is the luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, rounded half up;
     * three channels of a grey picture are the same.
     *
     * @param channels 1 or 3
     * @return this where it has as many
     * @throws IllegalArgumentException for another number
     */
    public Picture withChannels(int channels) {
        if (channels == shape.channels()) {
            return this;
        }
        int pixels = shape.height() * shape.width();
        ImageShape other = new ImageShape(channels, shape.height(), shape.width());
        char[] result = new char[other.features()];
        if (channels == 3) {
            for (int c = 0; c < 3; c++) {
                System.arraycopy(samples, 0, result, c * pixels, pixels);
            }
        } else {
            for (int i = 0; i < pixels; i++) {
                int red = samples[i];
                int green = samples[pixels + i];
                int blue = samples[2 * pixels + i];
                result[i] = (char) ((299 * red + 587 * green + 114 * blue + 500) / 1000);
            }
        }
        return new Picture(other, result, white);
    }

    /**
     * Scaled to another size, each side for itself: the mean of the area that a pixel covers where it shrinks, linear
     * between the centres of pixels where it grows, both exact and rounded once, half up.
     *
     * @param height in pixels
     * @param width in pixels
     * @return this where it has that size
     * @throws IllegalArgumentException if the sums for it are too large to be exact: sides of millions of pixels that
     *     become sides of millions
     */
    public Picture resized(int height, int width) {
        if (height == shape.height() && width == shape.width()) {
            return this;
        }
        ImageShape other = new ImageShape(shape.channels(), height, width);
        char[] result = new char[other.features()];
        Resampling rows = new Resampling(shape.height(), height);
        Resampling columns = new Resampling(shape.width(), width);
        if (!Resampling.isExact(rows, columns)) {
            throw new IllegalArgumentException(shape.height() + " × " + shape.width() + " pixels cannot become "
                    + height + " × " + width + ": the sums are too large; scale them in two steps");
        }
        for (int c = 0; c < shape.channels(); c++) {
            Resampling.plane(samples, c * shape.height() * shape.width(), rows, columns, result, c * height * width);
        }
        return new Picture(other, result, white);
    }
}
