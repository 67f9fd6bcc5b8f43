package dev.elbo.cuda;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.elbo.Skip;
import dev.elbo.cuda.driver.Natives;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The host CUDA device of {@code native/}, which stands in for driver and cuBLAS, and its controls. */
public final class HostDevice {
    private static final String SETTING = System.getProperty("elbo.cuda.libraries");

    private static String problem;
    private static boolean prepared;
    private static boolean sourcesPrepared;

    private HostDevice() {}

    /** Whether the tests of this process are to run on it. */
    static boolean isMeant() {
        return SETTING != null;
    }

    /**
     * Builds and loads it, or skips the test with the reason why that cannot be.
     *
     * @param kernels which are to run, see {@link #kernels}: what g++ makes of the sources is built only where it is wanted
     */
    static synchronized void require(String kernels) {
        if (!prepared) {
            prepared = true;
            problem = prepare();
        }
        Skip.unless(problem == null, "no host CUDA device: " + problem);
        if (!sourcesPrepared && !kernels.equals("ptx")) {
            sourcesPrepared = true;
            make("host-device");
        }
    }

    private static String prepare() {
        String missing = missing();
        if (missing != null) {
            return missing;
        }
        make("ptx-device");
        Natives.Verdict driver = Natives.driver();
        if (!driver.loaded()) {
            throw new AssertionError("the host CUDA device was built but not loaded: " + driver.problem());
        }
        return null;
    }

    /** Why nothing can be built here, or null. */
    static String missing() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return "this is not Linux";
        }
        return Stream.of("g++", "make")
                .filter(tool -> !isOnPath(tool))
                .findFirst()
                .map(tool -> "there is no " + tool)
                .orElse(null);
    }

    /** Builds a target of {@code native/Makefile}, when no other process of the tests does. */
    @SuppressWarnings("try")
    static void make(String target) {
        String processors = Integer.toString(Runtime.getRuntime().availableProcessors());
        Path folder = Path.of("target", "native");
        try (FileChannel file = FileChannel.open(Files.createDirectories(folder).resolve("lock"), CREATE, WRITE);
                FileLock lock = file.lock()) {
            succeed("make", "-C", "native", "-j", processors, target, "JAVA_HOME=" + System.getProperty("java.home"));
        } catch (IOException e) {
            throw new AssertionError(folder.toString(), e);
        }
    }

    public static boolean isOnPath(String program) {
        return Stream.of(System.getenv("PATH").split(Pattern.quote(File.pathSeparator)))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** Runs a command; its output is the message if it fails. */
    public static void succeed(String... command) {
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

    /** Forgets everything; then a machine with one device of compute capability 8.0 and 8 GiB. */
    static void fresh(boolean checked) {
        reset();
        // cuBLAS's workspace is small below 9.0, and every product fills it with NaNs
        device(1, 8, 0, 8L << 30, 13000);
        checked(checked);
    }

    /**
     * Makes a call of the driver or of cuBLAS fail on its n-th use from now on. Errors that a device does not survive (such as
     * 220, 226, 700, 714 to 719 and 721) kill the current context. A function of cuBLAS answers {@code ALLOC_FAILED} for error
     * 2, a product {@code EXECUTION_FAILED} for an error that kills the context, and both {@code INTERNAL_ERROR} otherwise.
     *
     * @param function its name, with or without {@code _v2}; null: any
     * @param n 1 is the next use
     * @param error the {@code CUresult}; for a function of cuBLAS, minus the {@code cublasStatus} that it answers
     * @param forGood every later use fails too, else only the n-th
     * @throws IllegalArgumentException if there is no such error, or n is less than 1
     */
    public static native void failCall(String function, long n, int error, boolean forGood);

    /** Ends all of {@link #failCall}. */
    static native void clearFailures();

    /**
     * Changes settings of the machine, in the syntax of the environment's ELBO_HOST_CUDA: {@code "compiler=221,loading=lazy"}.
     * They are applied all or none, and last until {@link #reset}. {@code native/README.md} lists them.
     *
     * @throws IllegalArgumentException if one of them is no setting; the message lists those that are
     */
    public static native void set(String settings);

    /** Makes the n-th wait of a stream for an event from now on do nothing; 1 is the next, 0 ends it. */
    static native void dropWait(long n);

    /** Nodes of the longest chain of the graph that was made last. */
    static native long graphDepth();

    /** How often {@code function} (null: any) was called, made to fail or not. */
    static native long calls(String function);

    /**
     * How many objects have not been given back. What a context leaves behind when it is destroyed still counts, unless it
     * died of an error. A retained primary context does not count: it belongs to the process.
     *
     * @param kind "allocation", "pinned", "module", "stream", "event", "graph", "graphExec", "context", "blas"; null: all
     */
    static native long live(String kind);

    /** "2 allocations, 1 stream", or "". */
    static native String liveReport();

    /**
     * Calls since the last {@link #reset} that load a module, read a factor of a product, or copy, and were handed an address
     * in the Java heap. While such a call runs, JCuda holds a critical section of JNI, and the garbage collector cannot run.
     *
     * @return distinct and sorted, as {@code "cuMemcpyHtoD: the source points into the Java heap, ..."}; "" if there are none
     */
    static native String heapCalls();

    /** How many launches of {@code kernel} (null: all kernels and library calls) have run. */
    static native long launches(String kernel);

    /** The seed of all random choices from now on. */
    static native void schedule(long seed);

    /**
     * Whether kernels run with every access checked, or plain and many times faster. Plain, reads of what nobody wrote are
     * not reported either.
     */
    static void checked(boolean accesses) {
        set(accesses ? "accesses=checked" : "accesses=plain");
    }

    /**
     * What the machine has, from now on; it overrides the environment's ELBO_HOST_CUDA, and {@link #reset} restores that.
     * Other settings stay, see {@link #set}.
     *
     * @param memory in bytes
     * @param driverVersion as the driver reports it: 13000 is 13.0
     */
    static void device(int count, int capabilityMajor, int capabilityMinor, long memory, int driverVersion) {
        set("devices=" + count + ",capability=" + capabilityMajor + "." + capabilityMinor + ",memory=" + memory
                + ",driver=" + driverVersion);
    }

    /**
     * What runs when a kernel of a module is launched, for modules that are loaded from now on.
     *
     * @param which "source": what g++ made of kernels/; "ptx": the text that was loaded; "both": one after the other, and a
     *     byte that they leave differently is a fault
     */
    static void kernels(String which) {
        set("kernels=" + which);
    }

    /** From now on the driver is handed another text where it is handed this one. */
    public static native void substitute(String text, String by);

    /** The full text of the last fault, or null. */
    static native String lastFault();

    /**
     * Forgets contexts, objects, errors, counts, failures, calls of {@link #heapCalls} and settings. Handles from before are
     * invalid; the driver stays initialised.
     */
    public static native void reset();
}
