package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What data come in, known by its content; the first that says yes reads it. A reader leaves values that are not finite to
 * {@link Datasets#open} (it makes its data sets by {@link Dataset#unchecked}), unless it can name a better place.
 */
enum DataFormat {
    MNIST_FOLDER("a folder with the four files of MNIST") {
        @Override
        boolean is(Content content) {
            return content.folder()
                    && IdxFiles.find(content.path(), IdxFiles.TRAIN_IMAGES).isPresent();
        }

        @Override
        Split read(Content content, ReadOptions options, Progress progress) {
            Split split = IdxFiles.any(options.scale())
                    .folder(content.path(), content.path().toString());
            IdxFiles.note(content.path()).ifPresent(progress::note);
            return split;
        }
    },

    NPY("NPY (gzip too)") {
        @Override
        boolean is(Content content) {
            return content.startsWith(0x93, 'N', 'U', 'M', 'P', 'Y');
        }

        @Override
        Split read(Content content, ReadOptions options, Progress progress) {
            return new Split(NpyFile.read(content.path(), options.scale()), Optional.empty());
        }
    },

    NPZ("NPZ") {
        @Override
        boolean is(Content content) {
            boolean zip = content.startsWith('P', 'K', 3, 4) || content.startsWith('P', 'K', 5, 6);
            return zip && !content.gzip();
        }

        @Override
        Split read(Content content, ReadOptions options, Progress progress) {
            return NpzFile.read(content.path(), options.array(), options.scale(), progress);
        }
    },

    IDX("IDX (gzip too)") {
        @Override
        boolean is(Content content) {
            // The fourth byte is the rank; what is wrong with it or with the type says the reader.
            return content.startsWith(0, 0);
        }

        @Override
        Split read(Content content, ReadOptions options, Progress progress) {
            return IdxFiles.any(options.scale()).open(content.path());
        }
    },

    PICTURES("PNG, JPEG, GIF and BMP pictures, one or a folder of them") {
        @Override
        boolean is(Content content) {
            return content.folder()
                    || PictureFiles.isNamedPicture(content.path())
                    || content.startsWith(0x89, 'P', 'N', 'G')
                    || content.startsWith(0xff, 0xd8, 0xff)
                    || content.startsWith('G', 'I', 'F', '8');
        }

        @Override
        Split read(Content content, ReadOptions options, Progress progress) {
            return new PictureFolder(options.pictures(), progress).open(content.path());
        }
    },

    TEXT("numbers in rows of text: CSV and the like (gzip too)") {
        @Override
        boolean is(Content content) {
            return CsvFile.is(content);
        }

        @Override
        Split read(Content content, ReadOptions options, Progress progress) {
            return new Split(CsvFile.read(content.path(), options, progress), Optional.empty());
        }
    };

    private final String description;

    DataFormat(String description) {
        this.description = description;
    }

    abstract boolean is(Content content);

    /** @throws ElboException of kind DATA, naming the file and the place in it, where it cannot be trusted */
    abstract Split read(Content content, ReadOptions options, Progress progress);

    /**
     * Reads whatever is at a path.
     *
     * @throws ElboException of kind DATA also where it is nothing that is read, with a list of what is
     */
    static Split read(Path path, ReadOptions options, Progress progress) {
        Content content = Content.of(path);
        if (options.array().isPresent() && !NPZ.is(content)) {
            throw ElboException.usage(
                    "withArray(" + Messages.quote(options.array().get()) + "): " + path
                            + " is not an NPZ archive, and only these hold arrays by name");
        }
        return Arrays.stream(values())
                .filter(format -> format.is(content))
                .findFirst()
                .orElseThrow(() -> ElboException.data(path + ": is not known to hold data; what is read: "
                        + Arrays.stream(values())
                                .map(format -> format.description)
                                .collect(Collectors.joining(", "))))
                .read(content, options, progress);
    }
}
