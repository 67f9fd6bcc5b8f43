package dev.elbo.data;

import dev.elbo.error.ElboException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A data set that is written row by row, to a file that is mapped when it is finished: no more of it than a buffer is on the heap. The
 * file has no name where the system knows such files, and disappears with its last reader, however the program ends.
 */
public final class DatasetWriter implements AutoCloseable {
    private final String name;
    private final RowStore store;

    /**
     * Begins a data set.
     *
     * @param name of the data in messages
     * @param features values of an example, at least 1
     * @param isFloat whether values are held as float32; else as float64, whose digits statistics and standardisation see
     * @param folder of the file, made if it is missing
     */
    public DatasetWriter(String name, int features, boolean isFloat, Path folder) {
        this.name = Objects.requireNonNull(name, "name");
        Rows.Type type = isFloat ? Rows.Type.FLOAT32 : Rows.Type.FLOAT64;
        store = new RowStore(name, features, type, Objects.requireNonNull(folder, "folder"), 0);
    }

    /** {@return rows that were added} */
    public int count() {
        return store.count();
    }

    /**
     * Adds an example, copied.
     *
     * @param row a value for each feature; rounded if they are held as float32
     * @throws ElboException data, for a value that is not finite, naming its row and column, both counted from 0; io, if the file
     *     cannot be written
     */
    public void add(double[] row) {
        for (int i = 0; i < row.length; i++) {
            if (!Double.isFinite(row[i])) {
                throw ElboException.data(name + ": row " + store.count() + ", column " + i + " (from 0) is " + row[i]
                        + "; remove or replace such values");
            }
        }
        store.add(row);
    }

    /**
     * {@return the data, once; no example can be added any more}
     *
     * @throws ElboException data, if there are no examples
     */
    public Dataset finish() {
        return Dataset.unchecked(name, store.finish(), Optional.empty(), 1, Optional.empty());
    }

    /** Frees what {@link #finish} has not handed over. */
    @Override
    public void close() {
        store.close();
    }
}
