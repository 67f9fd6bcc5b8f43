package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Npy;
import dev.elbo.io.NpyArray;
import java.nio.file.Path;
import java.util.Optional;

/** Lists of labels: whole numbers, one per example. */
final class Labels {
    private Labels() {}

    /**
     * Reads a file of labels, IDX (gzip too) or NPY, of rank 1.
     *
     * @throws ElboException of kind DATA where it is none, or a label is no whole number
     */
    static int[] read(Path file) {
        Content content = Content.of(file);
        if (content.startsWith(0, 0)) {
            return IdxFiles.labels(file.toString(), Idx.read(file, Optional.empty()));
        }
        if (content.folder() || content.gzip() || !content.startsWith(0x93, 'N', 'U', 'M', 'P', 'Y')) {
            throw ElboException.data(file + ": labels are read from IDX (gzip too) and NPY files");
        }
        return of(file.toString(), Npy.read(file));
    }

    /** The labels that an array holds. */
    static int[] of(String name, NpyArray array) {
        int[] shape = array.shape();
        if (shape.length != 1 && (shape.length != 2 || shape[1] != 1)) {
            throw ElboException.data(name + ": has rank " + shape.length + "; labels are a list, of rank 1");
        }
        int[] labels = new int[array.values().length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (int) array.values()[i];
            if (labels[i] != array.values()[i]) {
                throw ElboException.data(
                        name + ": label " + i + " (from 0) is " + array.values()[i] + "; labels are whole numbers");
            }
        }
        return labels;
    }
}
