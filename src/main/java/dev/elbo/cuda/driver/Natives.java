package dev.elbo.cuda.driver;

import dev.elbo.natives.NativeAccess;
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
 * Loads the driver's library and JCuda's own, once, and keeps the verdict: after a first failure the JVM would answer every
 * later touch with a NoClassDefFoundError that tells nothing.
 *
 * <p>JCuda unpacks its libraries under a fixed name in {@code java.io.tmpdir} and takes whatever lies there already; so that
 * nobody can plant one, it is shown a {@link PrivateFolder}, it alone: what other threads ask for in the meantime, and Java itself
 * for the first temporary file of the process, stays where it is.
 */
public final class Natives {
    /** The driver, part of the kernel module's package. */
    public static final String DRIVER = "libcuda.so.1";
    /** The environment variable with folders to look into first. */
    public static final String SETTING = Libraries.VARIABLE;

    private static final String JCUDA = "libJCudaDriver-12.6.0-linux-x86_64.so";
    private static final String LOADER = "the loader's path";
    /** From JDK 24 on Java warns without it, and later denies it. */
    private static final String ACCESS =
            "--enable-native-access=ALL-UNNAMED, and behind a comma dev.elbo,jcuda where they are"
                    + " on the module path";

    private static final Pattern MISSING = Pattern.compile("(lib\\S+\\.so\\S*): cannot open shared object file");

    private static Verdict driver;

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

        static Verdict of(String library, Optional<Path> found) {
            return new Verdict(
                    library, found.map(path -> path.getParent().toString()).orElse(LOADER), null, null);
        }

        static Verdict of(String library, Throwable thrown) {
            if (NativeAccess.isDenied(thrown)) {
                return new Verdict(
                        library,
                        null,
                        "Java denies the access to native code that " + library + " needs; start it with " + ACCESS,
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

    /** Loads the driver's library and JCuda's for it. Whether JCuda throws exceptions stays as the program has set it. */
    public static Verdict driver() {
        return driver(Libraries.BEYOND);
    }

    /** @param beyond where the driver may lie if the loader does not find it */
    static synchronized Verdict driver(List<Path> beyond) {
        if (driver == null) {
            String unsupported = unsupported();
            driver = unsupported == null ? load(beyond) : new Verdict(DRIVER, null, unsupported, null);
        }
        return driver;
    }

    /** Why there is no CUDA on this kind of machine; null where there may be. */
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
                // loads JCuda's library, whatever the driver answers
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
        String problem = "no private folder for JCuda's libraries in " + System.getProperty("java.io.tmpdir") + ": "
                + e.getMessage();
        return new Verdict(library, null, problem, null);
    }

    /** Asked of a copy of JCuda's library, which needs the driver: JCuda itself cannot be asked twice. */
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

    /** The library that was not found, if that was it; else null. */
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
