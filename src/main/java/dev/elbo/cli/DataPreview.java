package dev.elbo.cli;

import dev.elbo.data.Dataset;
import dev.elbo.data.Description;
import dev.elbo.io.Curves;
import dev.elbo.io.ImageShape;
import dev.elbo.io.Images;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A picture of data: the first pictures, or the distribution of the values. */
final class DataPreview {
    private static final int PICTURES = 100;
    private static final int COLUMNS = 10;
    private static final int BINS = 50;

    private DataPreview() {}

    static void write(Description part, Path file) {
        Dataset data = part.data();
        if (data.image().isPresent()) {
            ImageShape shape = data.image().get();
            Dataset first = data.first(PICTURES);
            Images.writePng(
                    file, Images.grid(brightness(part, first), first.size(), shape, COLUMNS, Images.scale(shape)));
            return;
        }
        Curves.writePng(file, List.of(histogram(part), means(part)));
    }

    /** {@return values from 0 to 1; others are stretched to it} */
    private static float[] brightness(Description part, Dataset first) {
        float[] values = first.values();
        if (part.min() < 0 || part.max() > 1) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) ((values[i] - part.min()) / (part.max() - part.min()));
            }
        }
        return values;
    }

    private static Curves.Panel histogram(Description part) {
        double width = (part.max() - part.min()) / BINS;
        double[] middles = IntStream.range(0, BINS)
                .mapToDouble(i -> part.min() + (i + 0.5) * width)
                .toArray();
        double[] counts = Arrays.stream(part.histogram(BINS)).asDoubleStream().toArray();
        return new Curves.Panel(
                "values",
                "value",
                "count, in " + BINS + " equal parts",
                List.of(new Curves.Series("all features", middles, counts)));
    }

    private static Curves.Panel means(Description part) {
        double[] numbers =
                IntStream.range(0, part.data().features()).asDoubleStream().toArray();
        return new Curves.Panel(
                "features",
                "feature (from 0)",
                "mean ± standard deviation",
                List.of(new Curves.Series(
                        "mean", numbers, part.features().mean(), part.features().deviation())));
    }
}
