package dev.elbo.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * A kernel with its grid and arguments, made once and launched any number of times without allocation. The arguments are one
 * buffer, laid out as the kernel has its parameters: from Java that is nearly four times as fast as a pointer to each.
 */
public final class Launch {
    // CU_LAUNCH_PARAM_*: JCuda's own constants load its library, and launches are also made, and checked, without a
    // device
    private static final long END = 0;
    private static final long BUFFER_POINTER = 1;
    private static final long BUFFER_SIZE = 2;

    private final Kernel kernel;
    private final int gridX;
    private final int gridY;
    private final int threads;
    private final Pointer arguments;

    private Launch(Kernel kernel, int gridX, int gridY, int threads, Pointer arguments) {
        this.kernel = kernel;
        this.gridX = gridX;
        this.gridY = gridY;
        this.threads = threads;
        this.arguments = arguments;
    }

    /** {@return a builder with an empty list of arguments} */
    public static Builder of(Kernel kernel) {
        return new Builder(kernel);
    }

    /** Queues it in a stream. */
    public void on(Stream stream) {
        stream.launched(queue(stream.handle()), kernel.signature().entry());
    }

    /**
     * Queues it in a stream of another program's.
     *
     * @param context the one that the kernel was loaded in
     * @param stream null: the NULL stream
     * @throws IllegalStateException if the stream, or what is current in the calling thread, is another context's, or if
     *     the context was destroyed
     */
    public void on(Context context, CUstream stream) {
        int code = queue(stream);
        if (Context.NOT_THERE.contains(code)) {
            context.requireThere();
            throw new IllegalStateException(kernel.signature().entry()
                    + ": the stream and the thread's current context must be those that the kernels were loaded in: "
                    + Status.describe(code, "cuLaunchKernel"));
        }
        context.check(code, "cuLaunchKernel of " + kernel.signature().entry());
    }

    private int queue(CUstream stream) {
        try {
            return JCudaDriver.cuLaunchKernel(
                    kernel.function(), gridX, gridY, 1, threads, 1, 1, 0, stream, null, arguments);
        } catch (CudaException e) {
            return Status.codeOf(e);
        }
    }

    @Override
    public String toString() {
        return kernel.signature().entry() + " (" + gridX + ", " + gridY + ") × " + threads + ", "
                + kernel.signature().parameters().size() + " arguments";
    }

    /** A builder that takes the arguments in the entry's order and checks each type against the PTX. */
    public static final class Builder {
        private final Kernel kernel;
        private final List<String> types;
        private final int[] offsets;
        private final ByteBuffer values;
        private final Pointer arguments;
        private int count;

        private Builder(Kernel kernel) {
            this.kernel = kernel;
            this.types = kernel.signature().parameters();
            this.offsets = kernel.signature().offsets();
            this.values = ByteBuffer.allocateDirect(offsets[types.size()]).order(ByteOrder.nativeOrder());
            ByteBuffer size = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
            size.putLong(0, values.capacity());
            this.arguments = Pointer.to(
                    Address.at(BUFFER_POINTER),
                    Pointer.to(values),
                    Address.at(BUFFER_SIZE),
                    Pointer.to(size),
                    Address.at(END));
        }

        /** Empties the list, in the same memory: launches made before take on the new arguments. */
        public Builder restart() {
            count = 0;
            return this;
        }

        private int next(String type, String value) {
            int index = count;
            if (index == types.size()) {
                throw new IllegalStateException(kernel.signature().entry() + " takes " + types.size()
                        + " arguments, but got another: " + value);
            }
            if (!types.get(index).equals(type)) {
                throw new IllegalStateException(kernel.signature().entry() + ": argument " + index + " is " + value
                        + ", the PTX has ." + types.get(index));
            }
            count++;
            return offsets[index];
        }

        /** Adds a device address; 0 is null. */
        public Builder pointer(long address) {
            values.putLong(next("u64", "a pointer"), address);
            return this;
        }

        /** Adds a number of 64 bits. */
        public Builder number(long value) {
            values.putLong(next("u64", "a long"), value);
            return this;
        }

        /** Adds a number of 32 bits. */
        public Builder number(int value) {
            values.putInt(next("u32", "an int"), value);
            return this;
        }

        /** Adds a float32. */
        public Builder number(float value) {
            values.putFloat(next("f32", "a float"), value);
            return this;
        }

        /** Builds the launch; all arguments must be there. */
        public Launch grid(long gridX, int gridY, int threads) {
            String entry = kernel.signature().entry();
            if (count != types.size()) {
                throw new IllegalStateException(
                        entry + " takes " + types.size() + " arguments, " + count + " are given");
            }
            if (gridX < 1 || gridX > Integer.MAX_VALUE || gridY < 1 || gridY > 65535) {
                throw new IllegalStateException(entry + ": a grid of " + gridX + " × " + gridY
                        + " blocks is outside of 1 × 1 to " + Integer.MAX_VALUE + " × 65535");
            }
            if (threads < 1 || threads > kernel.signature().maxThreads()) {
                throw new IllegalStateException(entry + ": blocks of " + threads + " threads, the PTX allows 1 to "
                        + kernel.signature().maxThreads());
            }
            return new Launch(kernel, (int) gridX, gridY, threads, arguments);
        }
    }
}
