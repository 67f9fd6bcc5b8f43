package dev.elbo.cuda.driver;

import java.util.function.IntSupplier;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/** A mark in a stream, to be waited for by the host or by another stream. */
public final class Event extends Resource {
    private final CUevent handle = new CUevent();
    /** Made once: upload buffers wait in every step. */
    private final IntSupplier waiting = () -> JCudaDriver.cuEventSynchronize(handle);

    public Event(Context context) {
        this(context, CUevent_flags.CU_EVENT_DISABLE_TIMING);
    }

    private Event(Context context, int flags) {
        super(context);
        context.check(() -> JCudaDriver.cuEventCreate(handle, flags), "cuEventCreate");
        made();
    }

    /** {@return an event that keeps the time at which the device reached it; waiting for it costs more} */
    public static Event timed(Context context) {
        return new Event(context, CUevent_flags.CU_EVENT_DEFAULT);
    }

    CUevent handle() {
        return handle;
    }

    /** Waits until the device has reached it; returns at once if the event was never recorded. */
    public void synchronize() {
        context.check(waiting, "cuEventSynchronize");
    }

    /** {@return the device's seconds between two timed events that it has reached, exact to some 0.5 µs} */
    public double secondsSince(Event earlier) {
        float[] milliseconds = new float[1];
        context.check(() -> JCudaDriver.cuEventElapsedTime(milliseconds, earlier.handle, handle), "cuEventElapsedTime");
        return milliseconds[0] * 1e-3;
    }

    @Override
    void free() {
        context.check(() -> JCudaDriver.cuEventDestroy(handle), "cuEventDestroy");
    }
}
