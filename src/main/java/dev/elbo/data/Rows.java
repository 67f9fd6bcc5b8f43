package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Heap;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Rows of equal length, by number: unsigned bytes or numbers, on the heap, mapped from a file, or a view of other rows.
 * Numbers are held as float32 or as float64, and given as float32 to computations; statistics and standardisation see
 * all of float64. There may be more values than an array holds; only the number of rows is below 2^31. The memory or
 * file below them is read-only.
 */
public abstract class Rows {
    private static final int BLOCK = 1 << 16;

    enum Type {
        /** Unsigned. */
        UINT8(1),
        FLOAT32(Float.BYTES),
        FLOAT64(Double.BYTES);

        final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }
    }

    private final int count;
    private final int features;
    private final Type type;

    Rows(int count, int features, Type type) {
        if (count < 0 || features < 1) {
            throw new IllegalArgumentException(
                    count + " rows of " + features + " features: rows must be at least 0, features at least 1");
        }
        this.count = count;
        this.features = features;
        this.type = type;
    }

    /**
     * Creates rows of bytes on an array, which is kept.
     *
     * @param values (rows, features) row-major, unsigned
     * @param features values per row
     * @return a view of the array
     * @throws IllegalArgumentException if these are not whole rows
     */
    public static Rows ofBytes(byte[] values, int features) {
        ByteBuffer[] one = {ByteBuffer.wrap(values).asReadOnlyBuffer()};
        return ofArray(Type.UINT8, values.length, features, one);
    }

    /**
     * Creates rows of float32 on an array, which is kept.
     *
     * @param values (rows, features) row-major
     * @param features values per row
     * @return a view of the array
     * @throws IllegalArgumentException if these are not whole rows
     */
    public static Rows ofFloats(float[] values, int features) {
        FloatBuffer[] one = {FloatBuffer.wrap(values).asReadOnlyBuffer()};
        return ofArray(Type.FLOAT32, values.length, features, one);
    }

    /** Creates rows as {@link #ofFloats(float[], int)} does; refuses a last one that is not whole by the name of the data. */
    static Rows ofFloats(String name, float[] values, int features) {
        if (features < 1 || values.length % features != 0) {
            throw ElboException.data(name + ": " + values.length + " values do not divide into rows of " + features
                    + (features < 1
                            ? ""
                            : ": row " + values.length / features + " (from 0) has " + values.length % features));
        }
        return ofFloats(values, features);
    }

    /** Refuses rows of more bytes than an array holds; otherwise returns their number. */
    static int requireRowBytes(String name, long bytes) {
        if (bytes > Heap.MAX_LENGTH) {
            throw ElboException.data(name + ": a row has " + bytes + " bytes; at most 2 GiB are read");
        }
        return (int) bytes;
    }

    private static Rows ofArray(Type type, int values, int features, Buffer[] one) {
        if (features < 1 || values % features != 0) {
            throw new IllegalArgumentException(values + " values do not divide into rows of " + features);
        }
        int count = values / features;
        return new StoredRows("rows", type, count, features, one, Math.max(1, count), false);
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

    /** {@return whether the values are unsigned bytes; otherwise they are numbers, given as float32} */
    public final boolean isBytes() {
        return type == Type.UINT8;
    }

    /** Returns whether the values are held as float64, which giving them as float32 rounds. */
    final boolean isDoubles() {
        return type == Type.FLOAT64;
    }

    final Type type() {
        return type;
    }

    /** {@return bytes of a row as it is stored} */
    public final long rowBytes() {
        return (long) features * type.bytes;
    }

    /** {@return whether some of them are mapped from a file} */
    public abstract boolean isMapped();

    /**
     * Selects rows; a view.
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
     * @param rows number of rows
     * @param into takes {@code rows × features} bytes, unsigned
     * @param at index of the first byte in {@code into}, independent of its position
     * @throws IllegalStateException for rows of float32
     * @throws IndexOutOfBoundsException for rows that are not there, or more than fit
     * @throws ElboException of kind IO if they lie in a file that was cut or whose disk failed
     */
    public final void copy(int from, int rows, ByteBuffer into, int at) {
        check(from, rows, true);
        copyBytes(from, rows, into, at);
    }

    /**
     * Copies rows of numbers as float32; float64 is rounded to the nearest.
     *
     * @param from the first row
     * @param rows number of rows
     * @param into takes {@code rows × features} values
     * @param at index of the first value in {@code into}, independent of its position
     * @throws IllegalStateException for rows of bytes
     * @throws ElboException also of kind DATA, for a finite float64 that is more than float32 holds, naming row and
     *     column
     */
    public final void copy(int from, int rows, FloatBuffer into, int at) {
        check(from, rows, false);
        copyFloats(from, rows, into, at);
    }

    /** Returns these rows with others in place of those that they are chosen from or joined of. */
    Rows replaced(UnaryOperator<Rows> by) {
        return by.apply(this);
    }

    private void check(int from, int rows, boolean asBytes) {
        if (asBytes != isBytes()) {
            throw new IllegalStateException("rows hold " + (isBytes() ? "bytes, not float32" : "float32, not bytes"));
        }
        if (from < 0 || rows < 0 || from > count - rows) {
            throw new IndexOutOfBoundsException("rows " + from + " to " + ((long) from + rows) + " of " + count);
        }
    }

    /** Copies rows that are there to a buffer; only called where the rows are bytes. */
    abstract void copyBytes(int from, int rows, ByteBuffer into, int at);

    /** Copies rows that are there to a buffer, rounded where they are float64; only called where they are no bytes. */
    abstract void copyFloats(int from, int rows, FloatBuffer into, int at);

    /** Copies rows that are there, with all of their digits; bytes as the whole numbers 0 to 255. */
    abstract void copyDoubles(int from, int rows, double[] into, int at);

    /** Sees all rows, in order and a block at a time, as {@code float[]} or with all digits as {@code double[]}. */
    @FunctionalInterface
    interface Visitor<A> {
        /**
         * Sees the rows from a number on, row-major from the start of the array, which is used again for the next
         * block. Returns whether to go on.
         */
        boolean block(int from, int rows, A values);
    }

    private interface Block {
        boolean see(int from, int rows);
    }

    /** Shows all rows to a visitor, until it has seen enough; bytes as the whole numbers 0 to 255. */
    final void visit(Visitor<float[]> visitor) {
        float[] values = new float[Math.multiplyExact(blockRows(), features)];
        FloatBuffer floats = FloatBuffer.wrap(values);
        ByteBuffer raw = isBytes() ? ByteBuffer.allocate(values.length) : null;
        blocks((from, rows) -> {
            if (isBytes()) {
                copyBytes(from, rows, raw, 0);
                for (int i = 0; i < rows * features; i++) {
                    values[i] = raw.get(i) & 0xff;
                }
            } else {
                copyFloats(from, rows, floats, 0);
            }
            return visitor.block(from, rows, values);
        });
    }

    /** Shows all rows with all digits; bytes are multiplied by the scale in float32, as in computations. */
    final void visitExactly(float scale, Visitor<double[]> visitor) {
        double[] values = new double[Math.multiplyExact(blockRows(), features)];
        blocks((from, rows) -> {
            copyDoubles(from, rows, values, 0);
            for (int i = 0; isBytes() && scale != 1 && i < rows * features; i++) {
                values[i] = (float) values[i] * scale;
            }
            return visitor.block(from, rows, values);
        });
    }

    private int blockRows() {
        return Math.min(count, Math.max(1, BLOCK / features));
    }

    private void blocks(Block block) {
        boolean on = true;
        for (int from = 0, rows; on && from < count; from += rows) {
            rows = Math.min(blockRows(), count - from);
            on = block.see(from, rows);
        }
    }

    /** A value for a message: in as few digits as tell it from its neighbours among float32, where it is one. */
    static String shown(double value) {
        return (float) value == value || Double.isNaN(value) ? Float.toString((float) value) : Double.toString(value);
    }

    /** Refuses values that are not finite, by row and column, both counted from 0. */
    final void requireFinite(String name) {
        if (isBytes()) {
            return;
        }
        visitExactly(1, (from, rows, values) -> {
            for (int i = 0; i < rows * features; i++) {
                if (!Double.isFinite(values[i])) {
                    throw ElboException.data(name + ": row " + (from + i / features) + ", column " + i % features
                            + " (from 0) is " + shown(values[i]) + "; remove or replace such values");
                }
            }
            return true;
        });
    }
}
