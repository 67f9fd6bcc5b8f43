package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.InputFile;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Rows in buffers of whole rows, all but the last of the same number: arrays of the heap, or parts of a mapped file. */
final class StoredRows extends Rows {
    private static final int LARGEST_PART = 1 << 30;

    private final String name;
    private final Buffer[] parts;
    private final int rowsPerPart;
    private final boolean mapped;

    /** @param parts buffers of the type of the values */
    StoredRows(String name, Type type, int count, int features, Buffer[] parts, int rowsPerPart, boolean mapped) {
        super(count, features, type);
        this.name = name;
        this.parts = parts;
        this.rowsPerPart = rowsPerPart;
        this.mapped = mapped;
    }

    /** Returns rows in buffers of {@code rowsPerPart} rows each, but for the last; in their own byte order. */
    static StoredRows of(
            String name, Type type, int count, int features, ByteBuffer[] parts, int rowsPerPart, boolean mapped) {
        Buffer[] typed = switch (type) {
            case UINT8 -> parts;
            case FLOAT32 -> Arrays.stream(parts).map(ByteBuffer::asFloatBuffer).toArray(FloatBuffer[]::new);
            case FLOAT64 -> Arrays.stream(parts).map(ByteBuffer::asDoubleBuffer).toArray(DoubleBuffer[]::new);
        };
        return new StoredRows(name, type, count, features, typed, rowsPerPart, mapped);
    }

    /**
     * Maps the rows that a file holds one after the other from a byte on. They stay mapped until they are unreachable,
     * also after closing the file.
     */
    static StoredRows mapped(InputFile file, long offset, int count, int features, Type type, ByteOrder order) {
        return mapped(file, offset, count, features, type, order, LARGEST_PART);
    }

    static StoredRows mapped(
            InputFile file, long offset, int count, int features, Type type, ByteOrder order, int largestPart) {
        String name = file.path().toString();
        long rowBytes = requireRowBytes(name, (long) features * type.bytes);
        int rowsPerPart = (int) Math.max(1, largestPart / rowBytes);
        ByteBuffer[] parts = new ByteBuffer[count / rowsPerPart + (count % rowsPerPart == 0 ? 0 : 1)];
        for (int i = 0; i < parts.length; i++) {
            long first = (long) i * rowsPerPart;
            long rows = Math.min(rowsPerPart, count - first);
            parts[i] = file.map(offset + first * rowBytes, rows * rowBytes).order(order);
        }
        return of(name, type, count, features, parts, rowsPerPart, true);
    }

    @Override
    public boolean isMapped() {
        return mapped;
    }

    @Override
    void copyBytes(int from, int rows, ByteBuffer into, int at) {
        copy((ByteBuffer[]) parts, from, rows, into, at, ByteBuffer::put);
    }

    @Override
    void copyFloats(int from, int rows, FloatBuffer into, int at) {
        if (!isDoubles()) {
            copy((FloatBuffer[]) parts, from, rows, into, at, FloatBuffer::put);
            return;
        }
        copy((DoubleBuffer[]) parts, from, rows, into, at, (to, place, part, start, values) -> {
            for (int i = 0; i < values; i++) {
                to.put(place + i, (float) part.get(start + i));
            }
        });
        for (int i = 0; i < rows * features(); i++) {
            if (Float.isInfinite(into.get(at + i))) {
                requireFloat(from, i);
            }
        }
    }

    /** Refuses a finite value beyond float32; NaN and infinities are checked elsewhere. */
    private void requireFloat(int from, int index) {
        double[] row = new double[features()];
        copyDoubles(from + index / features(), 1, row, 0);
        double value = row[index % features()];
        if (!Double.isInfinite(value)) {
            throw ElboException.data(name + ": row " + (from + index / features()) + ", column " + index % features()
                    + " (from 0) is " + value
                    + ", more than float32 holds (3.4e38); Standardization.perFeature takes it"
                    + " as float64, or rescale the column");
        }
    }

    @Override
    void copyDoubles(int from, int rows, double[] into, int at) {
        if (isBytes()) {
            copy((ByteBuffer[]) parts, from, rows, into, at, (to, place, part, start, values) -> {
                for (int i = 0; i < values; i++) {
                    to[place + i] = part.get(start + i) & 0xff;
                }
            });
        } else if (!isDoubles()) {
            copy((FloatBuffer[]) parts, from, rows, into, at, (to, place, part, start, values) -> {
                for (int i = 0; i < values; i++) {
                    to[place + i] = part.get(start + i);
                }
            });
        } else {
            copy(
                    (DoubleBuffer[]) parts,
                    from,
                    rows,
                    into,
                    at,
                    (to, place, part, start, values) -> part.get(start, to, place, values));
        }
    }

    /** Captures nothing: a row is copied without allocating anything. */
    private interface Transfer<I, B> {
        void put(I into, int to, B part, int start, int values);
    }

    private <I, B extends Buffer> void copy(B[] parts, int from, int rows, I into, int at, Transfer<I, B> transfer) {
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
