package dev.elbo.data.picture;

import dev.elbo.io.ImageShape;
import java.awt.image.Raster;
import java.util.Arrays;

/** A white picture that is painted pixel by pixel; transparent colours let the white shine through. */
final class Canvas {
    private final ImageShape shape;
    private final int pixels;
    private final int white;
    private final char[] samples;

    Canvas(PictureHeader header) {
        shape = new ImageShape(header.grey() ? 1 : 3, header.height(), header.width());
        pixels = shape.height() * shape.width();
        white = header.white();
        samples = new char[shape.features()];
        Arrays.fill(samples, (char) white);
    }

    /** Paints a pixel, 0 to white each; of a grey picture only {@code red} counts. */
    void paint(int at, int red, int green, int blue, int alpha) {
        samples[at] = onWhite(red, alpha);
        if (shape.channels() == 3) {
            samples[pixels + at] = onWhite(green, alpha);
            samples[2 * pixels + at] = onWhite(blue, alpha);
        }
    }

    /** Paints a pixel of 8 bits as Java packs colours: alpha, red, green, blue. */
    void paint(int at, int argb) {
        paint(at, argb >> 16 & 0xff, argb >> 8 & 0xff, argb & 0xff, argb >>> 24);
    }

    interface Pixel {
        /** @param from the pixel's first sample in the line */
        void paint(int at, int[] line, int from);
    }

    /** Paints all pixels of a raster, line by line, and returns the picture. */
    Picture paint(Raster raster, Pixel pixel) {
        int bands = raster.getNumBands();
        int[] line = new int[shape.width() * bands];
        for (int y = 0; y < shape.height(); y++) {
            raster.getPixels(0, y, shape.width(), 1, line);
            for (int x = 0; x < shape.width(); x++) {
                pixel.paint(y * shape.width() + x, line, x * bands);
            }
        }
        return picture();
    }

    private char onWhite(int value, int alpha) {
        return (char)
                (alpha == white ? value : ((long) value * alpha + (long) white * (white - alpha) + white / 2) / white);
    }

    Picture picture() {
        return new Picture(shape, samples, white);
    }
}
