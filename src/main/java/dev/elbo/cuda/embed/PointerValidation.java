package dev.elbo.cuda.embed;

import dev.elbo.cuda.driver.Context;
import dev.elbo.cuda.driver.PointerFacts;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;

/** The questions to the driver of {@link ElboKernels.Validation#DRIVER}. */
final class PointerValidation {
    private final Context context;
    private final String op;

    PointerValidation(Context context, String op) {
        this.context = context;
        this.op = op;
    }

    void stream(CUstream stream) {
        if (!context.isCurrent()) {
            context.requireThere();
            throw new IllegalStateException(op + ": another context than that of the kernels is current in thread "
                    + Thread.currentThread().getName());
        }
        if (stream != null && !context.owns(stream)) {
            throw new IllegalStateException(op + ": the stream is not one of the kernels' context, or was destroyed");
        }
    }

    void memory(String name, CUdeviceptr pointer, long address, long bytes) {
        PointerFacts facts = PointerFacts.of(context, pointer);
        String where = op + ": " + name + " at 0x" + Long.toHexString(address);
        if (facts == null) {
            throw new IllegalArgumentException(where + " is not device memory, or was freed");
        }
        if (facts.context() != 0 && !context.is(facts.context())) {
            throw new IllegalArgumentException(where + " is memory of another context");
        }
        long left = facts.base() + facts.bytes() - address;
        if (bytes > left) {
            throw new IllegalArgumentException(
                    where + " needs " + bytes + " bytes, " + left + " are left of an allocation of " + facts.bytes());
        }
    }
}
