package dev.elbo.backend;

import dev.elbo.error.ElboException;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Layout;
import dev.elbo.tensor.Tensor;
import java.util.Collection;

/**
 * A runner of the operations of a VAE: it owns memory and executes {@link Ops}. One thread at a time uses it.
 * Operations are queued in order, and reading a result waits for them.
 */
public interface Backend extends AutoCloseable {
    /** {@return its name on the command line: "cpu", "reference", …} */
    String name();

    /** {@return a one-line description: precision, library, device} */
    String description();

    /** {@return the SHA-256 of its device code, in hexadecimal; empty without any} */
    default String kernelHash() {
        return "";
    }

    /** {@return half the distance from 1 to the next number of its working precision: 2⁻²⁴ for float32} */
    double unitRoundoff();

    /**
     * {@return the unit roundoff of the operands of its matrix products: {@link #unitRoundoff()}, or more on tensor
     * cores}
     */
    default double productRoundoff() {
        return unitRoundoff();
    }

    /**
     * {@return zeroed memory, to be closed by the caller}
     *
     * @param type of its elements
     * @param size elements, at least 1
     * @throws dev.elbo.error.ElboException if there is not enough
     */
    Buffer allocate(ElementType type, long size);

    /**
     * {@return zeroed memory of REAL for a layout}
     *
     * @param layout the places of the matrices
     */
    default Arena allocate(Layout layout) {
        return new Arena(allocate(ElementType.REAL, Math.max(1, layout.size())), layout);
    }

    /**
     * {@return zeroed memory for one dense matrix}
     *
     * @param type of its elements
     * @param rows at least 1
     * @param cols at least 1
     */
    default Tensor allocate(ElementType type, int rows, int cols) {
        return Tensor.of(allocate(type, (long) rows * cols), rows, cols);
    }

    /** {@return the operations, checked} */
    Ops ops();

    /**
     * Records the operations that {@code body} calls, without running them. What they read and write when the program
     * runs is what their tensors hold then.
     *
     * @param body calls operations of {@link #ops()}
     * @return the program, to be closed by the caller
     */
    Program record(Runnable body);

    /** Waits for everything queued. */
    void synchronize();

    /** {@return buffers not closed yet} */
    Collection<Buffer> openBuffers();

    /**
     * {@return bytes of memory in use: those of the open buffers, and on a device those of the backend itself; the
     * driver's own are not included}
     */
    long allocatedBytes();

    /** {@return about how many bytes new buffers may take; on the host, the free part of the Java heap} */
    long freeMemory();

    /** {@return the largest number of elements of a buffer, however much memory is free} */
    default long longestBuffer() {
        return Long.MAX_VALUE;
    }

    /** {@return the number of steps worth recording into one program; 1 if a program is a plain list} */
    int stepsPerProgram();

    /**
     * Allocates two buffers of rows × cols, of which one is filled while the device works on the other; to be closed by
     * the caller.
     *
     * @param type UINT8 or REAL
     * @param rows at least 1
     * @param cols at least 1
     * @return them, to be closed
     * @throws dev.elbo.error.ElboException if there is not enough memory
     */
    UploadBuffers uploadBuffers(ElementType type, int rows, int cols);

    /**
     * {@return a timer of its operations; to be closed by the caller}
     *
     * @throws ElboException unavailable, for a backend that is not made for speed
     */
    default BackendTimer timer() {
        throw ElboException.unavailable(
                "backend " + name() + " is not made for speed and is not timed; use cuda or cpu");
    }

    /** Frees everything; buffers still open are closed too, and one warning says how many and where the first was made. */
    @Override
    void close();
}
