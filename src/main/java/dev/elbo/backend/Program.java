package dev.elbo.backend;

/** Operations recorded once to be run many times: no checks, no allocation, no waiting. */
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
