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

/** The {@link BlasCalls} through JCublas. {@link BlasLibraries} defines it anew for each library. */
public final class JcublasCalls implements BlasCalls {
    /** Loads JCublas's own library, and with it the cuBLAS that it needs. */
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
    public int gemm(NativePointerObject handle, Product product, Pointer alpha, Pointer beta, int computeType) {
        Product.Operand a = product.a();
        Product.Operand b = product.b();
        Product.Operand c = product.c();
        // the older call of this name refuses TF32
        return JCublas2.cublasGemmEx_new(
                (cublasHandle) handle,
                operation(b),
                operation(a),
                product.cols(),
                product.rows(),
                product.inner(),
                alpha,
                b.start(),
                cudaDataType.CUDA_R_32F,
                b.leading(),
                a.start(),
                cudaDataType.CUDA_R_32F,
                a.leading(),
                beta,
                c.start(),
                cudaDataType.CUDA_R_32F,
                c.leading(),
                computeType,
                cublasGemmAlgo.CUBLAS_GEMM_DEFAULT);
    }

    private static int operation(Product.Operand operand) {
        return operand.transposed() ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    }

    @Override
    public String nameOf(int status) {
        return cublasStatus.stringFor(status);
    }
}
