package dev.elbo.data.picture;

import dev.elbo.io.ImageShape;
import java.util.Arrays;

/** A white picture that is painted pixel by pixel; transparent colours let the white shine through. */
final class Canvas {
    private static final int WHITE = 255;

    private final ImageShape shape;
    private final int pixels;
    private final byte[] values;

    Canvas(PictureHeader header) {
        shape = new ImageShape(header.grey() ? 1 : 3, header.height(), header.width());
        pixels = shape.height() * shape.width();
        values = new byte[shape.features()];
        Arrays.fill(values, (byte) WHITE);
    }

    /** Paints a pixel, 0 to 255 each; of a grey picture only {@code red} counts. */
    void paint(int at, int red, int green, int blue, int alpha) {
        values[at] = onWhite(red, alpha);
        if (shape.channels() == 3) {
            values[pixels + at] = onWhite(green, alpha);
            values[2 * pixels + at] = onWhite(blue, alpha);
        }
    }

    /** Paints a pixel as Java packs colours: alpha, red, green, blue. */
    void paint(int at, int argb) {
        paint(at, argb >> 16 & 0xff, argb >> 8 & 0xff, argb & 0xff, argb >>> 24);
    }

    private static byte onWhite(int value, int alpha) {
        return (byte) (alpha == 255 ? value : (value * alpha + WHITE * (255 - alpha) + 127) / 255);
    }

    Picture picture() {
        return new Picture(shape, values);
    }
}
