package dev.elbo.backend;

import dev.elbo.error.ElboException;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What the backends on the host share: memory in Java arrays, operations that run when they are called, and programs that
 * are lists of them.
 */
public abstract class HostBackend implements Backend {
    private static final System.Logger LOG = System.getLogger(HostBackend.class.getName());

    private final Set<Buffer> open = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Thread> user = new AtomicReference<>();
    private Ops ops;
    private List<Runnable> recording;
    private Set<Buffer> recordedBuffers;
    private volatile boolean closed;

    /** The operations of this backend; asked for once, before the first use. */
    protected abstract RawOps raw();

    /** An array-backed buffer of this size, entered in {@code open}. */
    protected abstract Buffer newBuffer(ElementType type, int size, Set<Buffer> open);

    @Override
    public final Buffer allocate(ElementType type, long size) {
        requireOpen();
        if (size < 1) {
            throw new IllegalArgumentException("a buffer of " + size + " elements");
        }
        if (size > Integer.MAX_VALUE - 8) {
            throw ElboException.unavailable("the " + name() + " backend holds at most " + (Integer.MAX_VALUE - 8)
                    + " elements in one buffer, " + size + " were asked for; use a smaller batch or model");
        }
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

    /** Whoever records is the backend's user meanwhile, so that no other thread's operations get into the program. */
    private boolean isRecordingHere() {
        return user.get() == Thread.currentThread() && recording != null;
    }

    private void submit(Runnable command) {
        if (isRecordingHere()) {
            recording.add(command);
        } else {
            enter();
            try {
                command.run();
            } finally {
                user.set(null);
            }
        }
    }

    private void enter() {
        requireOpen();
        if (isRecordingHere()) {
            throw new IllegalStateException("the " + name() + " backend is recording; end that first");
        }
        if (!user.compareAndSet(null, Thread.currentThread())) {
            throw new IllegalStateException("the " + name() + " backend is in use by another thread");
        }
    }

    @Override
    public final Program record(Runnable body) {
        enter();
        recording = new ArrayList<>();
        recordedBuffers = new HashSet<>();
        try {
            body.run();
            return new CommandList(recording.toArray(Runnable[]::new), recordedBuffers.toArray(Buffer[]::new));
        } finally {
            recording = null;
            recordedBuffers = null;
            user.set(null);
        }
    }

    private final class CommandList implements Program {
        private final Buffer[] buffers;
        private Runnable[] commands;

        CommandList(Runnable[] commands, Buffer[] buffers) {
            this.commands = commands;
            this.buffers = buffers;
        }

        @Override
        public void run() {
            Runnable[] list = commands;
            if (list == null) {
                throw new IllegalStateException("program is closed");
            }
            for (Buffer buffer : buffers) {
                buffer.requireOpen();
            }
            enter();
            try {
                for (Runnable command : list) {
                    command.run();
                }
            } finally {
                user.set(null);
            }
        }

        @Override
        public void close() {
            commands = null;
        }
    }

    @Override
    public final void synchronize() {
        requireOpen();
    }

    @Override
    public final Collection<Buffer> openBuffers() {
        return List.copyOf(open);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the " + name() + " backend is closed");
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Buffer buffer : openBuffers()) {
            LOG.log(System.Logger.Level.WARNING, "buffer made at {0} was never closed", buffer.origin());
            buffer.close();
        }
    }

    @Override
    public long freeMemory() {
        requireOpen();
        return Long.MAX_VALUE;
    }

    @Override
    public int stepsPerProgram() {
        return 1;
    }

    @Override
    public Feed feed(ElementType type, int rows, int cols) {
        requireOpen();
        return new HostFeed(this, type, rows, cols);
    }
}
