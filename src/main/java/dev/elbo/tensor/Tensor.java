package dev.elbo.tensor;

/**
 * A matrix of {@code rows × cols} elements in a buffer, row-major: element (i, j) is buffer element {@code offset +
 * i·stride + j}. It is a value that owns nothing; vectors are one row or one column.
 *
 * @param buffer memory that holds the elements
 * @param offset element number of (0, 0)
 * @param rows number of rows
 * @param cols number of columns
 * @param stride elements from one row to the next, at least {@code cols}
 */
public record Tensor(Buffer buffer, long offset, int rows, int cols, long stride) {
    public Tensor {
        if (rows < 1 || cols < 1 || stride < cols || offset < 0) {
            throw new IllegalArgumentException("tensor of " + rows + " × " + cols + ", stride " + stride + ", offset "
                    + offset + ": rows and columns must be at least 1, stride at least columns, offset at least 0");
        }
        if (offset + (rows - 1) * stride + cols > buffer.size()) {
            throw new IllegalArgumentException("tensor of " + rows + " × " + cols + ", stride " + stride + " at "
                    + offset + " leaves its buffer of " + buffer.size());
        }
    }

    /**
     * {@return a dense matrix at {@code offset}}
     *
     * @param buffer memory that holds the elements
     * @param offset element number of (0, 0)
     * @param rows number of rows
     * @param cols number of columns
     */
    public static Tensor of(Buffer buffer, long offset, int rows, int cols) {
        return new Tensor(buffer, offset, rows, cols, cols);
    }

    /**
     * {@return a dense matrix that is the whole buffer}
     *
     * @param buffer memory that holds the elements
     * @param rows number of rows
     * @param cols number of columns
     */
    public static Tensor of(Buffer buffer, int rows, int cols) {
        return of(buffer, 0, rows, cols);
    }

    /** {@return the type of the elements} */
    public ElementType type() {
        return buffer.type();
    }

    /** {@return number of elements} */
    public long size() {
        return (long) rows * cols;
    }

    /** {@return whether the rows follow each other without gaps} */
    public boolean isContiguous() {
        return stride == cols || rows == 1;
    }

    /**
     * {@return rows {@code from} to {@code from + count − 1}}
     *
     * @param from the first, from 0
     * @param count number of them
     */
    public Tensor rows(int from, int count) {
        if (from < 0 || count < 1 || from + count > rows) {
            throw new IllegalArgumentException("rows " + from + " to " + (from + count) + " of " + rows);
        }
        return new Tensor(buffer, offset + from * stride, count, cols, stride);
    }

    /**
     * {@return columns {@code from} to {@code from + count − 1}}
     *
     * @param from the first, from 0
     * @param count number of them
     */
    public Tensor cols(int from, int count) {
        if (from < 0 || count < 1 || from + count > cols) {
            throw new IllegalArgumentException("columns " + from + " to " + (from + count) + " of " + cols);
        }
        return new Tensor(buffer, offset + from, rows, count, stride);
    }

    /**
     * {@return the same elements as a matrix of another shape}
     *
     * @param newRows number of rows
     * @param newCols number of columns; as many elements in all
     * @throws IllegalArgumentException if there are gaps between the rows, or the number of elements differs
     */
    public Tensor reshaped(int newRows, int newCols) {
        if (!isContiguous() || (long) newRows * newCols != size()) {
            throw new IllegalArgumentException(shape() + (isContiguous() ? "" : " with gaps between the rows")
                    + " cannot be seen as " + newRows + " × " + newCols);
        }
        return of(buffer, offset, newRows, newCols);
    }

    /**
     * {@return whether some element may belong to both: their spans in the same buffer meet}
     *
     * @param other a tensor of any buffer
     */
    public boolean overlaps(Tensor other) {
        if (buffer != other.buffer) {
            return false;
        }
        if (end() <= other.offset || other.end() <= offset) {
            return false;
        }
        if (stride != other.stride) {
            return true;
        }
        // columns of one matrix side by side share their span but no element, wherever the matrix starts in its buffer
        long column = Math.floorMod(other.offset - offset, stride);
        return column < cols || column + other.cols > stride;
    }

    private long end() {
        return offset + (rows - 1) * stride + cols;
    }

    /**
     * Writes all elements from a dense row-major array of the buffer's kind; see {@link Buffer#write}.
     *
     * @param source array of the matching type, rows × cols
     */
    public void write(Object source) {
        if (isContiguous()) {
            buffer.write(offset, source, 0, Math.toIntExact(size()));
        } else {
            for (int i = 0; i < rows; i++) {
                buffer.write(offset + i * stride, source, i * cols, cols);
            }
        }
    }

    /**
     * Reads all elements into a dense row-major array of the buffer's kind; see {@link Buffer#read}.
     *
     * @param target array of the matching type, rows × cols
     */
    public void read(Object target) {
        if (isContiguous()) {
            buffer.read(offset, target, 0, Math.toIntExact(size()));
        } else {
            for (int i = 0; i < rows; i++) {
                buffer.read(offset + i * stride, target, i * cols, cols);
            }
        }
    }

    /** {@return all elements, row-major} */
    public float[] toFloats() {
        float[] values = new float[Math.toIntExact(size())];
        read(values);
        return values;
    }

    /** {@return all elements, row-major} */
    public double[] toDoubles() {
        double[] values = new double[Math.toIntExact(size())];
        read(values);
        return values;
    }

    /** {@return "rows × cols"} */
    public String shape() {
        return rows + " × " + cols;
    }
}
