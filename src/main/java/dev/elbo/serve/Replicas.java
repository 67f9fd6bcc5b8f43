package dev.elbo.serve;

import dev.elbo.error.ElboException;
import dev.elbo.error.Interruption;
import dev.elbo.tensor.Closer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The pool that lends replicas, first come, first served. A replica whose device failed is lent no more. */
final class Replicas implements AutoCloseable {
    private static final Duration MAX_TIMEOUT = Duration.ofNanos(Long.MAX_VALUE);

    /** A permit for each free replica, and a permanent one once no replica works, so that waiting calls fail. */
    private final Semaphore permits;

    private final Deque<Replica> free;
    private final Closer closer = new Closer();
    /** Nanoseconds that a call waits for a replica, 292 years without a limit. */
    private final long timeout;

    private final Object closing = new Object();
    private int alive;
    private boolean closed;
    private boolean freed;
    private ElboException failure;

    /**
     * Takes over the replicas; a null timeout, or more nanoseconds than a long holds, is no limit for a waiting call.
     */
    Replicas(List<Replica> replicas, Duration timeout) {
        this.permits = new Semaphore(replicas.size(), true);
        this.free = new ArrayDeque<>(replicas);
        this.timeout = timeout == null || timeout.compareTo(MAX_TIMEOUT) > 0 ? Long.MAX_VALUE : timeout.toNanos();
        this.alive = replicas.size();
        replicas.forEach(closer::register);
    }

    /** {@return the first failure of a device, or null} */
    synchronized ElboException failure() {
        return failure;
    }

    /** {@return the number of replicas that work, lent or free} */
    synchronized int alive() {
        return alive;
    }

    /** Waits for a replica and works with it. */
    void use(Consumer<Replica> work) {
        await();
        Replica replica = take();
        boolean lost = false;
        try {
            work.accept(replica);
        } catch (ElboException e) {
            lost = e.kind() == ElboException.Kind.DEVICE;
            if (lost) {
                lose(e);
            }
            throw e;
        } finally {
            if (!lost) {
                synchronized (this) {
                    free.push(replica);
                }
                permits.release();
            }
        }
    }

    private void await() {
        requireOpen();
        try {
            if (!permits.tryAcquire(timeout, TimeUnit.NANOSECONDS)) {
                throw ElboException.unavailable("no replica was free within " + TimeUnit.NANOSECONDS.toMillis(timeout)
                        + " ms; all " + alive() + " are busy; use more replicas or a longer timeout");
            }
        } catch (InterruptedException e) {
            throw Interruption.stopped("waiting for a replica", e);
        }
    }

    private synchronized Replica take() {
        try {
            requireOpen();
            if (alive == 0) {
                throw ElboException.device("all replicas have failed, the first with: " + failure.getMessage()
                        + "; close the service and open a new one");
            }
            return free.pop();
        } catch (RuntimeException e) {
            permits.release(); // for the next waiting call
            throw e;
        }
    }

    private synchronized void lose(ElboException e) {
        if (failure == null) {
            failure = e;
        }
        alive--;
        if (closed || alive == 0) {
            permits.release();
        }
    }

    private synchronized void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the service is closed");
        }
    }

    /** Lets the calls under way finish, turns away those that wait, and frees all replicas. */
    @Override
    public void close() {
        synchronized (closing) {
            if (freed) {
                return;
            }
            freed = true;
            int underWay;
            synchronized (this) {
                closed = true;
                underWay = Math.max(1, alive);
            }
            permits.acquireUninterruptibly(underWay);
            try {
                closer.close();
            } finally {
                permits.release();
            }
        }
    }
}
