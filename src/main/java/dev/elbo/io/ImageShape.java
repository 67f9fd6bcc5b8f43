package dev.elbo.io;

import java.util.Optional;

/**
 * The shape of a picture in the features of an example: feature {@code (c · height + y) · width + x} is channel c at
 * row y, column x.
 *
 * @param channels 1 for grey, 3 for red, green and blue
 * @param height in pixels
 * @param width in pixels
 */
public record ImageShape(int channels, int height, int width) {
    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException for other channels, sides below 1, or more than 2^31 − 1 values
     */
    public ImageShape {
        if (channels != 1 && channels != 3 || height < 1 || width < 1) {
            throw new IllegalArgumentException("a picture has 1 or 3 channels of at least 1 × 1 pixels, not " + channels
                    + " channels of " + height + " × " + width);
        }
        if ((long) height * width > Integer.MAX_VALUE / channels) {
            throw new IllegalArgumentException("a picture of " + channels + " × " + height + " × " + width
                    + " has more than " + Integer.MAX_VALUE + " values");
        }
    }

    /** {@return values per picture} */
    public int features() {
        return channels * height * width;
    }

    /**
     * {@return a grey square of as many pixels as there are features, if their number is a square}
     *
     * @param features values of an example
     */
    public static Optional<ImageShape> guess(int features) {
        int side = (int) Math.round(Math.sqrt(features));
        return side > 0 && side * side == features ? Optional.of(new ImageShape(1, side, side)) : Optional.empty();
    }

    @Override
    public String toString() {
        return (channels == 1 ? "" : channels + " × ") + height + " × " + width;
    }
}
