package dev.elbo.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.OperatingSystemMXBean;
import dev.elbo.Backends;
import dev.elbo.JavaCommand;
import dev.elbo.backend.Backend;
import dev.ludovic.netlib.blas.BLAS;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program that embeds the CPU backend has of its own stays as it is, each time in a process of its own. */
class GuestTest {
    private static final List<String> PROPERTIES =
            List.of("dev.ludovic.netlib.blas.nativeLibPath", "dev.ludovic.netlib.blas.allowNative", "java.io.tmpdir");

    /** Before what the program says, beside what netlib does. */
    private static final String SAYS = "says ";

    @TempDir
    private Path folder;

    private static void say(Object what) {
        System.out.println(SAYS + what);
    }

    /** The bits of a product. */
    private static int product() {
        float[] a = new float[137 * 911];
        for (int i = 0; i < a.length; i++) {
            a[i] = (float) Math.sin(i);
        }
        float[] c = new float[137 * 137];
        multiply(137, 911, a, c);
        return Arrays.hashCode(c);
    }

    private static void multiply(int size, int depth, float[] a, float[] c) {
        Slice factor = new Slice(a, 0, size, depth, depth);
        Slice product = new Slice(c, 0, size, size, size);
        Products.get().addMultipliedTransposed(size, size, depth, factor, 0, factor, 0, product, 0);
    }

    private List<String> run(Class<?> program, List<String> options, String... arguments) throws Exception {
        return JavaCommand.said(JavaCommand.of(options, program, arguments), folder, 0)
                .lines()
                .filter(line -> line.startsWith(SAYS))
                .map(line -> line.substring(SAYS.length()))
                .toList();
    }

    /** Says what the products are of and what they are, and whether what is of the process stays; netlib is touched first or not. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) {
            Logger netlib = Logger.getLogger("dev.ludovic.netlib.blas");
            if (arguments[0].equals("netlib")) {
                BLAS.getInstance();
            }
            List<String> before = settings(netlib);
            try (CpuBackend backend = new CpuBackend(1)) {
                say(backend.description());
            }
            say(product());
            say(before.equals(settings(netlib)));
        }

        private static List<String> settings(Logger netlib) {
            List<String> settings = new ArrayList<>();
            PROPERTIES.forEach(name -> settings.add(System.getProperty(name)));
            settings.add("" + netlib.getLevel());
            return settings;
        }
    }

    @Test
    void productsAreTheSameWhateverNetlibCameToBefore() throws Exception {
        List<String> alone = run(Program.class, List.of(), "nothing");
        assertEquals("float32, OpenBLAS, 1 thread", alone.get(0));
        assertEquals("true", alone.get(2));
        for (String option : List.of(
                "-Dx=y",
                "-Ddev.ludovic.netlib.blas.allowNative=false",
                "-Ddev.ludovic.netlib.blas.nativeLibPath=/no/such/library.so")) {
            assertEquals(alone, run(Program.class, List.of(option), "netlib"), option);
        }
    }

    @Test
    void whereThereIsNoHomeNothingIsLeftOver() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        List<String> said =
                run(Program.class, List.of("-Duser.home=/no/such/home", "-Djava.io.tmpdir=" + temporary), "nothing");
        assertEquals("float32, OpenBLAS, 1 thread", said.get(0));
        assertEquals("true", said.get(2));
        try (Stream<Path> left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
    }

    /** A program that has the same OpenBLAS for itself, on as many threads as it likes, loaded before elbo's or after it. */
    static final class OwnOpenBlas {
        private OwnOpenBlas() {}

        public static void main(String[] arguments) throws Exception {
            if (arguments[0].equals("first")) {
                load();
            }
            say(product());
            if (!arguments[0].equals("first")) {
                load();
            }
            // before they have multiplied at all, JavaCPP's two have as many as they were given
            say(openblas.blas_get_num_threads() + " " + openblas_nolapack.blas_get_num_threads());
            openblas.blas_set_num_threads(7);
            openblas_nolapack.blas_set_num_threads(7);
            say(product());
            say(copies());
            int n = 2000;
            float[] a = new float[n * n];
            float[] c = new float[n * n];
            say(isOfOneThread(() -> multiply(n, n, a, c)) + " "
                    + isOfOneThread(() -> openblas.cblas_sgemm(101, 111, 111, n, n, n, 1, a, n, a, n, 0, c, n)));
        }

        /** Whether products take no time of other threads than this one, but for what Java does beside them. */
        private static boolean isOfOneThread(Runnable products) {
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            OperatingSystemMXBean process = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
            long all = process.getProcessCpuTime();
            long own = threads.getCurrentThreadCpuTime();
            products.run();
            return threads.getCurrentThreadCpuTime() - own > 0.7 * (process.getProcessCpuTime() - all);
        }

        private static void load() {
            openblas.blas_set_num_threads(5);
            openblas_nolapack.blas_set_num_threads(5);
        }

        /** How many files of the process's map are an OpenBLAS. */
        private static long copies() throws Exception {
            Set<String> files = new TreeSet<>();
            for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
                if (line.matches(".*/libopenblas[^/]*")) {
                    files.add(line.substring(line.indexOf('/')));
                }
            }
            return files.size();
        }
    }

    @Test
    void anOpenBlasOfTheProgramKeepsItsThreadsAndElboItsOwn() throws Exception {
        List<String> alone = run(Program.class, List.of(), "nothing");
        for (String order : List.of("first", "second")) {
            List<String> said = run(OwnOpenBlas.class, List.of(), order);
            assertEquals(List.of(alone.get(1), "5 5", alone.get(1), "2", "true false"), said, order);
        }
    }

    /** As three applications of one server, one after the other; says whether all are gone once they are closed. */
    static final class Loaders {
        private Loaders() {}

        public static void main(String[] arguments) throws Exception {
            URL[] path = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                    .map(entry -> {
                        try {
                            return Path.of(entry).toUri().toURL();
                        } catch (MalformedURLException e) {
                            throw new IllegalStateException(e);
                        }
                    })
                    .toArray(URL[]::new);
            List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                loaders.add(opened(path));
            }
            for (int i = 0; i < 50 && loaders.stream().anyMatch(loader -> loader.get() != null); i++) {
                System.gc();
                Thread.sleep(20);
            }
            say(loaders.stream().filter(loader -> loader.get() == null).count() + " collected");
            Set<String> libraries = Files.readAllLines(Path.of("/proc/self/maps")).stream()
                    .filter(line -> line.matches(".*(openblas|netlib).*"))
                    .collect(Collectors.toCollection(TreeSet::new));
            say(libraries);
        }

        private static WeakReference<ClassLoader> opened(URL[] path) throws Exception {
            try (URLClassLoader loader = new URLClassLoader(path, ClassLoader.getPlatformClassLoader())) {
                loader.loadClass(Opened.class.getName())
                        .getMethod("main", String[].class)
                        .invoke(null, (Object) new String[0]);
                return new WeakReference<>(loader);
            }
        }
    }

    /** Opens the CPU backend and multiplies. */
    public static final class Opened {
        private Opened() {}

        public static void main(String[] arguments) {
            try (Backend backend = Backends.builder("cpu").threads(2).open()) {
                say(backend.description());
            }
        }
    }

    @Test
    void classLoadersAreCollectedWhenTheyAreClosedAndTheirLibrariesUnloaded() throws Exception {
        List<String> said = run(Loaders.class, List.of());
        assertEquals(
                List.of(
                        "float32, OpenBLAS, 2 threads",
                        "float32, OpenBLAS, 2 threads",
                        "float32, OpenBLAS, 2 threads",
                        "3 collected",
                        "[]"),
                said);
    }

    private String productsWith(Path home) throws Exception {
        List<String> command = new ArrayList<>(List.of("env", "-u", "ELBO_CACHE", "-u", "XDG_CACHE_HOME"));
        command.addAll(JavaCommand.of(List.of("-Duser.home=" + home), Program.class, "nothing"));
        return JavaCommand.said(command, folder, 0);
    }

    @Test
    void whatIsUnpackedIsKeptAndMendedAndNotTakenFromFoldersThatOthersMayWriteTo() throws Exception {
        String openBlas = SAYS + "float32, OpenBLAS, 1 thread";
        // of a process that was killed
        Path abandoned = Files.createDirectories(folder.resolve(".cache/elbo/.openblas-1"));
        Files.write(abandoned.resolve("libgfortran.so.5"), new byte[1]);
        Files.setLastModifiedTime(abandoned, FileTime.fromMillis(0));
        assertTrue(productsWith(folder).contains(openBlas));
        Path kept;
        try (Stream<Path> all = Files.list(folder.resolve(".cache/elbo"))) {
            kept = all.reduce((a, b) -> fail(a + " and " + b)).orElseThrow();
        }
        Path library = kept.resolve("libopenblas.so.0");
        FileTime made = Files.getLastModifiedTime(library);
        assertTrue(productsWith(folder).contains(openBlas));
        assertEquals(made, Files.getLastModifiedTime(library));

        long size = Files.size(library);
        Files.write(library, new byte[10]);
        assertTrue(productsWith(folder).contains(openBlas));
        assertEquals(size, Files.size(library));

        Files.write(library, new byte[(int) size]);
        Files.setPosixFilePermissions(kept, PosixFilePermissions.fromString("rwxrwx---"));
        assertTrue(productsWith(folder).contains(openBlas));
        Files.setPosixFilePermissions(kept, PosixFilePermissions.fromString("rwx------"));
        String said = productsWith(folder);
        assertTrue(said.contains("plain Java products"), said);
        assertTrue(said.contains("; set ELBO_CACHE to a folder that libraries can be loaded from"), said);
    }
}
