package dev.elbo.backend;

import dev.elbo.error.ElboException;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The common part of all backends: one user at a time, on any thread; a list of the open buffers; and operations that
 * run when they are called or are recorded into programs.
 *
 * @hidden
 */
public abstract class SerialBackend implements Backend {
    private static final System.Logger LOG = System.getLogger(SerialBackend.class.getName());

    private static final double FLOAT_ROUNDOFF = 0x1p-24;

    /** The buffers not closed yet, in the order in which they were made; buffers enter and leave it themselves. */
    protected final Set<Buffer> open = Collections.synchronizedSet(new LinkedHashSet<>());

    private final AtomicReference<Thread> user = new AtomicReference<>();
    private Ops ops;
    private List<Runnable> recording;
    private Set<Buffer> recordedBuffers;
    private volatile boolean closed;

    /** The work of a program. */
    protected interface Executable extends Runnable {
        /** Frees its resources. */
        default void release() {}
    }

    /** Makes the operations of this backend; called once, before the first use. */
    protected abstract RawOps raw();

    /** Compiles the commands of a program into one. */
    protected abstract Executable compile(Runnable[] commands);

    /** Called before the first operation of a program is made. */
    protected void beginRecording() {}

    /** Called when a program has been compiled, or has failed. */
    protected void endRecording() {}

    /** Called before and after everything that the user does, on the user's thread. */
    protected void attach() {}

    /** See {@link #attach()}. */
    protected void detach() {}

    @Override
    public final Ops ops() {
        requireOpen();
        if (ops == null) {
            ops = new Ops(raw(), this::submit, this::use);
        }
        return ops;
    }

    private boolean use(Buffer buffer) {
        if (isRecordingHere()) {
            recordedBuffers.add(buffer);
        }
        return buffer.ownedBy(open);
    }

    /**
     * Returns whether this thread records: as the backend's user, so that no other thread's operations are recorded.
     */
    private boolean isRecordingHere() {
        return user.get() == Thread.currentThread() && recording != null;
    }

    private void submit(Runnable command) {
        if (isRecordingHere()) {
            recording.add(command);
        } else {
            exclusively(command);
        }
    }

    /** Runs work as the backend's only user. */
    protected final void exclusively(Runnable work) {
        if (isRecordingHere()) {
            work.run();
            return;
        }
        enter();
        try {
            work.run();
        } finally {
            leave();
        }
    }

    private void enter() {
        requireOpen();
        if (isRecordingHere()) {
            throw new IllegalStateException("the " + name() + " backend is recording; end the recording first");
        }
        if (!user.compareAndSet(null, Thread.currentThread())) {
            throw new IllegalStateException("the " + name() + " backend is in use by another thread");
        }
        try {
            attach();
        } catch (Throwable thrown) {
            user.set(null);
            throw thrown;
        }
    }

    private void leave() {
        try {
            detach();
        } finally {
            user.set(null);
        }
    }

    @Override
    public final Program record(Runnable body) {
        enter();
        recording = new ArrayList<>();
        recordedBuffers = new HashSet<>();
        try {
            beginRecording();
            body.run();
            return new Recorded(compile(recording.toArray(Runnable[]::new)), recordedBuffers.toArray(Buffer[]::new));
        } finally {
            recording = null;
            recordedBuffers = null;
            endRecording();
            leave();
        }
    }

    private final class Recorded implements Program {
        private final Buffer[] buffers;
        private Executable executable;

        Recorded(Executable executable, Buffer[] buffers) {
            this.executable = executable;
            this.buffers = buffers;
        }

        @Override
        public void run() {
            Executable work = executable;
            if (work == null) {
                throw new IllegalStateException("program is closed");
            }
            for (Buffer buffer : buffers) {
                buffer.requireOpen();
            }
            enter();
            try {
                work.run();
            } finally {
                leave();
            }
        }

        @Override
        public void close() {
            Executable work = executable;
            executable = null;
            if (work != null) {
                work.release();
            }
        }
    }

    @Override
    public final List<Buffer> openBuffers() {
        return List.copyOf(open);
    }

    @Override
    public long allocatedBytes() {
        return openBuffers().stream().mapToLong(this::bytes).sum();
    }

    /** @throws ElboException unavailable, for a buffer longer than there are any */
    protected final void requireLength(long size) {
        if (size < 1) {
            throw new IllegalArgumentException("a buffer has at least 1 element, not " + size);
        }
        if (size > longestBuffer()) {
            throw ElboException.unavailable("the " + name() + " backend holds at most " + longestBuffer()
                    + " elements in one buffer, not " + size + "; use a smaller batch or model");
        }
    }

    /** Returns the bytes of a buffer's memory. */
    protected final long bytes(Buffer buffer) {
        return buffer.size() * bytes(buffer.type());
    }

    /** Returns the bytes of an element. */
    protected final int bytes(ElementType type) {
        return switch (type) {
            case REAL -> unitRoundoff() < FLOAT_ROUNDOFF ? Double.BYTES : Float.BYTES;
            case FLOAT64 -> Double.BYTES;
            case INT32 -> Integer.BYTES;
            case UINT8 -> Byte.BYTES;
        };
    }

    /** @throws IllegalStateException if closed */
    protected final void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the " + name() + " backend is closed");
        }
    }

    /** Returns whether {@link #close()} was called. */
    protected final boolean isClosed() {
        return closed;
    }

    /** Frees the backend's own resources, once, after the buffers. */
    protected void dispose() {}

    @Override
    public final void close() {
        if (closed) {
            return;
        }
        if (!user.compareAndSet(null, Thread.currentThread())) {
            throw new IllegalStateException("the " + name() + " backend is in use and cannot be closed");
        }
        closed = true;
        try {
            List<Buffer> left = openBuffers();
            if (!left.isEmpty()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the {0} backend was closed with {1} of its buffers still open, the first of them made at {2}; close"
                                + " what uses a backend before the backend",
                        name(),
                        Integer.toString(left.size()),
                        left.get(0).origin());
            }
            left.forEach(Buffer::close);
        } finally {
            dispose();
        }
    }
}
