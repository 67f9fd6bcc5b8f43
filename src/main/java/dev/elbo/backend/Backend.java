package dev.elbo.backend;

import dev.elbo.error.ElboException;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Layout;
import dev.elbo.tensor.Tensor;
import java.util.Collection;

/**
 * A place where the operations of a VAE run: owner of memory, executor of {@link Ops}. It is used by one thread at a
 * time; operations are queued in order and read results wait for them.
 */
public interface Backend extends AutoCloseable {
    /** {@return its name on the command line: "cpu", "reference", …} */
    String name();

    /** {@return one line for people: what it computes with} */
    String description();

    /** {@return SHA-256 of the device code that it runs, in hexadecimal; empty where there is none} */
    default String kernelHash() {
        return "";
    }

    /** {@return half the distance from 1 to the next number of its working precision: 2⁻²⁴ for float32} */
    double unitRoundoff();

    /**
     * {@return what the operands of its matrix products are rounded to: {@link #unitRoundoff()}, or more on tensor
     * cores}
     */
    default double productRoundoff() {
        return unitRoundoff();
    }

    /**
     * {@return zeroed memory, to be closed by the caller}
     *
     * @param type what it holds
     * @param size elements, at least 1
     * @throws dev.elbo.error.ElboException if there is not enough
     */
    Buffer allocate(ElementType type, long size);

    /**
     * {@return zeroed memory of REAL for a layout}
     *
     * @param layout where the matrices lie
     */
    default Arena allocate(Layout layout) {
        return new Arena(allocate(ElementType.REAL, Math.max(1, layout.size())), layout);
    }

    /**
     * {@return zeroed memory for one dense matrix}
     *
     * @param type what it holds
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
     * {@return bytes of its memory that it has taken and not given back: those of the open buffers, and on a device what the
     * backend itself keeps there; what a driver takes for its own ends is not known}
     */
    long allocatedBytes();

    /** {@return bytes that new buffers may take, about; on the host, what Java may still allocate} */
    long freeMemory();

    /** {@return elements that a buffer may have, whatever is free} */
    default long longestBuffer() {
        return Long.MAX_VALUE;
    }

    /** {@return how many steps are worth recording into one program: 1 where a program is a plain list} */
    int stepsPerProgram();

    /**
     * Two buffers of rows × cols that are filled while the device works on the other; to be closed by the caller.
     *
     * @param type UINT8 or REAL
     * @param rows at least 1
     * @param cols at least 1
     * @return them, to be closed
     * @throws dev.elbo.error.ElboException if there is not enough memory
     */
    UploadBuffers uploadBuffers(ElementType type, int rows, int cols);

    /**
     * {@return what its speed is measured with; to be closed by the caller}
     *
     * @throws ElboException unavailable, for a backend that is not made for speed
     */
    default BackendTimer timer() {
        throw ElboException.unavailable(
                "backend " + name() + " is not made for speed and is not timed; take cuda or cpu");
    }

    /** Frees everything; buffers still open are closed too, and one warning says how many and where the first was made. */
    @Override
    void close();
}
