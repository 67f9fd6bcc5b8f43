package dev.elbo.backend;

import dev.elbo.tensor.Tensor;
import java.util.Map;

/**
 * A timer of a backend's operations: its clock, and the two operations that bound the others, a copy and a product. All
 * calls are queued in order; only {@link #seconds()} waits. None can be recorded.
 */
public interface BackendTimer extends AutoCloseable {
    /** {@return facts that times depend on, by name, in display order: "device", and facts about it} */
    Map<String, String> hardwareInfo();

    /** {@return whether the device takes the time, which then excludes the host's} */
    boolean usesDeviceClock();

    /** Starts the clock when everything queued before has run. */
    void start();

    /** Stops the clock when everything queued before has run. */
    void stop();

    /**
     * Waits, and returns the time from {@link #start()} to {@link #stop()}.
     *
     * @return the time in between, in seconds
     * @throws IllegalStateException if one of them was not called
     */
    double seconds();

    /**
     * Copies elements of REAL from one dense tensor to another of as many.
     *
     * @param from dense, REAL
     * @param to dense, REAL, as many elements
     */
    void copy(Tensor from, Tensor to);

    /**
     * Queues y = x · weightᵀ and nothing else: x is R × in, weight out × in, y R × out, all dense.
     *
     * @param x R × in
     * @param weight out × in
     * @param y R × out, written
     */
    void product(Tensor x, Tensor weight, Tensor y);

    /** {@return the counts of what programs have queued so far; all 0 if a program is a plain list} */
    ProgramCounts counts();

    @Override
    void close();
}
