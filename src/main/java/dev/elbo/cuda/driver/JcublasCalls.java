package dev.elbo.cuda.driver;

import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/** {@link BlasCalls} through JCublas. {@link JcublasLoader} defines it anew for each library. */
public final class JcublasCalls implements BlasCalls {
    /**
     * Loads cuBLAS.
     *
     * @param library JCublas's own library, which needs it
     */
    public JcublasCalls(String library) {
        // before JCublas itself does, whose message would be a page long
        System.load(library);
        JCublas2.setExceptionsEnabled(false);
    }

    @Override
    public NativePointerObject newHandle() {
        return new cublasHandle();
    }

    @Override
    public int create(NativePointerObject handle) {
        return JCublas2.cublasCreate((cublasHandle) handle);
    }

    @Override
    public int destroy(NativePointerObject handle) {
        return JCublas2.cublasDestroy((cublasHandle) handle);
    }

    @Override
    public int version(NativePointerObject handle, int[] version) {
        return JCublas2.cublasGetVersion((cublasHandle) handle, version);
    }

    @Override
    public int setStream(NativePointerObject handle, cudaStream_t stream) {
        return JCublas2.cublasSetStream((cublasHandle) handle, stream);
    }

    @Override
    public int setWorkspace(NativePointerObject handle, Pointer workspace, long bytes) {
        return JCublas2.cublasSetWorkspace((cublasHandle) handle, workspace, bytes);
    }

    @Override
    public int gemm(
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
            int computeType) {
        // the older call of this name refuses TF32
        return JCublas2.cublasGemmEx_new(
                (cublasHandle) handle,
                operation(transposeA),
                operation(transposeB),
                m,
                n,
                k,
                alpha,
                a,
                cudaDataType.CUDA_R_32F,
                leadingA,
                b,
                cudaDataType.CUDA_R_32F,
                leadingB,
                beta,
                c,
                cudaDataType.CUDA_R_32F,
                leadingC,
                computeType,
                cublasGemmAlgo.CUBLAS_GEMM_DEFAULT);
    }

    private static int operation(boolean transpose) {
        return transpose ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    }

    @Override
    public String nameOf(int status) {
        return cublasStatus.stringFor(status);
    }
}
