package dev.elbo.cpu;

import dev.elbo.backend.DiagnosticResult;
import dev.elbo.natives.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Matrix products in float32, row-major, on arrays in place: OpenBLAS limited to one thread, or plain Java if its
 * library does not load. Each call runs on the calling thread.
 */
final class Products {
    /** The property that turns the native library off, to test plain Java. */
    static final String PLAIN = "elbo.cpu.plain";

    private static final System.Logger LOG = System.getLogger(Products.class.getName());

    private static final String TEMPORARY_REMEDY =
            "start Java with -Djava.io.tmpdir=DIR to use another temporary folder";
    private static final String CACHE_REMEDY = "set ELBO_CACHE to a folder that libraries can be loaded from";

    private static final String VERSIONS_REMEDY = "use netlib and OpenBLAS of the versions in elbo's pom.xml";

    private static final String DENIED = "Java denies it access to native code";
    private static final String DENIED_REMEDY = "start Java with --enable-native-access=ALL-UNNAMED, or with"
            + " ALL-UNNAMED,dev.elbo if elbo is on the module path";

    private static final String PLAIN_JAVA = "plain Java products";

    private static Products chosen;

    private final MatrixCalls blas;
    private final Path openBlas;
    private final Unusable why;

    /**
     * @param openBlas the library that was loaded, which may be gone; null if none was
     * @param why the reason that none was loaded; null if one was, or none was wanted
     */
    private Products(MatrixCalls blas, Path openBlas, Unusable why) {
        this.blas = blas;
        this.openBlas = openBlas;
        this.why = why;
    }

    /** {@return the fastest products on this machine, found once} */
    static synchronized Products get() {
        if (Boolean.getBoolean(PLAIN)) {
            return new Products(NetlibLoader.plain(), null, null);
        }
        if (chosen == null) {
            chosen = load();
        }
        return chosen;
    }

    /** The reason that OpenBLAS is not used, with a remedy. */
    private static final class Unusable extends Exception {
        private final String remedy;

        Unusable(String problem, String remedy) {
            super(problem);
            this.remedy = remedy;
        }
    }

    private static Products load() {
        try {
            return open();
        } catch (Unusable e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "OpenBLAS does not load, so matrix products run in plain Java, many times slower: {0}; {1}",
                    e.getMessage(),
                    e.remedy);
            return new Products(NetlibLoader.plain(), null, e);
        }
    }

    private static Products open() throws Unusable {
        String os = System.getProperty("os.name");
        String architecture = System.getProperty("os.arch");
        if (!os.equals("Linux") || !architecture.equals("amd64")) {
            throw new Unusable(
                    "it is available for Linux on x86-64 only, this is " + os + " " + architecture,
                    "use such a machine");
        }
        try {
            String obstacle = Unpacking.obstacle();
            if (obstacle != null) {
                throw new Unusable(obstacle, TEMPORARY_REMEDY);
            }
            try (OpenBlasFiles files = OpenBlasFiles.get()) {
                return open(files);
            }
        } catch (IOException e) {
            throw new Unusable(Unpacking.reason(e), VERSIONS_REMEDY);
        }
    }

    private static Products open(OpenBlasFiles files) throws Unusable, IOException {
        Path library;
        try {
            library = files.load();
        } catch (LinkageError | RuntimeException e) {
            throw unusable(firstLine(e), e, files.temporary() == null ? CACHE_REMEDY : TEMPORARY_REMEDY);
        }
        try {
            return new Products(NetlibLoader.compiled(library), library, null);
        } catch (LinkageError | RuntimeException e) {
            String obstacle = Unpacking.obstacleToLoading();
            throw obstacle == null
                    ? unusable(firstLine(e), e, VERSIONS_REMEDY)
                    : unusable(obstacle, e, TEMPORARY_REMEDY);
        }
    }

    private static Unusable unusable(String problem, Throwable thrown, String remedy) {
        return NativeLibrary.isDenied(thrown) ? new Unusable(DENIED, DENIED_REMEDY) : new Unusable(problem, remedy);
    }

    /** {@return the first line of the innermost cause: the outer ones only say that loading failed} */
    private static String firstLine(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.toString().lines().findFirst().orElseThrow();
    }

    String description() {
        return openBlas == null ? PLAIN_JAVA : "OpenBLAS";
    }

    /**
     * {@return the finding of a diagnosis about these products}
     *
     * @param backend that uses them
     * @param description of it
     */
    DiagnosticResult finding(String backend, String description) {
        String subject = "products";
        if (why != null) {
            return new DiagnosticResult(
                    backend,
                    DiagnosticResult.Status.WARNING,
                    subject,
                    description + ", many times slower than OpenBLAS, which does not load: " + why.getMessage(),
                    why.remedy);
        }
        if (openBlas == null) {
            return DiagnosticResult.ok(backend, subject, description);
        }
        String file = Files.exists(openBlas) ? openBlas.toString() : "unpacked anew each time into a temporary folder";
        return DiagnosticResult.ok(
                backend,
                subject,
                description + "; OpenBLAS " + OpenBlasFiles.version() + ", limited to one thread: " + file);
    }

    /** Computes C (m × n) += A (m × k) · B (n × k)ᵀ; each begins at a place of its slice's array, with its stride. */
    void addMultipliedTransposed(int m, int n, int k, Slice a, int aAt, Slice b, int bAt, Slice c, int cAt) {
        product("T", "N", m, n, k, 1f, a, aAt, b, bAt, c, cAt);
    }

    /** Computes C (m × n) = A (m × k) · B (n × k)ᵀ. */
    void multiplyTransposed(int m, int n, int k, Slice a, int aAt, Slice b, int bAt, Slice c, int cAt) {
        product("T", "N", m, n, k, 0f, a, aAt, b, bAt, c, cAt);
    }

    /** Computes C (m × n) = A (m × k) · B (k × n). */
    void multiply(int m, int n, int k, Slice a, int aAt, Slice b, int bAt, Slice c, int cAt) {
        product("N", "N", m, n, k, 0f, a, aAt, b, bAt, c, cAt);
    }

    /** Computes C (m × n) = A (k × m)ᵀ · B (k × n). */
    void transposedMultiply(int m, int n, int k, Slice a, int aAt, Slice b, int bAt, Slice c, int cAt) {
        product("N", "T", m, n, k, 0f, a, aAt, b, bAt, c, cAt);
    }

    /** Column-major, as BLAS has it: Cᵀ = Bᵀ · Aᵀ. */
    private void product(
            String opB,
            String opA,
            int m,
            int n,
            int k,
            float beta,
            Slice a,
            int aAt,
            Slice b,
            int bAt,
            Slice c,
            int cAt) {
        float[] bs = b.array();
        float[] as = a.array();
        float[] cs = c.array();
        blas.sgemm(opB, opA, n, m, k, 1f, bs, bAt, b.stride(), as, aAt, a.stride(), beta, cs, cAt, c.stride());
    }

    /** Sums the columns of A (m × n), as a product with ones. */
    void columnSums(int m, int n, float[] a, int aAt, int aStride, float[] ones, float[] sums, int sumsAt) {
        blas.sgemv("N", n, m, 1f, a, aAt, aStride, ones, 0, 1, 0f, sums, sumsAt, 1);
    }
}
