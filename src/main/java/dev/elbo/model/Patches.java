package dev.elbo.model;

/**
 * The square patches of a picture that a convolution sees (Dumoulin and Visin 2016, relationship 6): one for each position of
 * the kernel, from the top left, row by row. What lies outside of the picture is zero.
 *
 * @param picture shape of the picture
 * @param kernel height and width of a patch, k
 * @param stride pixels from one patch to the next, s
 * @param padding pixels around the picture, p
 * @param channelsFirst whether value {@code (c · height + y) · width + x} of a picture is channel c at row y, column x, as in
 *     data; otherwise it is value {@code (y · width + x) · channels + c}
 */
public record Patches(FeatureMap picture, int kernel, int stride, int padding, boolean channelsFirst) {
    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if one is out of range, or no patch fits into the padded picture
     */
    public Patches {
        if (kernel < 1 || stride < 1 || padding < 0) {
            throw new IllegalArgumentException("kernel and stride must be at least 1 and padding at least 0, not "
                    + kernel + ", " + stride + " and " + padding);
        }
        int side = Math.min(picture.height(), picture.width());
        if (side + 2L * padding < kernel) {
            throw new IllegalArgumentException("a kernel of " + kernel + " × " + kernel + " does not fit into "
                    + picture.height() + " × " + picture.width() + " pixels with a padding of " + padding);
        }
        // as doubles: a product of three may be beyond a long
        if ((double) kernel * kernel * picture.channels() > Integer.MAX_VALUE
                || (double) positions(picture.height(), kernel, stride, padding)
                                * positions(picture.width(), kernel, stride, padding)
                        > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("the patches of a picture of " + picture + " with kernel " + kernel
                    + " and padding " + padding + " have more than " + Integer.MAX_VALUE + " rows or columns");
        }
    }

    private static long positions(int side, int kernel, int stride, int padding) {
        return (side + 2L * padding - kernel) / stride + 1;
    }

    /** {@return positions from top to bottom, ⌊(height + 2p − k) / s⌋ + 1} */
    public int down() {
        return (int) positions(picture.height(), kernel, stride, padding);
    }

    /** {@return positions from left to right} */
    public int across() {
        return (int) positions(picture.width(), kernel, stride, padding);
    }

    /** {@return patches of a picture} */
    public int count() {
        return down() * across();
    }

    /** {@return values of a patch, k · k · channels; value {@code (dy · k + dx) · channels + c} is channel c at row dy, column dx} */
    public int size() {
        return kernel * kernel * picture.channels();
    }

    /** {@return the most patches that one pixel is in, ⌈k / s⌉²} */
    public int overlaps() {
        int side = (kernel - 1) / stride + 1;
        return side * side;
    }
}
