package dev.elbo.cpu;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import dev.ludovic.netlib.blas.NativeBLAS;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
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

    /** Kept here: a logger that nobody holds is collected, and its level with it. */
    private static final Logger NETLIB = Logger.getLogger("dev.ludovic.netlib.blas");

    private static final String TEMPORARY_REMEDY =
            "start Java with -Djava.io.tmpdir=DIR to use another temporary folder";
    private static final String CACHE_REMEDY = "it is unpacked into .javacpp in the home folder,"
            + " start Java with -Dorg.bytedeco.javacpp.cachedir=DIR to use another folder";

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

    /** Why OpenBLAS is not used: what is wrong, and what to do about it. */
    private static final class Unusable extends Exception {
        Unusable(String problem, String remedy) {
            super(problem + "; " + remedy);
        }
    }

    private static Products load() {
        quiet();
        try {
            return Files.isDirectory(Path.of(System.getProperty("user.home"))) ? open(CACHE_REMEDY) : openPrivately();
        } catch (Unusable e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "OpenBLAS does not load, so matrix products run in plain Java, many times slower: {0}",
                    e.getMessage());
            return new Products(plain(), "plain Java products");
        }
    }

    /** @param remedy what to do if the folder that JavaCPP unpacks into is of no use */
    private static Products open(String remedy) throws Unusable {
        String obstacle = Unpacking.obstacle();
        if (obstacle != null) {
            // netlib would try too, and leave half a library in a folder that is full
            System.setProperty("dev.ludovic.netlib.blas.allowNative", "false");
            throw new Unusable(obstacle, TEMPORARY_REMEDY);
        }
        Path loaded;
        try {
            loaded = Path.of(Loader.load(openblas_nolapack.class));
            openblas_nolapack.blas_set_num_threads(1);
        } catch (LinkageError | RuntimeException e) {
            throw new Unusable(firstLine(e), remedy);
        }
        // the very file that is loaded already, so that the thread setting holds for it
        System.setProperty(
                "dev.ludovic.netlib.blas.nativeLibPath",
                loaded.resolveSibling("libopenblas_nolapack.so.0").toString());
        try {
            return new Products(NativeBLAS.getInstance(), "OpenBLAS");
        } catch (LinkageError | RuntimeException e) {
            obstacle = Unpacking.obstacleToLoading();
            throw new Unusable(obstacle == null ? firstLine(e) : obstacle, TEMPORARY_REMEDY);
        }
    }

    /**
     * For users without a home folder, in which JavaCPP keeps what it unpacks: it would make a folder of the name that
     * stands for no name. What is loaded stays loaded when its files are gone.
     */
    private static Products openPrivately() throws Unusable {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            Path folder = Files.createTempDirectory(temporary, "elbo-");
            System.setProperty("org.bytedeco.javacpp.cachedir", folder.toString());
            try {
                return open(TEMPORARY_REMEDY);
            } finally {
                List<Path> files;
                try (Stream<Path> all = Files.walk(folder)) {
                    files = all.sorted(Comparator.reverseOrder()).toList();
                }
                for (Path file : files) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new Unusable(
                    "there is no home folder, and in " + temporary + " none can be made: " + Unpacking.reason(e),
                    TEMPORARY_REMEDY);
        }
    }

    private static BLAS plain() {
        quiet();
        return JavaBLAS.getInstance();
    }

    /** netlib announces its choice on the console. */
    private static void quiet() {
        NETLIB.setLevel(Level.SEVERE);
    }

    /** Of the innermost cause: the outer ones only say that it did not work. */
    private static String firstLine(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.toString().lines().findFirst().orElseThrow();
    }

    String description() {
        return description;
    }

    /** C (m × n) += A (m × k) · B (n × k)ᵀ; A, B, C are places in arrays with row strides. */
    void addMultipliedTransposed(
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
        blas.sgemm("T", "N", n, m, k, 1f, b, bAt, bStride, a, aAt, aStride, 1f, c, cAt, cStride);
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

    /** Sums of the columns of A (m × n), as a product with ones. */
    void columnSums(int m, int n, float[] a, int aAt, int aStride, float[] ones, float[] sums, int sumsAt) {
        blas.sgemv("N", n, m, 1f, a, aAt, aStride, ones, 0, 1, 0f, sums, sumsAt, 1);
    }
}
