package dev.elbo.cuda.driver;

import dev.elbo.backend.Precision;
import dev.elbo.error.ElboException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Set;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.jcublas.cublasComputeType;
import jcuda.runtime.cudaStream_t;

/**
 * A cuBLAS handle on one stream, with a workspace of its own: without one it would allocate in the middle of a capture,
 * and its results could depend on what else runs.
 */
public final class Blas extends Resource {
    private static final int SUCCESS = 0;
    /**
     * NOT_INITIALIZED, ARCH_MISMATCH, EXECUTION_FAILED, INTERNAL_ERROR and NOT_SUPPORTED: the answers of a library that
     * is too old for the device, or too new for the driver.
     */
    private static final Set<Integer> UNFIT = Set.of(1, 8, 13, 14, 15);

    // an array would keep the garbage collector out for as long as the call takes
    private static final Pointer ONE = factor(1);
    private static final Pointer ZERO = factor(0);

    private final BlasCalls calls;
    private final NativePointerObject handle;
    private final Stream stream;
    private final Precision precision;
    private String library;
    private boolean exact;

    private static final class Unfit extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unfit(String message) {
            super(message, null, false, false);
        }
    }

    private Blas(Context context, BlasCalls calls, Stream stream, Precision precision) {
        super(context);
        this.calls = calls;
        this.handle = calls.newHandle();
        this.stream = stream;
        this.precision = precision;
        begin(calls.create(handle), "cublasCreate");
        made();
    }

    /**
     * Opens the first cuBLAS that multiplies on the device, which it does once: what it loads then cannot be loaded while a
     * graph is captured.
     *
     * @param workspace for its products on this stream; to stay open as long as this
     * @throws ElboException unavailable, if there is none
     */
    public static Blas open(Context context, Stream stream, Precision precision, DeviceMemory workspace) {
        Blas[] opened = new Blas[1];
        BlasLibraries.Loaded chosen = BlasLibraries.choose(calls -> {
            try {
                opened[0] = begun(context, calls, stream, precision, workspace);
                return null;
            } catch (Unfit e) {
                return e.getMessage();
            }
        });
        opened[0].library = chosen.described();
        return opened[0];
    }

    /** Opens another handle of the same library, on another stream; its workspace is to stay open as long as it. */
    public Blas beside(Stream other, DeviceMemory workspace) {
        try {
            Blas more = begun(context, calls, other, precision, workspace);
            more.library = library;
            return more;
        } catch (Unfit e) {
            throw ElboException.unavailable(
                    context.device().label() + ": " + e.getMessage() + "; run Backends.diagnose(0)");
        }
    }

    private static Blas begun(
            Context context, BlasCalls calls, Stream stream, Precision precision, DeviceMemory workspace) {
        Blas blas = new Blas(context, calls, stream, precision);
        try {
            blas.begin(calls.setStream(blas.handle, new cudaStream_t(stream.handle())), "cublasSetStream");
            blas.begin(calls.setWorkspace(blas.handle, workspace.at(0), workspace.bytes()), "cublasSetWorkspace");
            blas.multiply();
            return blas;
        } catch (Throwable thrown) {
            blas.close();
            throw thrown;
        }
    }

    private void begin(int status, Object call) {
        if (status != SUCCESS) {
            ElboException failure = failure(status, call);
            if (UNFIT.contains(status) && !context.isDead()) {
                // too little memory is answered so as well
                String free = DeviceMemory.mebibytes(context.freeMemory());
                throw new Unfit(describe(status, call) + ", with " + free + " of the device's memory free");
            }
            throw context.isDead()
                    ? failure
                    : ElboException.unavailable(failure.getMessage() + "; run Backends.diagnose(0)");
        }
    }

    private void multiply() {
        FirstProduct.Answer answer = FirstProduct.ask(context, stream, product -> begin(queued(product), product));
        if (answer == FirstProduct.Answer.WRONG) {
            throw new Unfit(FirstProduct.NAME + " has a wrong result");
        }
        exact = answer == FirstProduct.Answer.EXACT;
    }

    private static Pointer factor(float value) {
        FloatBuffer buffer = ByteBuffer.allocateDirect(Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        return Pointer.to(buffer.put(0, value));
    }

    private String describe(int status, Object call) {
        return call + " failed with " + calls.nameOf(status) + " (" + status + ")";
    }

    private ElboException failure(int status, Object call) {
        return context.libraryFailure(describe(status, call));
    }

    private void check(int status, Object call) {
        if (status != SUCCESS) {
            throw failure(status, call);
        }
    }

    /** {@return the library and how it was adapted, such as "libcublas.so.12 from /usr/local/cuda/lib64"} */
    public String library() {
        return library;
    }

    /** {@return the stream of its products} */
    public Stream stream() {
        return stream;
    }

    /** {@return whether products take their operands as they are, and not rounded to TF32} */
    public boolean isExact() {
        return exact;
    }

    /** {@return its version, such as "12.6.0"} */
    public String version() {
        int[] version = new int[1];
        check(calls.version(handle, version), "cublasGetVersion");
        return version[0] / 10000 + "." + version[0] / 100 % 100 + "." + version[0] % 100;
    }

    /** Queues a product in the stream. */
    public void queue(Product product) {
        check(queued(product), product);
    }

    private int queued(Product product) {
        stream.note(product);
        return calls.gemm(handle, product, ONE, product.added() ? ONE : ZERO, computeType(precision));
    }

    private static int computeType(Precision precision) {
        return switch (precision) {
            case FP32 -> cublasComputeType.CUBLAS_COMPUTE_32F;
            case TF32 -> cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32;
            case BF16 -> cublasComputeType.CUBLAS_COMPUTE_32F_FAST_16BF;
        };
    }

    @Override
    void free() {
        check(calls.destroy(handle), "cublasDestroy");
    }
}
