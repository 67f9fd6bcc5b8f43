package dev.elbo.cuda.driver;

import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.runtime.cudaStream_t;

/**
 * The calls of cuBLAS that we make, of one of the libraries that a process may load; each returns a {@code cublasStatus_t}.
 * Public, as are those who use it across class loaders ({@link JcublasLoader}).
 */
public interface BlasCalls {
    /** A handle that {@link #create} fills. */
    NativePointerObject newHandle();

    int create(NativePointerObject handle);

    int destroy(NativePointerObject handle);

    /** @param version filled with its number: 120600 is 12.6.0 */
    int version(NativePointerObject handle, int[] version);

    int setStream(NativePointerObject handle, cudaStream_t stream);

    int setWorkspace(NativePointerObject handle, Pointer workspace, long bytes);

    /**
     * C = alpha · op(A) · op(B) + beta · C, all of float32 and column-major.
     *
     * @param m rows of C
     * @param n columns of C
     * @param k what is summed over
     */
    int gemm(
            NativePointerObject handle,
            boolean transposeA,
            boolean transposeB,
            int m,
            int n,
            int k,
            Pointer alpha,
            Pointer a,
            int leadingA,
            Pointer b,
            int leadingB,
            Pointer beta,
            Pointer c,
            int leadingC,
            int computeType);

    /** "CUBLAS_STATUS_EXECUTION_FAILED". */
    String nameOf(int status);
}
