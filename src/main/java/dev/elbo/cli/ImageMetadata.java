package dev.elbo.cli;

import dev.elbo.io.ImageShape;
import java.util.Map;
import java.util.Optional;

/** How a model file remembers that its inputs are pictures: "channels,height,width". */
final class ImageMetadata {
    static final String KEY = "elbo.image";

    private ImageMetadata() {}

    static String write(ImageShape shape) {
        return shape.channels() + "," + shape.height() + "," + shape.width();
    }

    /** The shape, unless there is none that makes sense. */
    static Optional<ImageShape> read(Map<String, String> metadata) {
        String text = metadata.get(KEY);
        if (text == null || !text.matches("\\d{1,6},\\d{1,6},\\d{1,6}")) {
            return Optional.empty();
        }
        String[] parts = text.split(",");
        try {
            return Optional.of(
                    new ImageShape(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2])));
        } catch (IllegalArgumentException | ArithmeticException e) {
            return Optional.empty();
        }
    }
}
