package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import dev.elbo.io.NpyHeader;
import dev.elbo.io.ZipArchive;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/** Files of labels, one per example. */
final class Labels {
    /**
     * The largest exact label: beyond it, neighbouring whole numbers round to one float32, the type that IDX files are
     * read as.
     */
    private static final int MAX_IN_FLOAT = (1 << 24) - 1;

    private Labels() {}

    /**
     * Reads a file of labels, IDX or NPY, gzip too: of IDX a list of whole numbers, of NPY all that {@link NpyLabels}
     * reads.
     */
    static LabelList read(Path file) {
        Content content = Content.of(file);
        if (content.startsWith(0, 0)) {
            return LabelList.ofNumbers(of(file.toString(), Idx.read(file, Optional.empty())));
        }
        if (content.folder() || !content.startsWith(0x93, 'N', 'U', 'M', 'P', 'Y')) {
            throw ElboException.data(file + ": labels are read from IDX and NPY files, gzip too");
        }
        try (InputFile in = InputFile.open(file)) {
            return Gunzip.read(in, stream -> labels(in, stream, false), stream -> labels(in, stream, true));
        }
    }

    private static LabelList labels(InputFile in, InputStream content, boolean packed) throws IOException {
        String name = in.path().toString();
        NpyHeader header = NpyHeader.read(name, content, packed ? in.size() * ZipArchive.DENSEST : in.size(), false);
        if (header.isNumbers() || header.isWords()) {
            if (packed) {
                header.requirePackedSize(name, in.size());
            } else {
                header.requireSize(name, in.size());
            }
        }
        NpyLabels found = NpyLabels.read(name, header, content);
        return found.labels()
                .orElseThrow(() -> ElboException.data(name + ": " + found.reason() + "; labels are whole numbers, from "
                        + -Integer.MAX_VALUE + " to " + Integer.MAX_VALUE
                        + ", booleans, one-hot rows or words, one per example"));
    }

    /** Returns whether an array of this shape is a list, or the one column that some save it as. */
    static boolean isList(int[] shape) {
        return shape.length == 1 || shape.length == 2 && shape[1] == 1;
    }

    /** Returns whether a value is a label as it is. */
    static boolean isWhole(double value) {
        return isWhole(value, Integer.MAX_VALUE);
    }

    private static boolean isWhole(double value, int most) {
        int label = (int) value;
        return label == value && Math.abs((long) label) <= most;
    }

    /** The labels that an array holds. */
    static int[] of(String name, IdxArray array) {
        if (!isList(array.shape())) {
            throw ElboException.data(name + ": has rank " + array.shape().length + "; labels are a list, of rank 1");
        }
        int[] labels = new int[array.rows().count()];
        array.rows().visit((from, count, values) -> {
            for (int i = 0; i < count; i++) {
                labels[from + i] = label(name, from + i, values[i]);
            }
            return true;
        });
        return labels;
    }

    private static int label(String name, int number, double value) {
        if (!isWhole(value, MAX_IN_FLOAT)) {
            throw ElboException.data(name + ": label " + number + " (from 0) is " + value
                    + "; labels are whole numbers, from " + -MAX_IN_FLOAT + " to " + MAX_IN_FLOAT
                    + " in this kind of file");
        }
        return (int) value;
    }
}
