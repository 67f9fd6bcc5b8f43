package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The formats of data, detected from the content; the first that matches reads it. A reader leaves values that are not
 * finite to {@link Datasets#open} (it makes its data sets by {@link Dataset#unchecked}), unless it can name a better
 * place.
 */
enum DataFormat {
    MNIST_FOLDER(
            "a folder with the four files of MNIST",
            content -> content.folder()
                    && IdxFiles.find(content.path(), IdxFiles.TRAIN_IMAGES).isPresent(),
            (content, options, progress) -> {
                Split split = new IdxFiles(Map.of(), options.scale())
                        .folder(content.path(), content.path().toString());
                IdxFiles.note(content.path()).ifPresent(progress::note);
                return split;
            }),

    NPY(
            "NPY (gzip too)",
            content -> content.startsWith("\u0093NUMPY"),
            (content, options, progress) -> new Split(NpyFile.read(content.path(), options.scale()), Optional.empty())),

    NPZ(
            "NPZ",
            content -> !content.gzip() && (content.startsWith("PK\3\4") || content.startsWith("PK\5\6")),
            (content, options, progress) -> NpzFile.read(content.path(), options.array(), options.scale(), progress)),

    /** The fourth byte is the rank; the reader reports an invalid rank or type. */
    IDX(
            "IDX (gzip too)",
            content -> content.startsWith("\0\0"),
            (content, options, progress) -> new IdxFiles(Map.of(), options.scale()).open(content.path())),

    PICTURES(
            "PNG, JPEG, GIF and BMP pictures, one or a folder of them",
            content -> content.folder()
                    || PictureFiles.isNamedPicture(content.path())
                    || content.startsWith("\u0089PNG")
                    || content.startsWith("\u00ff\u00d8\u00ff")
                    || content.startsWith("GIF8"),
            (content, options, progress) -> new PictureFolder(options.pictures(), progress).open(content.path())),

    TEXT(
            "numbers in rows of text: CSV and the like (gzip too)",
            CsvFile::is,
            (content, options, progress) ->
                    new Split(CsvFile.read(content.path(), options, progress), Optional.empty()));

    private interface Reader {
        Split read(Content content, ReadOptions options, Progress progress);
    }

    private final String description;
    private final Predicate<Content> test;
    private final Reader reader;

    DataFormat(String description, Predicate<Content> test, Reader reader) {
        this.description = description;
        this.test = test;
        this.reader = reader;
    }

    /** Reads the data at a path; for an unknown format, the {@link ElboException} of kind DATA lists the formats. */
    static Split read(Path path, ReadOptions options, Progress progress) {
        Content content = Content.of(path);
        if (options.array().isPresent() && !NPZ.test.test(content)) {
            throw ElboException.usage(
                    "withArray(" + Messages.quote(options.array().get()) + "): " + path
                            + " is not an NPZ archive, and only these hold arrays by name");
        }
        DataFormat format = Arrays.stream(values())
                .filter(some -> some.test.test(content))
                .findFirst()
                .orElseThrow(() -> ElboException.data(path + ": its format is not known; readable formats: "
                        + Arrays.stream(values()).map(some -> some.description).collect(Collectors.joining(", "))));
        if (options.table().isPresent() && format != TEXT && format != NPY && format != NPZ) {
            throw noTable(path.toString());
        }
        if (options.table().isPresent() && options.scale().isGiven()) {
            throw ElboException.usage(
                    "pixelMax: " + path + " is read as a table, which has no pixels; leave pixelMax out");
        }
        Split split = format.reader.read(content, options, progress);
        return options.table().isPresent() && format != TEXT
                ? ArrayTable.of(split, options.table().get(), progress)
                : split;
    }

    /** Returns whether a file's content is of this format. */
    boolean is(Content content) {
        return test.test(content);
    }

    /** Returns the error for data that are no rows of a table. */
    static ElboException noTable(String name) {
        return ElboException.usage(
                name
                        + ": holds pictures; withTable reads tables of text (CSV), and of numbers (NPY and NPZ of two dimensions)");
    }
}
