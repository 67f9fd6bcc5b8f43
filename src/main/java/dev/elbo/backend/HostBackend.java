package dev.elbo.backend;

import dev.elbo.error.ElboException;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import java.util.Set;

/**
 * The common part of the backends on the host: memory in Java arrays, operations that run when they are called, and
 * programs that are lists of them.
 *
 * @hidden
 */
public abstract class HostBackend extends SerialBackend {
    private static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

    /** Makes an array-backed buffer of this size, entered in {@code open}. */
    protected abstract Buffer newBuffer(ElementType type, int size, Set<Buffer> open);

    @Override
    public final Buffer allocate(ElementType type, long size) {
        requireOpen();
        requireLength(size);
        try {
            return newBuffer(type, (int) size, open);
        } catch (OutOfMemoryError e) {
            throw ElboException.unavailable(
                    "no memory for " + size + " elements of " + type + " on the " + name() + " backend ("
                            + (Runtime.getRuntime().maxMemory() >> 20)
                            + " MiB of heap in all); use a smaller batch, or raise -Xmx",
                    e);
        }
    }

    @Override
    protected final Executable compile(Runnable[] commands) {
        return () -> {
            for (Runnable command : commands) {
                command.run();
            }
        };
    }

    @Override
    public final void synchronize() {
        requireOpen();
    }

    @Override
    public long freeMemory() {
        requireOpen();
        Runtime java = Runtime.getRuntime();
        return java.maxMemory() - java.totalMemory() + java.freeMemory();
    }

    @Override
    public final long longestBuffer() {
        return MAX_LENGTH;
    }

    @Override
    public int stepsPerProgram() {
        return 1;
    }

    /** Returns the wall clock, for a backend that is made for speed. */
    protected final BackendTimer hostTimer() {
        requireOpen();
        return new HostBackendTimer(this);
    }

    @Override
    public UploadBuffers uploadBuffers(ElementType type, int rows, int cols) {
        requireOpen();
        return new HostUploadBuffers(this, type, rows, cols);
    }
}
