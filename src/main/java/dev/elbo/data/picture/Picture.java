package dev.elbo.data.picture;

import dev.elbo.error.ElboException;
import dev.elbo.io.ImageShape;

/**
 * A decoded picture.
 *
 * @param shape its channels and size
 * @param values (channels, height, width), unsigned; what was transparent lies on white
 */
public record Picture(ImageShape shape, byte[] values) {
    /**
     * Decodes the content of a file.
     *
     * @param name for messages
     * @param content all bytes of the file
     * @return one channel where every pixel that the file can hold is grey, else three
     * @throws ElboException of kind DATA, naming the file, whatever the content is, unless it is a picture
     */
    public static Picture decode(String name, byte[] content) {
        Source in = Source.of(name, content);
        PictureHeader header = PictureHeader.of(in);
        if (header.memory() > Runtime.getRuntime().maxMemory() / 2) {
            throw noRoom(name, header, null);
        }
        try {
            return header.format().codec().decode(in, header);
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
     * With one channel or three. Grey is the luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, rounded half up; three
     * channels of a grey picture are the same.
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
        byte[] result = new byte[other.features()];
        if (channels == 3) {
            for (int c = 0; c < 3; c++) {
                System.arraycopy(values, 0, result, c * pixels, pixels);
            }
        } else {
            for (int i = 0; i < pixels; i++) {
                int red = values[i] & 0xff;
                int green = values[pixels + i] & 0xff;
                int blue = values[2 * pixels + i] & 0xff;
                result[i] = (byte) ((299 * red + 587 * green + 114 * blue + 500) / 1000);
            }
        }
        return new Picture(other, result);
    }

    /**
     * Scaled to another size, each side for itself: the mean of the area that a pixel covers where it shrinks, linear between
     * the centres of pixels where it grows, both exact and rounded once, half up.
     *
     * @param height in pixels
     * @param width in pixels
     * @return this where it has that size
     */
    public Picture resized(int height, int width) {
        if (height == shape.height() && width == shape.width()) {
            return this;
        }
        ImageShape other = new ImageShape(shape.channels(), height, width);
        byte[] result = new byte[other.features()];
        Resampling rows = new Resampling(shape.height(), height);
        Resampling columns = new Resampling(shape.width(), width);
        for (int c = 0; c < shape.channels(); c++) {
            Resampling.plane(values, c * shape.height() * shape.width(), rows, columns, result, c * height * width);
        }
        return new Picture(other, result);
    }
}
