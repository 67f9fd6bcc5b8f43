package dev.elbo.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How data are read, beyond where they are.
 *
 * @param array which array of an NPZ archive holds the examples, where there are several
 * @param labels files of labels, one for each source of data, in their order; none where the sources have them, or none
 * @param anyValue whether NaN and infinities are let through, for those who describe data; otherwise they are refused
 */
public record ReadOptions(
        CsvOptions csv, PictureOptions pictures, Optional<String> array, List<Path> labels, boolean anyValue) {
    /** What is right for most data. */
    public static final ReadOptions DEFAULT =
            new ReadOptions(CsvOptions.DEFAULT, PictureOptions.DEFAULT, Optional.empty(), List.of(), false);

    public ReadOptions {
        Objects.requireNonNull(csv);
        Objects.requireNonNull(pictures);
        Objects.requireNonNull(array);
        labels = List.copyOf(labels);
    }

    /** The same with other options for text tables. */
    public ReadOptions with(CsvOptions others) {
        return new ReadOptions(others, pictures, array, labels, anyValue);
    }

    /** The same with other options for folders of pictures. */
    public ReadOptions with(PictureOptions others) {
        return new ReadOptions(csv, others, array, labels, anyValue);
    }

    /** The same with another array of NPZ archives. */
    public ReadOptions withArray(Optional<String> other) {
        return new ReadOptions(csv, pictures, other, labels, anyValue);
    }

    /** The same with other files of labels. */
    public ReadOptions withLabels(List<Path> others) {
        return new ReadOptions(csv, pictures, array, others, anyValue);
    }

    /** The same, with NaN and infinities let through or not. */
    public ReadOptions withAnyValue(boolean let) {
        return new ReadOptions(csv, pictures, array, labels, let);
    }
}
