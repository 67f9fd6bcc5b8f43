package dev.elbo.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUmemorytype;
import jcuda.driver.CUpointer_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * The driver's information on a device pointer.
 *
 * @param context its maker's, as a number; 0 if the memory belongs to none
 * @param base start of its allocation
 * @param bytes of its allocation
 */
public record PointerFacts(long context, long base, long bytes) {
    /**
     * Asks the driver; returns null if the pointer is not memory of a device.
     *
     * @param asking the one that is current
     * @throws dev.elbo.error.ElboException device, if the driver tells of something else than the pointer
     */
    public static PointerFacts of(Context asking, CUdeviceptr pointer) {
        // not arrays, which would keep the garbage collector out while the driver is asked
        ByteBuffer type = answer();
        ByteBuffer context = answer();
        long[] bytes = new long[1];
        CUdeviceptr base = new CUdeviceptr();
        String question = "cuPointerGetAttribute";
        if (!isKnown(asking, asked(type, CUpointer_attribute.CU_POINTER_ATTRIBUTE_MEMORY_TYPE, pointer), question)
                || type.getInt(0) != CUmemorytype.CU_MEMORYTYPE_DEVICE) {
            return null;
        }
        int range = Status.codeOf(() -> JCudaDriver.cuMemGetAddressRange(base, bytes, pointer));
        if (!isKnown(asking, range, "cuMemGetAddressRange")) {
            return null;
        }
        // memory of a pool has no context, and some drivers refuse the question
        int refused = asked(context, CUpointer_attribute.CU_POINTER_ATTRIBUTE_CONTEXT, pointer);
        if (Status.isSticky(refused)) {
            asking.check(refused, question);
        }
        return new PointerFacts(context.getLong(0), Address.of(base), bytes[0]);
    }

    private static boolean isKnown(Context asking, int code, String call) {
        if (code == CUresult.CUDA_ERROR_INVALID_VALUE || code == CUresult.CUDA_ERROR_NOT_FOUND) {
            return false;
        }
        asking.check(code, call);
        return true;
    }

    private static ByteBuffer answer() {
        return ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
    }

    private static int asked(ByteBuffer answer, int attribute, CUdeviceptr pointer) {
        return Status.codeOf(() -> JCudaDriver.cuPointerGetAttribute(Pointer.to(answer), attribute, pointer));
    }
}
