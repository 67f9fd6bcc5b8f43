package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Cache;
import dev.elbo.io.InputFile;
import dev.elbo.io.Messages;
import java.io.IOException;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * A growing store of rows. They are kept on the heap until they take a quarter of it, and from then on in an unnamed
 * file of the cache folder, which disappears with its last reader, however the program ends. After any failure,
 * {@link #close} frees all of it.
 */
final class RowStore implements AutoCloseable {
    private static final int PART = 1 << 20;

    private final String name;
    private final int features;
    private final Rows.Type type;
    private final Path folder;
    private final long mostOnHeap;
    private final int rowBytes;
    private final int rowsPerPart;
    private final List<ByteBuffer> parts = new ArrayList<>();
    /** The last part, which is being filled. */
    private ByteBuffer part;

    private FileChannel file;
    private Path path;
    private int count;
    private boolean finished;

    /** Creates a store that holds so many bytes on the heap, the others in a file of the folder. */
    RowStore(String name, int features, Rows.Type type, Path folder, long mostOnHeap) {
        if (features < 1) {
            throw new IllegalArgumentException(name + ": a row needs at least 1 feature, not " + features);
        }
        this.name = name;
        this.features = features;
        this.type = type;
        this.folder = folder;
        this.mostOnHeap = mostOnHeap;
        this.rowBytes = Rows.requireRowBytes(name, (long) features * type.bytes);
        this.rowsPerPart = Math.max(1, PART / rowBytes);
    }

    RowStore(String name, int features, Rows.Type type) {
        this(name, features, type, Cache.folder(), share());
    }

    /** Returns rows of arrays, copied; refuses none, and rows of different lengths. */
    static Rows of(String name, float[][] rows) {
        return of(name, Rows.Type.FLOAT32, rows, RowStore::add);
    }

    static Rows of(String name, double[][] rows) {
        return of(name, Rows.Type.FLOAT64, rows, RowStore::add);
    }

    private static <R> Rows of(String name, Rows.Type type, R[] rows, BiConsumer<RowStore, R> add) {
        int features = rows.length == 0 ? 0 : Array.getLength(rows[0]);
        if (features == 0) {
            throw ElboException.data(name + ": is empty; at least one example of one feature is needed");
        }
        try (RowStore store = new RowStore(name, features, type)) {
            for (R row : rows) {
                if (Array.getLength(row) != features) {
                    throw ElboException.data(name + ": row " + store.count + " (from 0) has " + Array.getLength(row)
                            + " values, those before it have " + features + "; rows have one length");
                }
                add.accept(store, row);
            }
            return store.finish();
        }
    }

    /** Returns the bytes up to which data are kept on the heap rather than mapped from a file. */
    static long share() {
        return Runtime.getRuntime().maxMemory() / 4;
    }

    int count() {
        return count;
    }

    /** Adds a row, copied; a file that cannot be written is an {@link ElboException} of kind IO. */
    void add(float[] row) {
        require(Rows.Type.FLOAT32, row.length);
        ByteBuffer into = next();
        into.asFloatBuffer().put(row);
        into.position(into.position() + rowBytes);
    }

    /** Adds a row of numbers, rounded if the store holds float32. */
    void add(double[] row) {
        require(type == Rows.Type.FLOAT32 ? type : Rows.Type.FLOAT64, row.length);
        ByteBuffer into = next();
        if (type == Rows.Type.FLOAT64) {
            into.asDoubleBuffer().put(row);
            into.position(into.position() + rowBytes);
            return;
        }
        for (double value : row) {
            into.putFloat((float) value);
        }
    }

    void add(byte[] row) {
        require(Rows.Type.UINT8, row.length);
        next().put(row);
    }

    private void require(Rows.Type given, int length) {
        if (finished || given != type || length != features) {
            throw new IllegalStateException(name
                    + (finished
                            ? ": is finished and takes no more rows"
                            : ": takes rows of " + features + " " + type + ", not of " + length + " " + given));
        }
    }

    /** Returns the part that has room for the next row. */
    private ByteBuffer next() {
        if (count == Integer.MAX_VALUE) {
            throw ElboException.data(
                    name + ": has more than " + Integer.MAX_VALUE + " rows; at most that many are read");
        }
        if (part == null || !part.hasRemaining()) {
            part = newPart();
        }
        count++;
        return part;
    }

    private ByteBuffer newPart() {
        int length = rowsPerPart * rowBytes;
        if (file == null && (parts.size() + 1L) * length <= mostOnHeap) {
            parts.add(allocate(length));
            return parts.get(parts.size() - 1);
        }
        if (file == null) {
            open();
        }
        for (ByteBuffer full : parts) {
            write(full.flip());
        }
        ByteBuffer again = parts.isEmpty() ? allocate(length) : parts.get(0);
        parts.clear();
        parts.add(again);
        return again.clear();
    }

    private ByteBuffer allocate(int length) {
        try {
            return ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
        } catch (OutOfMemoryError e) {
            throw ElboException.data(name + ": no memory for rows of " + features + " values; raise -Xmx", e);
        }
    }

    private void open() {
        Cache.make(folder);
        path = folder.resolve(".rows." + UUID.randomUUID() + ".tmp");
        try {
            // Deleted as soon as it is open where the system knows such files, else when it is closed.
            file = FileChannel.open(
                    path,
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw failed("cannot be made", e);
        }
    }

    private void write(ByteBuffer full) {
        try {
            while (full.hasRemaining()) {
                file.write(full);
            }
        } catch (IOException e) {
            throw failed("writing failed", e);
        }
    }

    private ElboException failed(String action, IOException e) {
        return ElboException.io(
                path + ": " + action + ": " + Messages.reason(e) + "; " + name + " does not fit into memory: free some"
                        + " disk there, set ELBO_CACHE to another folder, or raise -Xmx",
                e);
    }

    /** {@return the rows that were added; nothing can be added any more} */
    Rows finish() {
        if (finished) {
            throw new IllegalStateException(name + ": is finished");
        }
        finished = true;
        if (file != null) {
            write(part.flip());
            try (InputFile written = InputFile.of(path, file)) {
                return StoredRows.mapped(written, 0, count, features, type, ByteOrder.nativeOrder());
            }
        }
        if (part != null) {
            // most data of tests and trials fill but a little of a part
            parts.set(parts.size() - 1, allocate(part.position()).put(part.flip()));
        }
        ByteBuffer[] all = parts.stream().map(ByteBuffer::clear).toArray(ByteBuffer[]::new);
        parts.clear();
        return StoredRows.of(name, type, count, features, all, rowsPerPart, false);
    }

    /** Frees the memory that {@link #finish} has not handed over. */
    @Override
    public void close() {
        finished = true;
        parts.clear();
        part = null;
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                throw failed("closing failed", e);
            }
        }
    }
}
