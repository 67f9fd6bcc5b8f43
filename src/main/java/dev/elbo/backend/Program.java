package dev.elbo.backend;

/** Recorded operations, to be run many times without checks, allocation or waiting. */
public interface Program extends AutoCloseable {
    /**
     * Queues all operations again.
     *
     * @throws IllegalStateException if closed
     */
    void run();

    @Override
    void close();
}
