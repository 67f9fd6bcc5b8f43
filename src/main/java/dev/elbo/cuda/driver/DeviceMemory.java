package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** A block of device memory. */
public final class DeviceMemory extends Resource {
    private final CUdeviceptr pointer = new CUdeviceptr();
    private final long bytes;

    /**
     * Allocates memory whose content is not defined.
     *
     * @throws ElboException unavailable, if there is not enough, with what was asked for and what is free
     */
    public DeviceMemory(Context context, long bytes) {
        super(context);
        this.bytes = bytes;
        int code = Status.codeOf(() -> JCudaDriver.cuMemAlloc(pointer, bytes));
        if (code == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            throw ElboException.unavailable(
                    context.device().label() + ": no memory for " + mebibytes(bytes) + ", "
                            + mebibytes(context.freeMemory()) + " of "
                            + mebibytes(context.device().memory())
                            + " are free; use a smaller batch or model, DataPlacement.STREAMED, or end other work on the device");
        }
        context.check(code, "cuMemAlloc of " + bytes + " bytes");
        made();
    }

    static String mebibytes(long bytes) {
        return (bytes + (1 << 20) - 1 >> 20) + " MiB";
    }

    public long bytes() {
        return bytes;
    }

    /** {@return its device address} */
    public long address() {
        return Address.of(pointer);
    }

    CUdeviceptr at(long byteOffset) {
        return byteOffset == 0 ? pointer : pointer.withByteOffset(byteOffset);
    }

    @Override
    void free() {
        context.check(() -> JCudaDriver.cuMemFree(pointer), "cuMemFree");
    }
}
