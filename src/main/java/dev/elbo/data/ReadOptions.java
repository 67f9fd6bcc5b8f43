package dev.elbo.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Options for reading data.
 *
 * @param csv options for text tables
 * @param pictures options for folders of pictures and single ones
 * @param array the array of an NPZ archive that holds the examples, if names do not tell
 * @param labels files of labels, one for each source of data, in their order; empty if the sources have their own, or none
 * @param anyValue whether NaN and infinities are accepted, to describe data
 * @param table options for rows of a table whose columns have a kind each and may have gaps; empty for examples of numbers of
 *     one kind, all of which are there
 */
public record ReadOptions(
        CsvOptions csv,
        PictureOptions pictures,
        Optional<String> array,
        List<Path> labels,
        boolean anyValue,
        Optional<TableOptions> table) {
    /** The defaults of the command line. */
    public static final ReadOptions DEFAULT = new ReadOptions(
            CsvOptions.DEFAULT, PictureOptions.DEFAULT, Optional.empty(), List.of(), false, Optional.empty());

    /** Validates the components and copies the list. */
    public ReadOptions {
        Objects.requireNonNull(csv);
        Objects.requireNonNull(pictures);
        Objects.requireNonNull(array);
        Objects.requireNonNull(table);
        labels = List.copyOf(labels);
    }

    /** Copies with other options for text tables; default {@link CsvOptions#DEFAULT}. */
    public ReadOptions withCsv(CsvOptions others) {
        return new ReadOptions(others, pictures, array, labels, anyValue, table);
    }

    /** Copies with other options for pictures; default {@link PictureOptions#DEFAULT}. */
    public ReadOptions withPictures(PictureOptions others) {
        return new ReadOptions(csv, others, array, labels, anyValue, table);
    }

    /** Copies with the array of NPZ archives that holds the examples: a name without .npy; default: found by usual names. */
    public ReadOptions withArray(String other) {
        return new ReadOptions(csv, pictures, Optional.of(other), labels, anyValue, table);
    }

    /** Copies with IDX or NPY files of labels: one for each source of data; default: none. */
    public ReadOptions withLabels(Path... others) {
        return new ReadOptions(csv, pictures, array, List.of(others), anyValue, table);
    }

    /** Copies with NaN and infinities accepted or rejected; default: rejected. */
    public ReadOptions withAnyValue(boolean accepted) {
        return new ReadOptions(csv, pictures, array, labels, accepted, table);
    }

    /** Copies with options for rows of a table whose columns have a kind each; default: examples of numbers of one kind. */
    public ReadOptions withTable(TableOptions others) {
        return new ReadOptions(csv, pictures, array, labels, anyValue, Optional.of(others));
    }

    /** Copies with the columns of data that were read before, if they have names and no others are set; default: all. */
    public ReadOptions withColumnsOf(Dataset first) {
        Optional<List<String>> known = first.sourceNames();
        return csv.names().isEmpty() && known.isPresent() ? withCsv(csv.withNames(known.get())) : this;
    }

    PixelScale scale() {
        boolean none = table.isPresent() && pictures.pixelMax() == 0;
        return none ? PixelScale.NONE : new PixelScale(pictures.pixelMax());
    }
}
