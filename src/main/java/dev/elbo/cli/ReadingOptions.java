package dev.elbo.cli;

import dev.elbo.data.ReadOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options for reading data of any kind. */
final class ReadingOptions {
    @Option(
            names = "--labels",
            paramLabel = "FILE",
            description = "Labels of a source that has none beside it: an IDX file of whole numbers, or an NPY file of"
                    + " whole numbers, booleans, one-hot rows or words. For several sources, one for each, in their"
                    + " order.")
    private List<Path> labels = List.of();

    @Option(
            names = "--array",
            paramLabel = "NAME",
            description = "Array of an NPZ archive that holds the examples, if that is ambiguous.")
    private String array;

    @Mixin
    private PictureReadingOptions pictures = new PictureReadingOptions();

    @Mixin
    private CsvReadingOptions csv = new CsvReadingOptions();

    @Mixin
    private ColumnOptions columns = new ColumnOptions();

    ColumnOptions columns() {
        return columns;
    }

    ReadOptions options() {
        return new ReadOptions(
                csv.options(), pictures.options(), Optional.ofNullable(array), labels, false, columns.options());
    }

    /** {@return the options for other data beside these: without labels, with the array's name for archives only} */
    ReadOptions forOther(String file) {
        boolean archive = file.toLowerCase(Locale.ROOT).endsWith(".npz");
        Optional<String> name = Optional.ofNullable(archive ? array : null);
        return new ReadOptions(csv.options(), pictures.options(), name, List.of(), false, columns.options());
    }
}
