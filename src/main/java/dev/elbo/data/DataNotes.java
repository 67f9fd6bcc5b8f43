package dev.elbo.data;

import dev.elbo.io.Messages;
import dev.elbo.io.Text;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Remarks on data that silently make training worse, each in one line: values of another scale than a model starts at,
 * digits that float32 does not hold, columns that never change. Nothing is said of standardised values.
 */
public final class DataNotes {
    /**
     * A model starts at values around 1: from a root mean square of a feature ten times that on, or where no feature deviates
     * by a hundredth of it, the first steps of the training are lost on the scale, and often all of them.
     */
    private static final double LARGE = 10;

    private static final double SMALL = 1e-2;
    /** The values of white in pictures that are saved as numbers. */
    private static final int[] WHITE = {255, 1023, 4095, 16383, 65535};

    private static final int LISTED = 8;

    private DataNotes() {}

    /**
     * {@return a remark with its remedy if the values look unscaled}
     *
     * @param seen the data, as a model takes them
     */
    public static Optional<String> unscaled(Description seen) {
        Dataset data = seen.data();
        if (data.isBytes() && 255 * data.scale() <= LARGE
                || data.standardization().isPresent()
                || !seen.isTrainable()) {
            return Optional.empty();
        }
        double[] mean = seen.features().mean();
        double[] deviation = seen.features().deviation();
        int[] numbers = numbers(seen);
        int largest = numbers.length == 0 ? 0 : numbers[0];
        double most = 0;
        for (int i : numbers) {
            if (size(mean[i], deviation[i]) > size(mean[largest], deviation[largest])) {
                largest = i;
            }
            most = Math.max(most, deviation[i]);
        }
        if (numbers.length > 0 && size(mean[largest], deviation[largest]) > LARGE) {
            return Optional.of(Text.format(
                    "%s: looks unscaled: %s has mean %.4g and deviation %.4g, but a model starts at values near 1; %s",
                    data.name(), column(data, largest), mean[largest], deviation[largest], advice(seen)));
        }
        return most > 0 && most < SMALL
                ? Optional.of(Text.format(
                        "%s: looks unscaled: no column has a deviation above %.4g, but a model starts at values near 1; %s",
                        data.name(), most, advice(seen)))
                : Optional.empty();
    }

    /** The features whose values are numbers as they are: of a table not its words, nor counts, which a model takes the log of. */
    private static int[] numbers(Description seen) {
        Dataset data = seen.data();
        boolean[] gaussian = data.table().map(Places::gaussian).orElse(null);
        return IntStream.range(0, data.features())
                .filter(i -> gaussian == null
                        || gaussian[i] && !Double.isNaN(seen.features().mean()[i]))
                .toArray();
    }

    private static double size(double mean, double deviation) {
        return Math.hypot(mean, deviation);
    }

    private static String advice(Description seen) {
        boolean pixels = seen.data().table().isEmpty()
                && seen.whole()
                && seen.min() >= 0
                && seen.max() > 1
                && seen.max() <= WHITE[WHITE.length - 1];
        int white =
                Arrays.stream(WHITE).filter(w -> w >= seen.max()).findFirst().orElse(0);
        boolean likely = pixels && (seen.data().image().isPresent() || seen.max() == white);
        String scale = seen.data().image().isPresent()
                ? "standardize all values alike (Standardization.shared)"
                : "standardize each feature (Standardization.perFeature)";
        return likely
                ? "divide by " + white + " if " + white + " is white (pixelMax " + white + "), otherwise " + scale
                : scale;
    }

    /**
     * {@return the loss and its remedy if rounding to float32 loses more than a {@link Rounding#MOST small share} of a
     * column's deviation}
     *
     * @param seen the data, as a model takes them
     */
    public static Optional<String> rounded(Description seen) {
        int[] lossy = seen.features().rounded();
        if (lossy.length == 0) {
            return Optional.empty();
        }
        int column = lossy[0];
        double error = seen.features().rounding()[column];
        return Optional.of(seen.data().name() + ": "
                + (Double.isInfinite(error)
                        ? column(seen.data(), column) + " has values beyond float32 (3.4e38)"
                        : Text.format(
                                "float32 rounds %s by up to %.4g, but the deviation is only %.4g",
                                column(seen.data(), column),
                                error,
                                seen.features().deviation()[column]))
                + (lossy.length == 1 ? "" : ", and " + (lossy.length - 1) + " more columns likewise")
                + "; Standardization.perFeature keeps all digits");
    }

    /**
     * {@return the constant columns, whose density grows without bound if each has its own variance, and the remedy}
     *
     * @param seen the data, as a model takes them
     */
    public static Optional<String> constant(Description seen) {
        int[] numbers = numbers(seen);
        int[] constant = Arrays.stream(seen.features().constants())
                .filter(i -> Arrays.binarySearch(numbers, i) >= 0)
                .toArray();
        if (constant.length == 0) {
            return Optional.empty();
        }
        List<Integer> all = Arrays.stream(constant).boxed().toList();
        return Optional.of(seen.data().name() + ": constant: "
                + Messages.list(all, LISTED, i -> column(seen.data(), i))
                + "; if every column has its own variance, the density of a constant one and the ELBO grow without bound:"
                + (seen.data().image().isPresent() ? " use" : " leave it out (withIgnoredColumns), or use")
                + " one variance for all (Likelihood.GAUSSIAN_LEARNED)");
    }

    static String column(Dataset data, int column) {
        return "column " + column + " (from 0"
                + data.columns()
                        .map(names -> ", " + Messages.quote(names.get(column)))
                        .orElse("")
                + ")";
    }
}
