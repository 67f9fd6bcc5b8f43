package dev.elbo.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed set of threads, the caller among them, that runs the numbered blocks of one piece of work. Any thread may run
 * a block; the blocks themselves never depend on the number of threads, so neither do results. A run allocates nothing
 * and takes no lock.
 *
 * <p>Idle threads look for new work for a few microseconds, since the next operation of a step follows at once, and then
 * sleep: on a busy machine spinning would take the cores from those that have work.
 */
final class Workers implements AutoCloseable {
    @FunctionalInterface
    interface Body {
        void run(int block);
    }

    private static final int SPINS = 400;

    /** High half: number of the run; low half: next block to hand out. */
    private final AtomicLong ticket = new AtomicLong();

    private final AtomicInteger unfinished = new AtomicInteger();
    private final Thread[] threads;
    private volatile Body body;
    private volatile int blocks;
    private volatile Thread caller;
    private volatile Throwable failure;
    private volatile boolean closed;

    /** @param count threads in all, the caller's included, at least 1 */
    Workers(int count) {
        threads = new Thread[count - 1];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(this::work, "elbo-cpu-" + (i + 1));
            threads[i].setDaemon(true);
            threads[i].start();
        }
    }

    /** Runs blocks 0 to {@code count − 1} and returns when all are done. */
    void run(int count, Body work) {
        if (count == 1 || threads.length == 0) {
            for (int block = 0; block < count; block++) {
                work.run(block);
            }
            return;
        }
        long run = (ticket.get() >>> 32) + 1;
        // closes the last run, so that no thread takes a block while the next run is being set up
        ticket.set(run << 32 | Integer.MAX_VALUE);
        caller = Thread.currentThread();
        body = work;
        blocks = count;
        unfinished.set(count);
        ticket.set(run + 1 << 32);
        for (int i = 0; i < threads.length && i < count - 1; i++) {
            LockSupport.unpark(threads[i]);
        }
        drain();
        for (int spin = 0; unfinished.get() > 0; spin++) {
            if (spin < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.park(this);
            }
        }
        body = null;
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            throw new IllegalStateException("a block of the CPU backend failed: " + thrown, thrown);
        }
    }

    /** Takes blocks of the current run until none is left; whether there was one. */
    private boolean drain() {
        boolean any = false;
        while (true) {
            long now = ticket.get();
            int block = (int) now;
            Body work = body;
            if (work == null || block >= blocks) {
                return any;
            }
            // fails if another thread took the block or if the run is over, so that work and block belong together
            if (!ticket.compareAndSet(now, now + 1)) {
                continue;
            }
            any = true;
            try {
                work.run(block);
            } catch (Throwable thrown) {
                failure = thrown;
            }
            if (unfinished.decrementAndGet() == 0 && Thread.currentThread() != caller) {
                LockSupport.unpark(caller);
            }
        }
    }

    private void work() {
        int idle = 0;
        while (!closed) {
            if (drain()) {
                idle = 0;
            } else if (++idle < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.park(this);
                idle = 0;
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
    }
}
