package dev.elbo.cpu;

import dev.elbo.natives.NativeAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
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

    private static final String TEMPORARY_REMEDY =
            "start Java with -Djava.io.tmpdir=DIR to use another temporary folder";
    private static final String CACHE_REMEDY = "it is unpacked into .javacpp in the home folder,"
            + " start Java with -Dorg.bytedeco.javacpp.cachedir=DIR to use another folder";

    /** JavaCPP's property. */
    private static final String CACHE = "org.bytedeco.javacpp.cachedir";

    private static final String DENIED = "Java denies it the access to native code";
    private static final String DENIED_REMEDY = "start Java with --enable-native-access=ALL-UNNAMED, and behind a comma"
            + " org.bytedeco.javacpp where it is on the module path";

    private static Products chosen;

    private final MatrixCalls blas;
    private final String description;

    private Products(MatrixCalls blas, String description) {
        this.blas = blas;
        this.description = description;
    }

    /** The best there is on this machine, found once. */
    static synchronized Products get() {
        if (Boolean.getBoolean(PLAIN)) {
            return new Products(NetlibLoader.plain(), "plain Java products");
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
        try {
            boolean cached =
                    Files.isDirectory(Path.of(System.getProperty("user.home"))) || System.getProperty(CACHE) != null;
            return cached ? open(CACHE_REMEDY) : openPrivately();
        } catch (Unusable e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "OpenBLAS does not load, so matrix products run in plain Java, many times slower: {0}",
                    e.getMessage());
            return new Products(NetlibLoader.plain(), "plain Java products");
        }
    }

    /** @param remedy what to do if the folder that JavaCPP unpacks into is of no use */
    private static Products open(String remedy) throws Unusable {
        String obstacle = Unpacking.obstacle();
        if (obstacle != null) {
            throw new Unusable(obstacle, TEMPORARY_REMEDY);
        }
        Path loaded;
        try {
            loaded = Path.of(Loader.load(openblas_nolapack.class));
            openblas_nolapack.blas_set_num_threads(1);
        } catch (LinkageError | RuntimeException e) {
            throw NativeAccess.isDenied(e) ? new Unusable(DENIED, DENIED_REMEDY) : new Unusable(firstLine(e), remedy);
        }
        // the very file that is loaded already, so that the thread setting holds for it
        String library = loaded.resolveSibling("libopenblas_nolapack.so.0").toString();
        try {
            return new Products(NetlibLoader.compiled(library), "OpenBLAS");
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
            System.setProperty(CACHE, folder.toString());
            try {
                return open(TEMPORARY_REMEDY);
            } finally {
                System.clearProperty(CACHE);
                empty(folder);
            }
        } catch (IOException e) {
            throw new Unusable(
                    "there is no home folder, and in " + temporary + " none can be made: " + Unpacking.reason(e),
                    TEMPORARY_REMEDY);
        }
    }

    /** JavaCPP remembers the folder and unpacks the program's own libraries there: it stays, empty, until the program ends. */
    private static void empty(Path folder) throws IOException {
        List<Path> content;
        try (Stream<Path> all = Files.walk(folder)) {
            content = all.filter(file -> !file.equals(folder))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
        for (Path file : content) {
            Files.delete(file);
        }
        folder.toFile().deleteOnExit();
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
