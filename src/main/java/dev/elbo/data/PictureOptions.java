package dev.elbo.data;

import dev.elbo.data.picture.Picture;
import dev.elbo.io.ImageShape;

/**
 * Options for reading pictures and other data of pixels.
 *
 * @param height the height that every picture is scaled to, in pixels; 0 if all have one size and are not scaled
 * @param width the width, likewise; both are 0 or neither is
 * @param colour the channels of every picture
 * @param pixelMax the value that stands for 1, from 1 to 65535; 0 if the kind of data decides
 */
public record PictureOptions(int height, int width, Colour colour, int pixelMax) {
    /** Pictures are read as they are. */
    public static final PictureOptions DEFAULT = new PictureOptions(0, 0, Colour.AUTO, 0);

    /** The most pixels: larger pictures have too many features for any model. */
    private static final int MAX_PIXELS = 1 << 24;

    /** The channels of every picture. */
    public enum Colour {
        /** Grey if no file can hold colours, otherwise RGB. */
        AUTO,
        /** One channel: the luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B. */
        GREY,
        /** Three channels, which are equal for grey pictures. */
        RGB
    }

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if no picture has this size or maximum, beginning with the name of the option
     */
    public PictureOptions {
        if (pixelMax < 0 || pixelMax > Picture.DEEP_WHITE) {
            throw new IllegalArgumentException(
                    "pixelMax must be a whole number from 1 to " + Picture.DEEP_WHITE + ", not " + pixelMax);
        }
        boolean asTheyAre = height == 0 && width == 0;
        if (!asTheyAre && (height < 1 || width < 1 || (long) height * width > MAX_PIXELS)) {
            throw new IllegalArgumentException(
                    "PictureOptions(" + height + "x" + width + "): pictures have 1 to " + MAX_PIXELS + " pixels");
        }
    }

    /** Copies with the size (up to 2^24 pixels) and the channels of another picture, each only if none is set. */
    public PictureOptions orAs(ImageShape other) {
        Colour likewise = colour != Colour.AUTO ? colour : other.channels() == 1 ? Colour.GREY : Colour.RGB;
        boolean open = !scales() && (long) other.height() * other.width() <= MAX_PIXELS;
        return new PictureOptions(open ? other.height() : height, open ? other.width() : width, likewise, pixelMax);
    }

    boolean scales() {
        return height > 0;
    }
}
