package dev.elbo.cuda.driver;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;

/**
 * Loads the libraries of the driver and of cuBLAS and JCuda's own, once, and keeps the verdict: after a first failure the
 * JVM would answer every later touch with a NoClassDefFoundError that tells nothing.
 *
 * <p>JCuda unpacks its libraries under a fixed name in {@code java.io.tmpdir} and takes whatever lies there already; so that
 * nobody can plant one, it is shown a new folder that only this user may enter, which is removed again once they are loaded.
 */
public final class Natives {
    /** The driver, part of the kernel module's package. */
    public static final String DRIVER = "libcuda.so.1";
    /** What JCublas is linked to. */
    public static final String BLAS = "libcublas.so.12";
    /** What JCublas can be adapted to. */
    public static final String NEWER_BLAS = "libcublas.so.13";
    /** The environment variable with folders to look into first. */
    public static final String SETTING = Libraries.VARIABLE;

    private static final String JCUBLAS = "libJCublas2-12.6.0-linux-x86_64.so";
    private static final String LOADER = "the loader's path";
    private static final Pattern MISSING = Pattern.compile("(lib\\S+\\.so\\S*): cannot open shared object file");

    private static Verdict driver;
    private static boolean quiet;
    private static Verdict blas;

    /**
     * Whether libraries could be loaded.
     *
     * @param library what was loaded, or what was looked for
     * @param source where it was found: a folder, or "the loader's path"; null if it was not loaded
     * @param problem why not, one line; null if it was loaded
     * @param missing the library that was not found, if that was it; null otherwise
     */
    public record Verdict(String library, String source, String problem, String missing) {
        /** Whether they are loaded. */
        public boolean loaded() {
            return problem == null;
        }

        private static Verdict of(String library, String source) {
            return new Verdict(library, source, null, null);
        }

        private static Verdict of(String library, Throwable thrown) {
            for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
                Matcher found = MISSING.matcher(String.valueOf(cause.getMessage()));
                if (found.find()) {
                    return new Verdict(library, null, found.group(1) + " was not found", found.group(1));
                }
            }
            String line =
                    String.valueOf(thrown.getMessage()).lines().findFirst().orElse(thrown.toString());
            return new Verdict(library, null, library + " cannot be loaded: " + line, null);
        }
    }

    /** What is loaded while JCuda is shown a private folder. */
    @FunctionalInterface
    private interface Loading {
        Verdict in(Path folder) throws IOException;
    }

    private Natives() {}

    /** Loads the driver's library and JCuda's for it, and switches JCuda's exceptions off. */
    public static synchronized Verdict driver() {
        Verdict verdict = sharedDriver();
        if (verdict.loaded() && !quiet) {
            quiet = true;
            JCudaDriver.setExceptionsEnabled(false);
        }
        return verdict;
    }

    /** The same for a program that makes calls of its own: JCuda's exceptions stay as they are. */
    public static synchronized Verdict sharedDriver() {
        if (driver == null) {
            driver = privately(DRIVER, folder -> {
                Optional<Path> found = Libraries.find(DRIVER, Libraries.explicit());
                found.ifPresent(path -> System.load(path.toString()));
                JCudaDriver.cuDriverGetVersion(new int[1]);
                return Verdict.of(DRIVER, source(found));
            });
        }
        return driver;
    }

    /** Loads cuBLAS and JCuda's library for it. */
    public static synchronized Verdict blas() {
        if (blas == null) {
            blas = privately(BLAS, Natives::blas);
        }
        return blas;
    }

    private static Verdict blas(Path folder) throws IOException {
        Path jcublas = folder.resolve(JCUBLAS);
        byte[] library = resource("/lib/" + JCUBLAS);
        Verdict first = null;
        for (Attempt attempt : attempts()) {
            // JCuda takes the file that lies there already
            Files.write(
                    jcublas, attempt.name.equals(BLAS) ? library : BlasVersion.replace(library, BLAS, attempt.name));
            Verdict verdict = attempt.load(jcublas);
            if (verdict.loaded()) {
                JCublas2.setExceptionsEnabled(false);
                return verdict;
            }
            // a library that is there but does not load says more than one that is not
            first = first == null || first.missing() != null && verdict.missing() == null ? verdict : first;
        }
        return first;
    }

    /** The explicit setting, whichever version it has; then the version that JCuda is made for, wherever it lies. */
    private static List<Attempt> attempts() {
        List<Attempt> attempts = new ArrayList<>();
        for (String name : List.of(BLAS, NEWER_BLAS)) {
            Libraries.find(name, Libraries.explicit()).ifPresent(path -> attempts.add(new Attempt(name, path)));
        }
        for (String name : List.of(BLAS, NEWER_BLAS)) {
            attempts.add(new Attempt(name, null));
            Libraries.find(name, Libraries.usual()).ifPresent(path -> attempts.add(new Attempt(name, path)));
        }
        return attempts;
    }

    /**
     * A cuBLAS to try.
     *
     * @param path where it lies; null: as the loader finds it
     */
    private record Attempt(String name, Path path) {
        Verdict load(Path jcublas) {
            try {
                if (path != null) {
                    // cuBLAS needs it, and it may lie where the loader does not look
                    Path light = path.resolveSibling(name.replace("libcublas", "libcublasLt"));
                    if (Files.isRegularFile(light)) {
                        System.load(light.toString());
                    }
                    System.load(path.toString());
                }
                System.load(jcublas.toString());
                return Verdict.of(name, source(Optional.ofNullable(path)));
            } catch (UnsatisfiedLinkError e) {
                return Verdict.of(path == null ? name : path.toString(), e);
            }
        }
    }

    private static String source(Optional<Path> found) {
        return found.map(path -> path.getParent().toString()).orElse(LOADER);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Natives.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is not on the class path");
            }
            return in.readAllBytes();
        }
    }

    private static Verdict privately(String library, Loading loading) {
        String os = System.getProperty("os.name");
        String architecture = System.getProperty("os.arch");
        if (!os.equals("Linux") || !(architecture.equals("amd64") || architecture.equals("x86_64"))) {
            String problem = "CUDA is supported on Linux x86-64, this is " + os + " " + architecture;
            return new Verdict(library, null, problem, null);
        }
        String shared = System.getProperty("java.io.tmpdir");
        try {
            Path folder = Files.createTempDirectory(
                    Path.of(shared),
                    "elbo-",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            System.setProperty("java.io.tmpdir", folder.toString());
            try {
                return loading.in(folder);
            } finally {
                System.setProperty("java.io.tmpdir", shared);
                delete(folder);
            }
        } catch (LinkageError e) {
            return Verdict.of(library, e);
        } catch (IOException e) {
            String problem = "no private folder for JCuda's libraries in " + shared + ": " + e.getMessage();
            return new Verdict(library, null, problem, null);
        }
    }

    /** What is loaded stays loaded: the files' names are not needed any more. */
    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
