package dev.elbo.cli;

import dev.elbo.data.PictureOptions;
import dev.elbo.error.ElboException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** How pictures are read. */
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

    @Option(
            names = "--pixel-max",
            paramLabel = "M",
            description =
                    "The value that stands for 1, of pictures and of numbers in arrays and tables, which are divided by it:"
                            + " 1 to 65535 (default: 255 of bytes, 65535 of pictures with 16 bits a sample; other numbers are"
                            + " taken as they are).")
    private Integer pixelMax;

    /** @throws ElboException usage, for what is no size, colour or sample */
    PictureOptions options() {
        PictureOptions.Colour chosen = switch (colour) {
            case "auto" -> PictureOptions.Colour.AUTO;
            case "grey" -> PictureOptions.Colour.GREY;
            case "rgb" -> PictureOptions.Colour.RGB;
            default -> throw ElboException.usage("--colour '" + colour + "' is none of auto, grey, rgb");
        };
        if (pixelMax != null && pixelMax < 1) {
            throw ElboException.usage("--pixel-max " + pixelMax + ": a whole number from 1 to 65535 stands for 1");
        }
        Matcher sides = SIZE.matcher(size == null ? "" : size);
        if (size != null && (!sides.matches() || Integer.parseInt(sides.group(1)) == 0)) {
            throw ElboException.usage("--picture-size '" + size + "': give rows and columns, like 28x28");
        }
        try {
            return new PictureOptions(
                    size == null ? 0 : Integer.parseInt(sides.group(1)),
                    size == null ? 0 : Integer.parseInt(sides.group(2)),
                    chosen,
                    pixelMax == null ? 0 : pixelMax);
        } catch (IllegalArgumentException e) {
            throw OptionNames.refusal(e);
        }
    }
}
