package dev.elbo.data;

import dev.elbo.data.picture.Picture;
import dev.elbo.io.ImageShape;

/**
 * How pictures are read, and what stands for 1 in whatever holds pixels.
 *
 * @param height that every picture is scaled to, in pixels; 0 where all must have the same size as they are
 * @param width likewise; both are 0 or neither is
 * @param colour how many channels every picture gets
 * @param pixelMax the value that stands for 1, from 1 to 65535; 0 by the kind of data
 */
public record PictureOptions(int height, int width, Colour colour, int pixelMax) {
    /** As they are. */
    public static final PictureOptions DEFAULT = new PictureOptions(0, 0, Colour.AUTO, 0);

    /** Values of more pixels than this are no features of a model that anybody trains. */
    private static final int MAX_PIXELS = 1 << 24;

    /** Channels of every picture. AUTO: grey where every file can only hold grey, else RGB. */
    public enum Colour {
        /** As the files are. */
        AUTO,
        /** One channel, of colours their luma as ITU-R BT.601 has it: 0.299 R + 0.587 G + 0.114 B. */
        GREY,
        /** Three channels, of grey pictures all the same. */
        RGB
    }

    /**
     * Refuses what no picture is scaled to.
     *
     * @throws IllegalArgumentException with the option's name first, for sizes and samples that no picture has
     */
    public PictureOptions {
        if (pixelMax < 0 || pixelMax > Picture.DEEP_WHITE) {
            throw new IllegalArgumentException(
                    "pixel-max " + pixelMax + ": a whole number from 1 to " + Picture.DEEP_WHITE + " stands for 1");
        }
        boolean asTheyAre = height == 0 && width == 0;
        if (!asTheyAre && (height < 1 || width < 1 || (long) height * width > MAX_PIXELS)) {
            throw new IllegalArgumentException(
                    "picture-size " + height + "x" + width + ": pictures have 1 to " + MAX_PIXELS + " pixels");
        }
    }

    /**
     * These options where they ask for a size or a colour, those of another picture where they leave it open.
     *
     * @param other that pictures are to be like
     * @return options that leave no colour open, and a size only where {@code other} is larger than any that is scaled to
     */
    public PictureOptions orAs(ImageShape other) {
        Colour likewise = colour != Colour.AUTO ? colour : other.channels() == 1 ? Colour.GREY : Colour.RGB;
        boolean open = !scales() && (long) other.height() * other.width() <= MAX_PIXELS;
        return open
                ? new PictureOptions(other.height(), other.width(), likewise, pixelMax)
                : new PictureOptions(height, width, likewise, pixelMax);
    }

    /** Whether pictures are scaled. */
    boolean scales() {
        return height > 0;
    }
}
