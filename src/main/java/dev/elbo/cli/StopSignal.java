package dev.elbo.cli;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;

/**
 * A flag for long work that SIGINT and SIGTERM set. The virtual machine ends only after {@link #close}, with the
 * signal's exit code, so what was printed and flushed before that is there.
 */
final class StopSignal implements AutoCloseable {
    /** Exit code of SIGINT, should the virtual machine not be ending by itself. */
    static final int EXIT_CODE = 130;

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook;
    private volatile boolean given;

    StopSignal(PrintWriter err) {
        hook = new Thread(
                () -> {
                    given = true;
                    err.println("stopping");
                    try {
                        closed.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "stop");
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the signal came before: the virtual machine is on its way out
            given = true;
        }
    }

    boolean given() {
        return given;
    }

    @Override
    public void close() {
        closed.countDown();
        if (!given) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // the signal came just now: the hook runs, and is let go
            }
        }
    }
}
