package dev.elbo.backend;

import dev.elbo.tensor.Tensor;
import java.nio.ByteBuffer;

/**
 * Two slots for uploads to the backend: the host fills one while the device works on the other. The life cycle of a
 * slot:
 *
 * <pre>{@code
 * uploads.hostBuffer(i) …   // fill it with rows
 * uploads.upload(i, rows);
 * program.run(); …        // operations that read slot(i)
 * uploads.release(i);
 * }</pre>
 *
 * <p>Nothing but {@link #hostBuffer} waits. Slots are numbered 0 to {@link #SLOTS} − 1; other numbers are an {@link
 * IndexOutOfBoundsException}, any use after closing is an {@link IllegalStateException}.
 */
public interface UploadBuffers extends AutoCloseable {
    /** Number of slots. */
    int SLOTS = 2;

    /**
     * Returns the slot's tensor in backend memory, rows × cols, the same every time: programs are recorded on it. Only
     * the rows of the last {@link #upload} are defined, and only between that and {@link #release}.
     *
     * @param i number of the slot
     * @return the tensor
     */
    Tensor slot(int i);

    /**
     * Waits until the last copy out of this slot's host memory is done, and hands it out to be filled anew: the same
     * buffer every time, of rows × cols elements in the machine's byte order, row-major from its start, whatever
     * position and limit say. UINT8 are bytes, REAL is float32 on every backend. What is written after {@link #upload}
     * without coming here first may or may not arrive.
     *
     * @param i number of the slot
     * @return the buffer
     */
    ByteBuffer hostBuffer(int i);

    /**
     * Queues the copy of the first {@code rows} rows of the host memory to {@link #slot}. It comes after everything
     * that was queued before the last {@link #release} of this slot, and may overtake what was queued since; operations
     * queued from now on wait for it.
     *
     * @param i number of the slot
     * @param rows at least 1
     * @throws IndexOutOfBoundsException for less than one row or more than the slot has
     */
    void upload(int i, int rows);

    /**
     * Declares that the operations queued so far were the last to use this slot until its next upload.
     *
     * @param i number of the slot
     */
    void release(int i);

    /** Waits for the copies under way and frees both slots. Closing twice does nothing. */
    @Override
    void close();
}
