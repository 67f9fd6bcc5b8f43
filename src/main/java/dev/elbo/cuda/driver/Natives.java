package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import dev.elbo.natives.NativeLibrary;
import dev.elbo.natives.PrivateFolder;
import dev.elbo.natives.PropertiesForThread;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.driver.JCudaDriver;

/**
 * The loader of the driver's library and JCuda's own: it loads once and keeps the verdict, since after a first failure
 * the JVM answers every later use with an uninformative NoClassDefFoundError.
 *
 * <p>JCuda unpacks its libraries under a fixed name in {@code java.io.tmpdir} and takes any file that lies there already. So that
 * no other user can plant one, JCuda alone sees a {@link PrivateFolder} there; other threads, and Java itself for the first
 * temporary file of the process, see the folder as it was.
 */
public final class Natives {
    /** The driver's library, part of the kernel module's package. */
    public static final String DRIVER = "libcuda.so.1";
    /** The environment variable with folders to look into first. */
    public static final String SETTING = Libraries.VARIABLE;

    private static final String JCUDA = "libJCudaDriver-12.6.0-linux-x86_64.so";
    private static final String LOADER = "the loader's path";
    /** The option without which JDK 24 and newer warn, and later JDKs deny access. */
    private static final String ACCESS =
            "--enable-native-access=ALL-UNNAMED, or with ALL-UNNAMED,dev.elbo,jcuda if these are"
                    + " on the module path";

    private static final Pattern MISSING = Pattern.compile("(lib\\S+\\.so\\S*): cannot open shared object file");

    private static Verdict driver;

    /**
     * The outcome of loading libraries.
     *
     * @param library the library that was loaded or looked for
     * @param source place where it was found: a folder, or "the loader's path"; null if it was not loaded
     * @param problem reason for the failure, one line; null if it was loaded
     * @param missing the library that was not found, if that was it; null otherwise
     */
    public record Verdict(String library, String source, String problem, String missing) {
        /** {@return whether they are loaded} */
        public boolean loaded() {
            return problem == null;
        }

        static Verdict of(String library, Optional<Path> found) {
            return new Verdict(
                    library, found.map(path -> path.getParent().toString()).orElse(LOADER), null, null);
        }

        static Verdict of(String library, Throwable thrown) {
            if (NativeLibrary.isDenied(thrown)) {
                return new Verdict(
                        library,
                        null,
                        "Java denies the access to native code that " + library + " needs; start Java with " + ACCESS,
                        null);
            }
            String missing = notFound(thrown);
            if (missing != null) {
                return new Verdict(library, null, missing + " was not found", missing);
            }
            String line =
                    String.valueOf(thrown.getMessage()).lines().findFirst().orElse(thrown.toString());
            return new Verdict(library, null, library + " cannot be loaded: " + line, null);
        }
    }

    private Natives() {}

    /**
     * Loads the driver's library and JCuda's for it. Leaves JCuda's setting for exceptions as the program has set it.
     */
    public static Verdict driver() {
        return driver(Libraries.BEYOND);
    }

    /** @throws ElboException unavailable, if there is no driver */
    static void requireDriver() {
        if (!driver().loaded()) {
            throw ElboException.unavailable("no CUDA driver: " + driver().problem() + "; run Backends.diagnose(0)");
        }
    }

    /** @param beyond folders to search if the loader does not find the driver */
    static synchronized Verdict driver(List<Path> beyond) {
        if (driver == null) {
            String unsupported = unsupported();
            driver = unsupported == null ? load(beyond) : new Verdict(DRIVER, null, unsupported, null);
        }
        return driver;
    }

    /** Returns the reason why this kind of machine has no CUDA; null if it may have it. */
    static String unsupported() {
        String os = System.getProperty("os.name");
        String architecture = System.getProperty("os.arch");
        return os.equals("Linux") && (architecture.equals("amd64") || architecture.equals("x86_64"))
                ? null
                : "CUDA is supported on Linux x86-64, this is " + os + " " + architecture;
    }

    private static Verdict load(List<Path> beyond) {
        try (PrivateFolder folder = PrivateFolder.create()) {
            Optional<Path> found = Libraries.find(DRIVER, Libraries.explicit());
            if (found.isEmpty()) {
                found = Libraries.find(DRIVER, beyond).filter(path -> !isFoundByTheLoader(folder));
            }
            found.ifPresent(NativeLibrary::load);
            // JCuda takes it from there, and could not unpack it itself as a module, which sees no other one's
            // resources
            folder.write(JCUDA, jcudas(JCUDA));
            PropertiesForThread shown = PropertiesForThread.set(
                    Map.of("java.io.tmpdir", folder.path().toString()));
            try {
                // loads JCuda's library; the driver's status is ignored
                Status.codeOf(() -> JCudaDriver.cuDriverGetVersion(new int[1]));
            } finally {
                shown.close();
            }
            return Verdict.of(DRIVER, found);
        } catch (LinkageError | IllegalCallerException e) {
            return Verdict.of(DRIVER, e);
        } catch (IOException e) {
            return noFolder(DRIVER, e);
        }
    }

    static byte[] jcudas(String name) throws IOException {
        return NativeLibrary.read("lib/" + name);
    }

    static Verdict noFolder(String library, IOException e) {
        String problem = "a private folder for JCuda's libraries cannot be created in "
                + System.getProperty("java.io.tmpdir") + ": " + e.getMessage();
        return new Verdict(library, null, problem, null);
    }

    /** Returns whether a copy of JCuda's library, which needs the driver, loads: JCuda can be tried only once. */
    private static boolean isFoundByTheLoader(PrivateFolder folder) {
        try {
            System.load(folder.write("asked.so", jcudas(JCUDA)).toString());
            return true;
        } catch (UnsatisfiedLinkError e) {
            return !DRIVER.equals(notFound(e));
        } catch (IOException e) {
            // JCuda itself tells what is wrong
            return true;
        }
    }

    /** Returns the library that was not found, if that was the reason; else null. */
    private static String notFound(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            Matcher found = MISSING.matcher(String.valueOf(cause.getMessage()));
            if (found.find()) {
                return found.group(1);
            }
        }
        return null;
    }
}
