package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** A block of pinned host memory, which the device copies to and from by itself. */
public final class PinnedMemory extends Resource {
    private final Pointer pointer = new Pointer();
    private final ByteBuffer buffer;

    /** @throws ElboException unavailable, if there is not enough */
    public PinnedMemory(Context context, int bytes) {
        super(context);
        int code = Status.codeOf(() -> JCudaDriver.cuMemAllocHost(pointer, bytes));
        if (code == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            throw ElboException.unavailable(
                    "no pinned memory for " + bytes + " bytes; raise the limit of locked memory");
        }
        context.check(code, "cuMemAllocHost of " + bytes + " bytes");
        this.buffer = pointer.getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
        made();
    }

    /** {@return all of it, in the machine's byte order; not to be touched during a copy, nor after closing} */
    public ByteBuffer buffer() {
        return buffer;
    }

    Pointer at(long byteOffset) {
        return byteOffset == 0 ? pointer : pointer.withByteOffset(byteOffset);
    }

    @Override
    void free() {
        context.check(() -> JCudaDriver.cuMemFreeHost(pointer), "cuMemFreeHost");
    }
}
