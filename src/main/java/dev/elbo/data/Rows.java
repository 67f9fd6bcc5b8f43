package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Heap;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * Rows of equal length, by number: unsigned bytes or float32, on the heap, mapped from a file, or a view of other rows.
 * There may be more values than an array holds; only the number of rows is below 2^31. What they stand on is read-only.
 */
public abstract class Rows {
    private static final int BLOCK = 1 << 16;

    private final int count;
    private final int features;
    private final boolean bytes;

    Rows(int count, int features, boolean bytes) {
        if (count < 0 || features < 1) {
            throw new IllegalArgumentException(count + " rows of " + features);
        }
        this.count = count;
        this.features = features;
        this.bytes = bytes;
    }

    /**
     * Rows of bytes in an array, which is kept.
     *
     * @param values (rows, features) row-major, unsigned
     * @param features values per row
     * @return a view of the array
     * @throws IllegalArgumentException where these are no whole rows
     */
    public static Rows ofBytes(byte[] values, int features) {
        return new StoredRows(
                whole(values.length, features),
                features,
                ByteBuffer.wrap(values).asReadOnlyBuffer());
    }

    /**
     * Rows of float32 in an array, which is kept.
     *
     * @param values (rows, features) row-major
     * @param features values per row
     * @return a view of the array
     * @throws IllegalArgumentException where these are no whole rows
     */
    public static Rows ofFloats(float[] values, int features) {
        return new StoredRows(
                whole(values.length, features),
                features,
                FloatBuffer.wrap(values).asReadOnlyBuffer());
    }

    /**
     * Refuses rows that no array holds.
     *
     * @param name what messages call them
     * @param bytes of a row
     * @return the same
     * @throws ElboException of kind DATA
     */
    static int requireRowBytes(String name, long bytes) {
        if (bytes > Heap.LONGEST) {
            throw ElboException.data(name + ": a row of " + bytes + " bytes; at most 2 GiB are read");
        }
        return (int) bytes;
    }

    private static int whole(int values, int features) {
        if (features < 1 || values % features != 0) {
            throw new IllegalArgumentException(values + " values are no rows of " + features);
        }
        return values / features;
    }

    /** The rows of all parts, one part after the other; a view. They have the same length and type. */
    static Rows joined(List<Rows> parts) {
        return parts.size() == 1 ? parts.get(0) : new JoinedRows(parts);
    }

    /** {@return number of rows} */
    public final int count() {
        return count;
    }

    /** {@return values per row} */
    public final int features() {
        return features;
    }

    /** {@return whether the values are unsigned bytes; otherwise they are float32} */
    public final boolean isBytes() {
        return bytes;
    }

    /** {@return bytes of a row as it is stored} */
    public final long rowBytes() {
        return (long) features * (bytes ? 1 : Float.BYTES);
    }

    /** {@return whether some of them are read from a file whenever they are asked for} */
    public abstract boolean isMapped();

    /**
     * Some rows; a view.
     *
     * @param numbers of the rows, in the order wanted; one may come more than once
     * @return no copy of the values
     * @throws IndexOutOfBoundsException for a number that no row has
     */
    public final Rows subset(int[] numbers) {
        return ChosenRows.of(this, numbers);
    }

    /**
     * Copies rows of bytes.
     *
     * @param from the first row
     * @param rows how many
     * @param into takes {@code rows × features} bytes, unsigned
     * @param at where in {@code into} the first byte goes, whatever its position is
     * @throws IllegalStateException for rows of float32
     * @throws IndexOutOfBoundsException for rows that are not there, or more than fit
     * @throws ElboException of kind IO where they lie in a file that was cut or whose disk failed
     */
    public final void copy(int from, int rows, ByteBuffer into, int at) {
        check(from, rows, true);
        copyBytes(from, rows, into, at);
    }

    /**
     * As {@link #copy(int, int, ByteBuffer, int)}, rows of float32.
     *
     * @param from the first row
     * @param rows how many
     * @param into takes {@code rows × features} values
     * @param at where in {@code into} the first value goes, whatever its position is
     * @throws IllegalStateException for rows of bytes
     */
    public final void copy(int from, int rows, FloatBuffer into, int at) {
        check(from, rows, false);
        copyFloats(from, rows, into, at);
    }

    private void check(int from, int rows, boolean asBytes) {
        if (asBytes != bytes) {
            throw new IllegalStateException("rows of " + (bytes ? "bytes, not float32" : "float32, not bytes"));
        }
        if (from < 0 || rows < 0 || from > count - rows) {
            throw new IndexOutOfBoundsException("rows " + from + " to " + ((long) from + rows) + " of " + count);
        }
    }

    /** Copies rows that are there to a buffer; only called where the rows are bytes. */
    abstract void copyBytes(int from, int rows, ByteBuffer into, int at);

    /** Copies rows that are there to a buffer; only called where the rows are float32. */
    abstract void copyFloats(int from, int rows, FloatBuffer into, int at);

    /** Sees all rows, in order and a block at a time. */
    @FunctionalInterface
    interface Visitor {
        /**
         * @param from number of the block's first row
         * @param values (rows, features) row-major from the start of the array, which is used again for the next block;
         *     bytes as the whole numbers 0 to 255
         * @return whether to go on
         */
        boolean block(int from, int rows, float[] values);
    }

    /** Shows all rows to a visitor, until it has seen enough. */
    final void visit(Visitor visitor) {
        int block = Math.min(count, Math.max(1, BLOCK / features));
        float[] values = new float[Math.multiplyExact(block, features)];
        FloatBuffer floats = FloatBuffer.wrap(values);
        ByteBuffer raw = bytes ? ByteBuffer.allocate(values.length) : null;
        for (int from = 0; from < count; from += block) {
            int rows = Math.min(block, count - from);
            if (bytes) {
                copyBytes(from, rows, raw, 0);
                for (int i = 0; i < rows * features; i++) {
                    values[i] = raw.get(i) & 0xff;
                }
            } else {
                copyFloats(from, rows, floats, 0);
            }
            if (!visitor.block(from, rows, values) || from > count - block) {
                return;
            }
        }
    }

    /**
     * Refuses values that are not finite.
     *
     * @throws ElboException of kind DATA that names row and column, both counted from 0
     */
    final void requireFinite(String name) {
        if (bytes) {
            return;
        }
        visit((from, rows, values) -> {
            for (int i = 0; i < rows * features; i++) {
                if (!Float.isFinite(values[i])) {
                    throw ElboException.data(name + ": row " + (from + i / features) + ", column " + i % features
                            + " (from 0) is " + values[i] + "; remove or replace such values");
                }
            }
            return true;
        });
    }
}
