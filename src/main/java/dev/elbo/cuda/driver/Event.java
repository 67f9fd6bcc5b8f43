package dev.elbo.cuda.driver;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/** A mark in a stream, to be waited for by the host or by another stream. */
public final class Event extends Resource {
    private final CUevent handle = new CUevent();

    public Event(Context context) {
        super(context);
        context.check(JCudaDriver.cuEventCreate(handle, CUevent_flags.CU_EVENT_DISABLE_TIMING), "cuEventCreate");
        made();
    }

    CUevent handle() {
        return handle;
    }

    /** Waits until the device has come to it. An event that was never recorded is over at once. */
    public void synchronize() {
        context.check(JCudaDriver.cuEventSynchronize(handle), "cuEventSynchronize");
    }

    @Override
    void free() {
        context.check(JCudaDriver.cuEventDestroy(handle), "cuEventDestroy");
    }
}
