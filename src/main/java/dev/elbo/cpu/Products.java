package dev.elbo.cpu;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import dev.ludovic.netlib.blas.NativeBLAS;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * Matrix products in float32, row-major, on arrays where they lie: OpenBLAS held to one thread, or plain Java where its
 * library does not load. Each call runs on the calling thread.
 */
final class Products {
    /** Turns the native library off, to try the plain path. */
    static final String PLAIN = "elbo.cpu.plain";

    private static final System.Logger LOG = System.getLogger(Products.class.getName());

    private static Products chosen;

    private final BLAS blas;
    private final String description;

    private Products(BLAS blas, String description) {
        this.blas = blas;
        this.description = description;
    }

    /** The best there is on this machine, found once. */
    static synchronized Products get() {
        if (Boolean.getBoolean(PLAIN)) {
            return new Products(plain(), "plain Java products");
        }
        if (chosen == null) {
            chosen = load();
        }
        return chosen;
    }

    private static Products load() {
        quiet();
        try {
            Path loaded = Path.of(Loader.load(openblas_nolapack.class));
            openblas_nolapack.blas_set_num_threads(1);
            // the very file that is loaded already, so that the thread setting holds for it
            System.setProperty(
                    "dev.ludovic.netlib.blas.nativeLibPath",
                    loaded.resolveSibling("libopenblas_nolapack.so.0").toString());
            BLAS blas = NativeBLAS.getInstance();
            return new Products(blas, "OpenBLAS");
        } catch (LinkageError | RuntimeException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "OpenBLAS does not load ({0}); matrix products run in plain Java, many times slower",
                    firstLine(e));
            return new Products(plain(), "plain Java products");
        }
    }

    private static BLAS plain() {
        quiet();
        return JavaBLAS.getInstance();
    }

    /** netlib announces its choice on the console. */
    private static void quiet() {
        Logger.getLogger("dev.ludovic.netlib.blas").setLevel(Level.SEVERE);
    }

    private static String firstLine(Throwable e) {
        return String.valueOf(e.getMessage())
                .lines()
                .findFirst()
                .orElse(e.getClass().getSimpleName());
    }

    String description() {
        return description;
    }

    /** C (m × n) = A (m × k) · B (n × k)ᵀ; A, B, C are places in arrays with row strides. */
    void multiplyTransposed(
            int m,
            int n,
            int k,
            float[] a,
            int aAt,
            int aStride,
            float[] b,
            int bAt,
            int bStride,
            float[] c,
            int cAt,
            int cStride) {
        blas.sgemm("T", "N", n, m, k, 1f, b, bAt, bStride, a, aAt, aStride, 0f, c, cAt, cStride);
    }

    /** C (m × n) = A (m × k) · B (k × n). */
    void multiply(
            int m,
            int n,
            int k,
            float[] a,
            int aAt,
            int aStride,
            float[] b,
            int bAt,
            int bStride,
            float[] c,
            int cAt,
            int cStride) {
        blas.sgemm("N", "N", n, m, k, 1f, b, bAt, bStride, a, aAt, aStride, 0f, c, cAt, cStride);
    }

    /** C (m × n) = A (k × m)ᵀ · B (k × n). */
    void transposedMultiply(
            int m,
            int n,
            int k,
            float[] a,
            int aAt,
            int aStride,
            float[] b,
            int bAt,
            int bStride,
            float[] c,
            int cAt,
            int cStride) {
        blas.sgemm("N", "T", n, m, k, 1f, b, bAt, bStride, a, aAt, aStride, 0f, c, cAt, cStride);
    }
}
