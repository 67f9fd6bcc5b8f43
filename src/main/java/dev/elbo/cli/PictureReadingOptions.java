package dev.elbo.cli;

import dev.elbo.data.PictureOptions;
import dev.elbo.error.ElboException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Options for reading pictures. */
final class PictureReadingOptions {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,8})x(\\d{1,8})");

    @Option(
            names = "--picture-size",
            paramLabel = "HxW",
            description = "Scale every picture of a folder to H rows of W pixels: area means to shrink, linear"
                    + " interpolation to grow, each side separately (default: all must have one size).")
    private String size;

    @Option(
            names = "--colour",
            paramLabel = "C",
            description = "Colours of pictures: grey (BT.601 luma) or rgb; auto is grey if every file is (default:"
                    + " ${DEFAULT-VALUE}).")
    private String colour = "auto";

    @Option(
            names = "--pixel-max",
            paramLabel = "M",
            description =
                    "Value that stands for 1 in pictures, arrays and tables, whose numbers are divided by it: 1 to"
                            + " 65535 (default: 255 for bytes, 65535 for pictures with 16 bits per sample; other numbers are"
                            + " read unchanged).")
    private Integer pixelMax;

    PictureOptions options() {
        PictureOptions.Colour chosen = switch (colour) {
            case "auto" -> PictureOptions.Colour.AUTO;
            case "grey" -> PictureOptions.Colour.GREY;
            case "rgb" -> PictureOptions.Colour.RGB;
            default -> throw Check.none("--colour", colour, "auto, grey, rgb");
        };
        if (pixelMax != null && pixelMax < 1) {
            throw ElboException.usage("--pixel-max must be a whole number from 1 to 65535, not " + pixelMax);
        }
        Matcher sides = SIZE.matcher(size == null ? "" : size);
        if (size != null && (!sides.matches() || Integer.parseInt(sides.group(1)) == 0)) {
            throw ElboException.usage("--picture-size '" + size + "': give rows and columns, like 28x28");
        }
        int rows = size == null ? 0 : Integer.parseInt(sides.group(1));
        int cols = size == null ? 0 : Integer.parseInt(sides.group(2));
        return Check.usage(() -> new PictureOptions(rows, cols, chosen, pixelMax == null ? 0 : pixelMax));
    }
}
