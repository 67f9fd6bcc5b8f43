package dev.elbo.cuda.driver;

import java.io.IOException;
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

    /** The environment variable with folders to look into first. */
    public static final String SETTING = Libraries.VARIABLE;

    private static final String BLAS_LT = "libcublasLt.so.12";
    private static final Pattern MISSING = Pattern.compile("(lib\\S+\\.so\\S*): cannot open shared object file");

    private static Verdict driver;
    private static Verdict blas;

    /**
     * Whether libraries could be loaded.
     *
     * @param problem why not, one line; null if they were
     * @param missing the library that was not found, if that was it; null otherwise
     * @param source where they were found: a folder, or "the loader's path"
     */
    public record Verdict(String problem, String missing, String source) {
        /** Whether they are loaded. */
        public boolean loaded() {
            return problem == null;
        }
    }

    private Natives() {}

    /** Loads the driver's library and JCuda's for it. */
    public static synchronized Verdict driver() {
        if (driver == null) {
            driver = load(List.of(DRIVER), Libraries.explicit(), () -> JCudaDriver.setExceptionsEnabled(false));
        }
        return driver;
    }

    /** Loads cuBLAS and JCuda's library for it. */
    public static synchronized Verdict blas() {
        if (blas == null) {
            blas = load(List.of(BLAS_LT, BLAS), blasFolders(), () -> JCublas2.setExceptionsEnabled(false));
        }
        return blas;
    }

    /** Where cuBLAS of another version than the needed one lies, as advice. */
    public static Optional<Path> otherBlas() {
        return Libraries.find("libcublas.so.13", blasFolders());
    }

    private static List<Path> blasFolders() {
        List<Path> folders = new ArrayList<>(Libraries.explicit());
        folders.addAll(Libraries.usual());
        return folders;
    }

    private static Verdict load(List<String> names, List<Path> folders, Runnable touch) {
        String os = System.getProperty("os.name");
        String architecture = System.getProperty("os.arch");
        if (!os.equals("Linux") || !(architecture.equals("amd64") || architecture.equals("x86_64"))) {
            return new Verdict("CUDA is supported on Linux x86-64, this is " + os + " " + architecture, null, null);
        }
        String source = "the loader's path";
        for (String name : names) {
            Optional<Path> found = Libraries.find(name, folders);
            if (found.isPresent()) {
                try {
                    System.load(found.get().toString());
                    source = found.get().getParent().toString();
                } catch (UnsatisfiedLinkError e) {
                    return new Verdict(found.get() + " cannot be loaded: " + line(e), missing(e), null);
                }
            }
        }
        try {
            privately(touch);
            return new Verdict(null, null, source);
        } catch (LinkageError e) {
            String missing = missing(e);
            return new Verdict(
                    missing == null ? "JCuda cannot be loaded: " + line(e) : missing + " was not found", missing, null);
        } catch (IOException e) {
            return new Verdict(
                    "no private folder for JCuda's libraries in " + System.getProperty("java.io.tmpdir") + ": "
                            + e.getMessage(),
                    null,
                    null);
        }
    }

    private static void privately(Runnable touch) throws IOException {
        String shared = System.getProperty("java.io.tmpdir");
        Path folder = Files.createTempDirectory(
                Path.of(shared),
                "elbo-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        System.setProperty("java.io.tmpdir", folder.toString());
        try {
            touch.run();
        } finally {
            System.setProperty("java.io.tmpdir", shared);
            delete(folder);
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

    private static String missing(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            Matcher found = MISSING.matcher(String.valueOf(cause.getMessage()));
            if (found.find()) {
                return found.group(1);
            }
        }
        return null;
    }

    private static String line(Throwable thrown) {
        return String.valueOf(thrown.getMessage()).lines().findFirst().orElse(thrown.toString());
    }
}
