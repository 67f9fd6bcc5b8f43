package dev.elbo.cpu;

/**
 * The two products that the backend makes, column-major as in BLAS.
 *
 * <p>Public, as are those who use it across class loaders ({@link dev.elbo.natives.OwnClasses}).
 *
 * @hidden
 */
public interface MatrixCalls {
    /** Computes C (m × n) = α op(A) op(B) + β C; op is "N" for a matrix as it is, "T" for its transpose. */
    void sgemm(
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
            int ldc);

    /** Computes y = α op(A) x + β y, A (m × n). */
    void sgemv(
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
            int yStep);
}
