package dev.elbo.cli;

import dev.elbo.data.PictureOptions;
import dev.elbo.error.ElboException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** How folders of pictures are read. */
final class PictureReadingOptions {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,8})x(\\d{1,8})");

    @Option(
            names = "--picture-size",
            paramLabel = "HxW",
            description =
                    "Scale every picture of a folder to H rows of W pixels: means of areas where it shrinks, linear"
                            + " where it grows, each side for itself (default: all must have one size).")
    private String size;

    @Option(
            names = "--colour",
            paramLabel = "C",
            defaultValue = "auto",
            description = "grey (BT.601 luma) or rgb, of pictures; auto is grey where every file is (default:"
                    + " ${DEFAULT-VALUE}).")
    private String colour;

    /** @throws ElboException usage, for what is no size or colour */
    PictureOptions options() {
        PictureOptions.Colour chosen = switch (colour) {
            case "auto" -> PictureOptions.Colour.AUTO;
            case "grey" -> PictureOptions.Colour.GREY;
            case "rgb" -> PictureOptions.Colour.RGB;
            default -> throw ElboException.usage("--colour '" + colour + "' is none of auto, grey, rgb");
        };
        if (size == null) {
            return new PictureOptions(0, 0, chosen, 0);
        }
        Matcher sides = SIZE.matcher(size);
        if (!sides.matches() || Integer.parseInt(sides.group(1)) == 0) {
            throw ElboException.usage("--picture-size '" + size + "': give rows and columns, like 28x28");
        }
        try {
            return new PictureOptions(Integer.parseInt(sides.group(1)), Integer.parseInt(sides.group(2)), chosen, 0);
        } catch (IllegalArgumentException e) {
            throw ElboException.usage("--" + e.getMessage());
        }
    }
}
