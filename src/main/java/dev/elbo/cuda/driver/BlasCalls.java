package dev.elbo.cuda.driver;

import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.runtime.cudaStream_t;

/**
 * The calls of one of the cuBLAS libraries that a process may load; each returns a {@code cublasStatus_t}. Public, as are
 * those who use it across class loaders ({@link BlasLibraries}).
 */
public interface BlasCalls {
    /** Creates a handle that {@link #create} fills. */
    NativePointerObject newHandle();

    int create(NativePointerObject handle);

    int destroy(NativePointerObject handle);

    /** @param version filled with its number: 120600 is 12.6.0 */
    int version(NativePointerObject handle, int[] version);

    int setStream(NativePointerObject handle, cudaStream_t stream);

    int setWorkspace(NativePointerObject handle, Pointer workspace, long bytes);

    /**
     * Queues {@code c = alpha · a · b + beta · c}, all of float32, with alpha and beta in memory of the host; column-major
     * cuBLAS is asked for cᵀ = bᵀ · aᵀ.
     */
    int gemm(NativePointerObject handle, Product product, Pointer alpha, Pointer beta, int computeType);

    /** {@return the name of a status, such as "CUBLAS_STATUS_EXECUTION_FAILED"} */
    String nameOf(int status);
}
