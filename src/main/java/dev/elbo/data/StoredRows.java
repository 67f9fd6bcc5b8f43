package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Rows in buffers of whole rows, all but the last of the same number: arrays of the heap, or parts of a mapped file. */
final class StoredRows extends Rows {
    /** The longest part of a file that is mapped as one. */
    private static final int LARGEST_PART = 1 << 30;

    private final ByteBuffer[] bytes;
    private final FloatBuffer[] floats;
    private final int rowsPerPart;
    private final boolean mapped;

    StoredRows(int count, int features, ByteBuffer values) {
        this(count, features, new ByteBuffer[] {values}, Math.max(1, count), false);
    }

    StoredRows(int count, int features, FloatBuffer values) {
        this(count, features, new FloatBuffer[] {values}, Math.max(1, count), false);
    }

    StoredRows(int count, int features, ByteBuffer[] parts, int rowsPerPart, boolean mapped) {
        super(count, features, true);
        this.bytes = parts;
        this.floats = null;
        this.rowsPerPart = rowsPerPart;
        this.mapped = mapped;
    }

    StoredRows(int count, int features, FloatBuffer[] parts, int rowsPerPart, boolean mapped) {
        super(count, features, false);
        this.bytes = null;
        this.floats = parts;
        this.rowsPerPart = rowsPerPart;
        this.mapped = mapped;
    }

    /**
     * Rows that a file holds one after the other. They are there until nobody refers to them, open or closed.
     *
     * @param offset of the first row, in bytes
     * @param order of the bytes of a float32
     * @throws ElboException of kind DATA where the file ends before the last row
     */
    static StoredRows mapped(InputFile file, long offset, int count, int features, boolean asBytes, ByteOrder order) {
        return mapped(file, offset, count, features, asBytes, order, LARGEST_PART);
    }

    static StoredRows mapped(
            InputFile file, long offset, int count, int features, boolean asBytes, ByteOrder order, int largestPart) {
        long rowBytes = requireRowBytes(file.path().toString(), (long) features * (asBytes ? 1 : Float.BYTES));
        int rowsPerPart = (int) Math.max(1, largestPart / rowBytes);
        int parts = count / rowsPerPart + (count % rowsPerPart == 0 ? 0 : 1);
        ByteBuffer[] bytes = new ByteBuffer[parts];
        FloatBuffer[] floats = new FloatBuffer[parts];
        for (int i = 0; i < parts; i++) {
            long first = (long) i * rowsPerPart;
            long rows = Math.min(rowsPerPart, count - first);
            bytes[i] = file.map(offset + first * rowBytes, rows * rowBytes).order(order);
            floats[i] = asBytes ? null : bytes[i].asFloatBuffer();
        }
        return asBytes
                ? new StoredRows(count, features, bytes, rowsPerPart, true)
                : new StoredRows(count, features, floats, rowsPerPart, true);
    }

    @Override
    public boolean isMapped() {
        return mapped;
    }

    @Override
    void copyBytes(int from, int rows, ByteBuffer into, int at) {
        copy(bytes, from, rows, into, at, ByteBuffer::put);
    }

    @Override
    void copyFloats(int from, int rows, FloatBuffer into, int at) {
        copy(floats, from, rows, into, at, FloatBuffer::put);
    }

    /** Captures nothing: a row is copied without allocating anything. */
    private interface Transfer<B> {
        void put(B into, int to, B part, int start, int values);
    }

    private <B extends Buffer> void copy(B[] parts, int from, int rows, B into, int at, Transfer<B> transfer) {
        int done = 0;
        try {
            while (done < rows) {
                int row = from + done;
                int within = row % rowsPerPart;
                int some = Math.min(rows - done, rowsPerPart - within);
                transfer.put(
                        into, at + done * features(), parts[row / rowsPerPart], within * features(), some * features());
                done += some;
            }
        } catch (InternalError e) {
            // The way in which Java says that a mapped page is gone.
            throw ElboException.io(
                    "row " + (from + done) + " (from 0): its file was cut or its disk failed while it was"
                            + " read; leave the data alone while they are in use",
                    e);
        }
    }
}
