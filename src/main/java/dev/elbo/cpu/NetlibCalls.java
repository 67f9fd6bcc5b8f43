package dev.elbo.cpu;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import dev.ludovic.netlib.blas.NativeBLAS;

/**
 * An implementation of {@link MatrixCalls} through netlib. {@link NetlibLoader} defines it anew, beside the netlib of
 * the program.
 *
 * @hidden
 */
public final class NetlibCalls implements MatrixCalls {
    private final BLAS blas;

    /**
     * Loads netlib.
     *
     * @param compiled whether its products are those of a library, otherwise of plain Java
     */
    public NetlibCalls(boolean compiled) {
        blas = compiled ? NativeBLAS.getInstance() : JavaBLAS.getInstance();
        if (compiled) {
            holdToOneThread();
        }
    }

    /** Limits OpenBLAS to one thread, by the function that {@link NetlibLoader} has put in place of DSCAL. */
    private void holdToOneThread() {
        double[] unscaled = {1};
        blas.dscal(1, 2, unscaled, 0, 1);
        if (unscaled[0] != 1) {
            throw new UnsatisfiedLinkError("OpenBLAS cannot be limited to one thread: another netlib is loaded");
        }
    }

    @Override
    public void sgemm(
            String opA,
            String opB,
            int m,
            int n,
            int k,
            float alpha,
            float[] a,
            int aAt,
            int lda,
            float[] b,
            int bAt,
            int ldb,
            float beta,
            float[] c,
            int cAt,
            int ldc) {
        blas.sgemm(opA, opB, m, n, k, alpha, a, aAt, lda, b, bAt, ldb, beta, c, cAt, ldc);
    }

    @Override
    public void sgemv(
            String op,
            int m,
            int n,
            float alpha,
            float[] a,
            int aAt,
            int lda,
            float[] x,
            int xAt,
            int xStep,
            float beta,
            float[] y,
            int yAt,
            int yStep) {
        blas.sgemv(op, m, n, alpha, a, aAt, lda, x, xAt, xStep, beta, y, yAt, yStep);
    }
}
