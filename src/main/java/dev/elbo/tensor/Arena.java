package dev.elbo.tensor;

import java.util.Set;

/**
 * One buffer with a layout: the owner of all memory of a kind (parameters, their gradients, moments, activations), seen
 * through named views. Optimiser and checkpoint treat it as the one row {@link #flat()}.
 */
public final class Arena implements AutoCloseable {
    private final Buffer buffer;
    private final long offset;
    private final Layout layout;

    /**
     * Takes ownership of a buffer.
     *
     * @param buffer at least as large as the layout
     * @param layout of the names
     * @throws IllegalArgumentException if the buffer is smaller than the layout
     */
    public Arena(Buffer buffer, Layout layout) {
        this(buffer, 0, layout);
    }

    private Arena(Buffer buffer, long offset, Layout layout) {
        if (buffer.size() - offset < layout.size()) {
            throw new IllegalArgumentException("buffer of " + buffer.size() + " elements is too small for a layout of "
                    + layout.size() + (offset == 0 ? "" : " at " + offset));
        }
        this.buffer = buffer;
        this.offset = offset;
        this.layout = layout;
    }

    /**
     * {@return an arena in a row of a matrix, whose other rows may be others; to close one is to close all of them}
     *
     * @param row 1 × at least the size of the layout
     * @param layout of the names
     * @throws IllegalArgumentException if the row is smaller than the layout
     */
    public static Arena inRow(Tensor row, Layout layout) {
        if (row.rows() != 1 || row.cols() < layout.size()) {
            throw new IllegalArgumentException(
                    row.shape() + " is not one row of at least " + layout.size() + " elements, which the layout has");
        }
        return new Arena(row.buffer(), row.offset(), layout);
    }

    /** {@return the places of the matrices} */
    public Layout layout() {
        return layout;
    }

    /** {@return the names, in order} */
    public Set<String> names() {
        return layout.slots().keySet();
    }

    /**
     * {@return the matrix of this name}
     *
     * @param name in the layout
     * @throws IllegalArgumentException if there is none
     */
    public Tensor tensor(String name) {
        Layout.Slot slot = layout.slot(name);
        return Tensor.of(buffer, offset + slot.offset(), slot.rows(), slot.cols());
    }

    /**
     * {@return a dense {@code rows × cols} view that starts where {@code first} does: neighbours of one group seen as
     * one}
     *
     * @param first name of the matrix that it starts with
     * @param rows of the view
     * @param cols of the view
     */
    public Tensor span(String first, int rows, int cols) {
        return Tensor.of(buffer, offset + layout.slot(first).offset(), rows, cols);
    }

    /** {@return everything, padding included, as one row} */
    public Tensor flat() {
        return Tensor.of(buffer, offset, 1, Math.toIntExact(layout.size()));
    }

    @Override
    public void close() {
        buffer.close();
    }
}
