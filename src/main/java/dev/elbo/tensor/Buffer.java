package dev.elbo.tensor;

import java.util.Set;

/**
 * Memory of a backend, closed by the code that allocated it. Reading waits for the operations already queued; writing
 * is ordered behind them. Java arrays go in and out as they are: {@code float[]} and {@code double[]} for {@link
 * ElementType#REAL}, and the matching array type for the others.
 *
 * <p>Closing twice does nothing; any use after closing is an {@link IllegalStateException}.
 */
public abstract class Buffer implements AutoCloseable {
    /** The methods that make buffers for their callers. */
    private static final Set<String> MAKERS = Set.of("<init>", "allocate", "newBuffer", "uploadBuffers", "slot");

    private final ElementType type;
    private final long size;
    private final Set<Buffer> open;
    private final StackTraceElement origin;
    private volatile boolean closed;

    /**
     * Creates a buffer, counted as open from now on.
     *
     * @param type type of the elements
     * @param size elements
     * @param open the owner's set of open buffers; this one enters it here and leaves it on {@link #close()}
     */
    protected Buffer(ElementType type, long size, Set<Buffer> open) {
        this.type = type;
        this.size = size;
        this.open = open;
        this.origin = StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> !MAKERS.contains(frame.getMethodName()))
                        .findFirst()
                        .map(StackWalker.StackFrame::toStackTraceElement)
                        .orElseThrow());
        open.add(this);
    }

    /** {@return the type of its elements} */
    public final ElementType type() {
        return type;
    }

    /** {@return number of elements} */
    public final long size() {
        return size;
    }

    /** {@return the place of its allocation in the code, for reports of leaks} */
    public final StackTraceElement origin() {
        return origin;
    }

    /**
     * {@return whether it belongs to the owner of this set of open buffers}
     *
     * @param owner a set of open buffers
     */
    public final boolean ownedBy(Set<Buffer> owner) {
        return open == owner;
    }

    /** {@return whether it is closed} */
    public final boolean isClosed() {
        return closed;
    }

    /**
     * Checks that the buffer is open.
     *
     * @throws IllegalStateException if closed
     */
    public final void requireOpen() {
        if (closed) {
            throw new IllegalStateException("buffer made at " + origin + " is closed");
        }
    }

    @Override
    public final void close() {
        if (!closed) {
            closed = true;
            open.remove(this);
            release();
        }
    }

    /**
     * Copies {@code count} elements from {@code source[from…]} to this buffer's elements {@code at…}.
     *
     * @param at first element of this buffer
     * @param source array of the matching type
     * @param from first element of the array
     * @param count elements
     * @throws IndexOutOfBoundsException outside either
     * @throws IllegalStateException if closed, or if this buffer does not take such an array
     */
    public final void write(long at, Object source, int from, int count) {
        check(at, source, from, count);
        copyIn(at, source, from, count);
    }

    /**
     * Copies {@code count} elements {@code at…} of this buffer to {@code target[to…]}; errors as for {@link #write}.
     *
     * @param at first element of this buffer
     * @param target array of the matching type
     * @param to first element of the array
     * @param count elements
     */
    public final void read(long at, Object target, int to, int count) {
        check(at, target, to, count);
        copyOut(at, target, to, count);
    }

    private void check(long at, Object array, int from, int count) {
        requireOpen();
        boolean fits = switch (type) {
            case REAL -> array instanceof float[] || array instanceof double[];
            case FLOAT64 -> array instanceof double[];
            case INT32 -> array instanceof int[];
            case UINT8 -> array instanceof byte[];
        };
        if (!fits) {
            throw new IllegalStateException(
                    type + " buffer does not take " + array.getClass().getSimpleName());
        }
        if (at < 0 || count < 0 || from < 0 || at + count > size || from + count > lengthOf(array)) {
            throw new IndexOutOfBoundsException("elements " + at + " to " + (at + count) + " of " + size + ", array "
                    + from + " to " + (from + count) + " of " + lengthOf(array));
        }
    }

    private static int lengthOf(Object array) {
        return java.lang.reflect.Array.getLength(array);
    }

    /**
     * Writes as {@link #write} does, after its checks.
     *
     * @param at first element of this buffer
     * @param source array of the matching type
     * @param from first element of the array
     * @param count elements
     */
    protected abstract void copyIn(long at, Object source, int from, int count);

    /**
     * Reads as {@link #read} does, after its checks.
     *
     * @param at first element of this buffer
     * @param target array of the matching type
     * @param to first element of the array
     * @param count elements
     */
    protected abstract void copyOut(long at, Object target, int to, int count);

    /** Frees the memory; called once. */
    protected abstract void release();
}
