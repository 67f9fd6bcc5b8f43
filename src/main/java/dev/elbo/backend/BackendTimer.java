package dev.elbo.backend;

import dev.elbo.tensor.Tensor;
import java.util.Map;

/**
 * What the speed of a backend's operations is measured with: its clock, and the two things that bound them, a copy and a
 * product. Like operations, all of it is queued in order; only {@link #seconds()} waits. Nothing of it can be recorded.
 */
public interface BackendTimer extends AutoCloseable {
    /** {@return what times depend on, by name, in an order for people: "device", and what belongs to it} */
    Map<String, String> hardwareInfo();

    /** {@return whether time is taken by the device, so that it holds nothing of the host's} */
    boolean usesDeviceClock();

    /** Starts the clock when everything queued before has run. */
    void start();

    /** Stops the clock when everything queued before has run. */
    void stop();

    /**
     * Waits, and tells the time from {@link #start()} to {@link #stop()}.
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
     * y = x · weightᵀ and nothing else: x is R × in, weight out × in, y R × out, all dense.
     *
     * @param x R × in
     * @param weight out × in
     * @param y R × out, written
     */
    void product(Tensor x, Tensor weight, Tensor y);

    /** {@return what programs have queued so far; nothing where a program is a plain list} */
    ProgramCounts counts();

    @Override
    void close();
}
