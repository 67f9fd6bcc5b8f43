package dev.elbo.tensor;

import java.util.Set;

/**
 * One buffer with a layout: the owner of all memory of a kind (parameters, their gradients, moments, activations), seen
 * through named views. Optimiser and checkpoint treat it as the one row {@link #flat()}.
 */
public final class Arena implements AutoCloseable {
    private final Buffer buffer;
    private final Layout layout;

    /**
     * Takes over the buffer.
     *
     * @throws IllegalArgumentException if the buffer is smaller than the layout
     */
    public Arena(Buffer buffer, Layout layout) {
        if (buffer.size() < layout.size()) {
            throw new IllegalArgumentException("buffer of " + buffer.size() + " for a layout of " + layout.size());
        }
        this.buffer = buffer;
        this.layout = layout;
    }

    public Layout layout() {
        return layout;
    }

    public Set<String> names() {
        return layout.slots().keySet();
    }

    public Tensor tensor(String name) {
        Layout.Slot slot = layout.slot(name);
        return Tensor.of(buffer, slot.offset(), slot.rows(), slot.cols());
    }

    /** A dense {@code rows × cols} view that starts where {@code first} does: neighbours of one group seen as one. */
    public Tensor span(String first, int rows, int cols) {
        return Tensor.of(buffer, layout.slot(first).offset(), rows, cols);
    }

    /** Everything, padding included, as one row. */
    public Tensor flat() {
        return Tensor.of(buffer, 0, 1, Math.toIntExact(layout.size()));
    }

    @Override
    public void close() {
        buffer.close();
    }
}
