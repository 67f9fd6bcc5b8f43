package dev.elbo.error;

import java.util.concurrent.CancellationException;

/**
 * Cancellation by interrupt: long work of the library stops at its next boundary (an epoch, an iteration, a batch) with
 * a {@link CancellationException}, closes what it opened, and leaves the thread's interrupt status set, as a caller
 * that works with {@link Thread#interrupt()} or {@code Future.cancel(true)} expects.
 */
public final class Interruption {
    private Interruption() {}

    /**
     * Throws if the thread was interrupted.
     *
     * @param work name of the work that stops, for the message
     * @throws CancellationException if it was; the interrupt status stays
     */
    public static void throwIfInterrupted(String work) {
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException(work + " was interrupted");
        }
    }

    /**
     * Sets the interrupt status that a wait cleared, and makes the exception to throw.
     *
     * @param work name of the work that stops, for the message
     * @param cause the exception of the wait
     * @return to be thrown
     */
    public static CancellationException stopped(String work, InterruptedException cause) {
        Thread.currentThread().interrupt();
        CancellationException stopped = new CancellationException(work + " was interrupted");
        stopped.initCause(cause);
        return stopped;
    }
}
