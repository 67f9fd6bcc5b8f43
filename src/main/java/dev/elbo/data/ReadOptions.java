package dev.elbo.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How data are read, beyond where they are.
 *
 * @param csv for text tables
 * @param pictures for folders of pictures and single ones
 * @param array which array of an NPZ archive holds the examples, where there are several
 * @param labels files of labels, one for each source of data, in their order; none where the sources have them, or none
 * @param anyValue whether NaN and infinities are let through, for those who describe data; otherwise they are refused
 */
public record ReadOptions(
        CsvOptions csv, PictureOptions pictures, Optional<String> array, List<Path> labels, boolean anyValue) {
    /** What is right for most data. */
    public static final ReadOptions DEFAULT =
            new ReadOptions(CsvOptions.DEFAULT, PictureOptions.DEFAULT, Optional.empty(), List.of(), false);

    /** Keeps a copy of the list. */
    public ReadOptions {
        Objects.requireNonNull(csv);
        Objects.requireNonNull(pictures);
        Objects.requireNonNull(array);
        labels = List.copyOf(labels);
    }

    /**
     * The same with other options for text tables.
     *
     * @param others which columns are taken, and how their numbers are written
     * @return a copy with that change
     */
    public ReadOptions with(CsvOptions others) {
        return new ReadOptions(others, pictures, array, labels, anyValue);
    }

    /**
     * The same with other options for folders of pictures.
     *
     * @param others size and colour
     * @return a copy with that change
     */
    public ReadOptions with(PictureOptions others) {
        return new ReadOptions(csv, others, array, labels, anyValue);
    }

    /**
     * The same with another array of NPZ archives.
     *
     * @param other its name, without {@code .npy}; empty to go by the names that are usual
     * @return a copy with that change
     */
    public ReadOptions withArray(Optional<String> other) {
        return new ReadOptions(csv, pictures, other, labels, anyValue);
    }

    /**
     * The same with other files of labels.
     *
     * @param others IDX or NPY, one for each source of data; empty where the sources have their own, or none
     * @return a copy with that change
     */
    public ReadOptions withLabels(List<Path> others) {
        return new ReadOptions(csv, pictures, array, others, anyValue);
    }

    /**
     * The same with NaN and infinities let through or not.
     *
     * @param let whether they are
     * @return a copy with that change
     */
    public ReadOptions withAnyValue(boolean let) {
        return new ReadOptions(csv, pictures, array, labels, let);
    }

    /**
     * For data beside others.
     *
     * @param first read before
     * @return these, by which text tables have the columns of the first one, whatever their own order
     */
    public ReadOptions withColumnsOf(Dataset first) {
        return csv.names().isEmpty() && first.columns().isPresent()
                ? with(csv.withNames(first.columns().get()))
                : this;
    }

    /** What stands for 1 in data of pixels. */
    PixelScale scale() {
        return new PixelScale(pictures.pixelMax());
    }
}
