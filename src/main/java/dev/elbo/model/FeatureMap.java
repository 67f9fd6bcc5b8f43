package dev.elbo.model;

import java.util.List;

/**
 * The shape of what a layer takes or gives: channels of a picture's height and width. A plain vector of n values has n
 * channels of 1 × 1.
 *
 * @param channels at least 1
 * @param height in pixels, at least 1
 * @param width in pixels, at least 1
 */
public record FeatureMap(int channels, int height, int width) {
    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if one is below 1, or there are more than 2^31 − 1 values
     */
    public FeatureMap {
        if (channels < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException("a picture has at least 1 channel of 1 × 1 pixels, not " + channels
                    + " channels of " + height + " × " + width);
        }
        if ((long) height * width > Integer.MAX_VALUE / channels) {
            throw new IllegalArgumentException("a picture of " + channels + " × " + height + " × " + width
                    + " has more than " + Integer.MAX_VALUE + " values");
        }
    }

    /**
     * {@return the shape of a vector}
     *
     * @param values of it, at least 1
     */
    public static FeatureMap vector(int values) {
        return new FeatureMap(values, 1, 1);
    }

    /**
     * {@return the shape that a list describes}
     *
     * @param sizes channels, height and width
     * @throws IllegalArgumentException for other than three sizes
     */
    public static FeatureMap of(List<Integer> sizes) {
        if (sizes.size() != 3) {
            throw new IllegalArgumentException("picture must be channels, height and width, not " + sizes);
        }
        return new FeatureMap(sizes.get(0), sizes.get(1), sizes.get(2));
    }

    /** {@return channels, height and width} */
    public List<Integer> sizes() {
        return List.of(channels, height, width);
    }

    /** {@return number of values} */
    public int size() {
        return channels * height * width;
    }

    /** {@return number of pixels} */
    public int pixels() {
        return height * width;
    }

    /**
     * {@return the place of a value in a vector that counts channels first, as files do, given its place in one that counts
     * them last, as layers do}
     *
     * @param channelsLast place {@code (y · width + x) · channels + c}
     */
    public int channelsFirst(int channelsLast) {
        return channelsLast % channels * pixels() + channelsLast / channels;
    }

    @Override
    public String toString() {
        return channels + " × " + height + " × " + width;
    }
}
