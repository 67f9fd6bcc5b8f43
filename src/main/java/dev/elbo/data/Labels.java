package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Npy;
import dev.elbo.io.NpyArray;
import java.nio.file.Path;
import java.util.Optional;

/** Lists of labels: whole numbers, one per example. */
final class Labels {
    /** Beyond, neighbouring whole numbers are one and the same float32, as which IDX files are read. */
    private static final int MOST_IN_FLOAT = (1 << 24) - 1;

    private Labels() {}

    /**
     * Reads a file of labels, IDX (gzip too) or NPY, of rank 1.
     *
     * @throws ElboException of kind DATA where it is none, or a label is no whole number
     */
    static int[] read(Path file) {
        Content content = Content.of(file);
        if (content.startsWith(0, 0)) {
            return of(file.toString(), Idx.read(file, Optional.empty()));
        }
        if (content.folder() || content.gzip() || !content.startsWith(0x93, 'N', 'U', 'M', 'P', 'Y')) {
            throw ElboException.data(file + ": labels are read from IDX (gzip too) and NPY files");
        }
        return of(file.toString(), Npy.read(file));
    }

    /** Whether an array of this shape is a list, or the one column that some save it as. */
    static boolean isList(int[] shape) {
        return shape.length == 1 || shape.length == 2 && shape[1] == 1;
    }

    /** The labels that an array holds. */
    static int[] of(String name, NpyArray array) {
        requireList(name, array.shape());
        int[] labels = new int[array.values().length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = label(name, i, array.values()[i], Integer.MAX_VALUE);
        }
        return labels;
    }

    /** The labels that an array holds. */
    static int[] of(String name, IdxArray array) {
        requireList(name, array.shape());
        int[] labels = new int[array.rows().count()];
        array.rows().visit((from, count, values) -> {
            for (int i = 0; i < count; i++) {
                labels[from + i] = label(name, from + i, values[i], MOST_IN_FLOAT);
            }
            return true;
        });
        return labels;
    }

    private static void requireList(String name, int[] shape) {
        if (!isList(shape)) {
            throw ElboException.data(name + ": has rank " + shape.length + "; labels are a list, of rank 1");
        }
    }

    private static int label(String name, int number, double value, int most) {
        int label = (int) value;
        if (label != value || Math.abs((long) label) > most) {
            throw ElboException.data(name + ": label " + number + " (from 0) is " + value
                    + "; labels are whole numbers, from " + -most + " to " + most + " in this kind of file");
        }
        return label;
    }
}
