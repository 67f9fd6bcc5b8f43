package dev.elbo.cli;

import dev.elbo.error.ElboException;
import dev.elbo.io.ImageShape;
import dev.elbo.io.Images;
import dev.elbo.io.Npy;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a command's arrays go: the name's ending says how. */
final class OutputOptions {
    @Option(
            names = "--out",
            paramLabel = "F",
            required = true,
            description = "The file to write: .npy, or .png where the rows are images.")
    private Path out;

    /** Refuses a name that nothing can be written under, before any work is done. */
    void check(boolean images) {
        String ending = ending();
        if (!ending.equals("npy") && !(images && ending.equals("png"))) {
            throw ElboException.usage("--out " + out + ": the name must end in .npy" + (images ? " or .png" : ""));
        }
    }

    private String ending() {
        String name = out.getFileName() == null ? "" : out.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    /** Writes rows × cols values. */
    void write(float[] values, int rows, int cols) {
        Npy.write(out, new int[] {rows, cols}, values);
    }

    /** Writes rows of images, as an array or as a picture that is about as wide as high. */
    void writeImages(float[] values, int rows, int cols, Optional<ImageShape> shape) {
        int columns = Math.max(1, Math.min(16, (int) Math.ceil(Math.sqrt(rows))));
        writeImages(values, rows, cols, shape, columns);
    }

    /** As above, {@code columns} images in a line of the picture. */
    void writeImages(float[] values, int rows, int cols, Optional<ImageShape> shape, int columns) {
        if (ending().equals("npy")) {
            write(values, rows, cols);
            return;
        }
        ImageShape image = shape.or(() -> ImageShape.guess(cols))
                .orElseThrow(() -> ElboException.usage("--out " + out + ": " + cols
                        + " values are no image that we know the shape of; write an .npy instead"));
        BufferedImage picture;
        try {
            picture = Images.grid(values, rows, image, columns, Images.scale(image));
        } catch (IllegalArgumentException e) {
            throw ElboException.usage("--out " + out + ": " + e.getMessage() + ", or write an .npy");
        }
        Images.writePng(out, picture);
    }

    Path path() {
        return out;
    }
}
