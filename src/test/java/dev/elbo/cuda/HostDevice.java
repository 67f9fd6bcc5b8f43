package dev.elbo.cuda;

import dev.elbo.Skip;
import dev.elbo.cuda.driver.Natives;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The host CUDA device of {@code native/}, which stands in for driver and cuBLAS, and its controls. */
final class HostDevice {
    private static final String SETTING = System.getProperty("elbo.cuda.libraries");

    private static String problem;
    private static boolean prepared;

    private HostDevice() {}

    /** Whether the tests of this process are to run on it. */
    static boolean isMeant() {
        return SETTING != null;
    }

    /** Builds and loads it, or skips the test with the reason why that cannot be. */
    static synchronized void require() {
        if (!prepared) {
            prepared = true;
            problem = prepare();
        }
        Skip.unless(problem == null, "no host CUDA device: " + problem);
    }

    private static String prepare() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return "this is not Linux";
        }
        for (String tool : new String[] {"g++", "make"}) {
            if (!isOnPath(tool)) {
                return "there is no " + tool;
            }
        }
        String processors = Integer.toString(Runtime.getRuntime().availableProcessors());
        succeed(
                "make",
                "-C",
                "native",
                "-j",
                processors,
                "host-device",
                "JAVA_HOME=" + System.getProperty("java.home"));
        Natives.Verdict driver = Natives.driver();
        if (!driver.loaded()) {
            throw new AssertionError("the host CUDA device was built but not loaded: " + driver.problem());
        }
        return null;
    }

    static boolean isOnPath(String program) {
        return Stream.of(System.getenv("PATH").split(Pattern.quote(File.pathSeparator)))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** Runs a command; its output is the message if it fails. */
    static void succeed(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String printed = new String(process.getInputStream().readAllBytes());
            if (process.waitFor() != 0) {
                throw new AssertionError(String.join(" ", command) + "\n" + printed);
            }
        } catch (IOException e) {
            throw new AssertionError(String.join(" ", command), e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /**
     * Makes a call fail on its n-th use from now on.
     *
     * @param function its exported name, or null for any
     * @param n 1 for the next
     * @param error a CUresult
     * @param forGood whether every use after it fails too
     */
    static native void failCall(String function, long n, int error, boolean forGood);

    /** Ends all of {@link #failCall}. */
    static native void clearFailures();

    /** Calls so far; null: of all functions. */
    static native long calls(String function);

    /** What is alive of a kind: allocation, pinned, module, stream, event, graph, graphExec, context, blas; null: of all. */
    static native long live(String kind);

    /** All that is alive, as "2 allocations, 1 stream", or "". */
    static native String liveReport();

    /** Executed launches; null: of all kernels and library calls. */
    static native long launches(String kernel);

    /** Seeds all random choices from now on. */
    static native void schedule(long seed);

    /** Kernels with every access checked, or plain ones. */
    static native void checked(boolean accesses);

    /** What the machine has. */
    static native void device(int count, int capabilityMajor, int capabilityMinor, long memory, int driverVersion);

    /** The full text of the last fault, or null. */
    static native String lastFault();

    /** Forgets everything: contexts, objects, sticky errors, failures. */
    static native void reset();
}
