package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/**
 * cuBLAS on one stream, with a workspace of its own: without one it would allocate in the middle of a capture, and its
 * results could depend on what else runs.
 */
public final class Blas extends Resource {
    private static final Pointer ONE = Pointer.to(new float[] {1});
    private static final Pointer ZERO = Pointer.to(new float[] {0});

    private final cublasHandle handle = new cublasHandle();
    private final Stream stream;
    private final Precision precision;

    /**
     * @param workspace for its products on this stream; to stay open as long as this
     * @throws ElboException unavailable, if cuBLAS does not start
     */
    public Blas(Context context, Stream stream, Precision precision, DeviceMemory workspace) {
        super(context);
        this.stream = stream;
        this.precision = precision;
        int created = JCublas2.cublasCreate(handle);
        if (created != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            throw ElboException.unavailable(Status.describeBlas(created, "cublasCreate") + "; run 'elbo doctor'");
        }
        made();
        check(JCublas2.cublasSetStream(handle, new cudaStream_t(stream.handle())), "cublasSetStream");
        check(JCublas2.cublasSetWorkspace(handle, workspace.at(0), workspace.bytes()), "cublasSetWorkspace");
    }

    private void check(int status, String call) {
        if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            throw ElboException.device(context.device().label() + ": " + Status.describeBlas(status, call));
        }
    }

    /** "12.6.0". */
    public String version() {
        int[] version = new int[1];
        check(JCublas2.cublasGetVersion(handle, version), "cublasGetVersion");
        return version[0] / 10000 + "." + version[0] / 100 % 100 + "." + version[0] % 100;
    }

    /**
     * A dense operand as cuBLAS sees it, column-major: a row-major matrix is its own transpose.
     *
     * @param address of its first element
     * @param leading elements from one row of the row-major matrix to the next
     * @param transposed whether the row-major matrix is taken transposed
     */
    public record Operand(long address, int leading, boolean transposed) {
        private int operation() {
            return transposed ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
        }
    }

    /**
     * The command {@code c = a · b} of row-major matrices.
     *
     * @param a rows × inner, as it enters the product
     * @param b inner × cols, as it enters the product
     * @param c rows × cols, not transposed
     */
    public Runnable product(Operand a, Operand b, Operand c, int rows, int cols, int inner) {
        Pointer first = Address.at(a.address());
        Pointer second = Address.at(b.address());
        Pointer result = Address.at(c.address());
        String what = "the product " + rows + " × " + inner + " × " + cols;
        int type = cudaDataType.CUDA_R_32F;
        // cᵀ = bᵀ · aᵀ is what column-major cuBLAS is asked for
        return () -> {
            stream.note(what);
            check(
                    JCublas2.cublasGemmEx_new(
                            handle,
                            b.operation(),
                            a.operation(),
                            cols,
                            rows,
                            inner,
                            ONE,
                            second,
                            type,
                            b.leading(),
                            first,
                            type,
                            a.leading(),
                            ZERO,
                            result,
                            type,
                            c.leading(),
                            precision.computeType(),
                            cublasGemmAlgo.CUBLAS_GEMM_DEFAULT),
                    what);
        };
    }

    @Override
    void free() {
        check(JCublas2.cublasDestroy(handle), "cublasDestroy");
    }
}
