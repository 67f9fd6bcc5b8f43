package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
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

    /** cᵀ = bᵀ · aᵀ is what column-major cuBLAS is asked for. */
    void queue(Product product) {
        stream.note(product);
        int type = cudaDataType.CUDA_R_32F;
        int status = JCublas2.cublasGemmEx_new(
                handle,
                product.b.operation(),
                product.a.operation(),
                product.cols,
                product.rows,
                product.inner,
                ONE,
                product.bAt,
                type,
                product.b.leading(),
                product.aAt,
                type,
                product.a.leading(),
                product.added ? ONE : ZERO,
                product.cAt,
                type,
                product.c.leading(),
                precision.computeType(),
                cublasGemmAlgo.CUBLAS_GEMM_DEFAULT);
        check(status, product.toString());
    }

    @Override
    void free() {
        check(JCublas2.cublasDestroy(handle), "cublasDestroy");
    }
}
