package dev.elbo.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.JavaCommand;
import dev.ludovic.netlib.blas.BLAS;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program that embeds the CPU backend has of its own stays as it is, each time in a process of its own. */
class GuestTest {
    private static final List<String> PROPERTIES = List.of(
            "dev.ludovic.netlib.blas.nativeLibPath",
            "dev.ludovic.netlib.blas.allowNative",
            "org.bytedeco.javacpp.cachedir",
            "java.io.tmpdir");

    /** Before what the program says, beside what netlib does. */
    private static final String SAYS = "says ";

    @TempDir
    private Path folder;

    /** Says what the products are of and what they are, and what is of the process before and after; netlib is touched first or not. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) throws Exception {
            Logger netlib = Logger.getLogger("dev.ludovic.netlib.blas");
            if (arguments[0].equals("netlib")) {
                BLAS.getInstance();
            }
            List<String> before = settings(netlib);
            try (CpuBackend backend = new CpuBackend(1)) {
                say(backend.description());
            }
            float[] a = new float[37 * 91];
            for (int i = 0; i < a.length; i++) {
                a[i] = 1f / (i + 1);
            }
            float[] c = new float[37 * 37];
            Products.get().addMultipliedTransposed(37, 37, 91, a, 0, 91, a, 0, 91, c, 0, 37);
            say(Arrays.hashCode(c));
            say(before.equals(settings(netlib)));
            if (arguments[0].equals("javacpp")) {
                // another of JavaCPP's libraries, as the program may come to need one
                say(Files.isRegularFile(Path.of(Loader.load(openblas.class))));
            }
        }

        private static void say(Object what) {
            System.out.println(SAYS + what);
        }

        private static List<String> settings(Logger netlib) {
            List<String> settings = new ArrayList<>();
            PROPERTIES.forEach(name -> settings.add(System.getProperty(name)));
            settings.add("" + netlib.getLevel());
            return settings;
        }
    }

    private List<String> run(String first, String... options) throws Exception {
        return JavaCommand.said(JavaCommand.of(List.of(options), Program.class, first), folder, 0)
                .lines()
                .filter(line -> line.startsWith(SAYS))
                .map(line -> line.substring(SAYS.length()))
                .toList();
    }

    @Test
    void productsAreTheSameWhateverNetlibCameToBefore() throws Exception {
        List<String> alone = run("nothing");
        assertEquals("float32, OpenBLAS, 1 thread", alone.get(0));
        assertEquals("true", alone.get(2));
        assertEquals(alone, run("netlib"));
        assertEquals(alone, run("netlib", "-Ddev.ludovic.netlib.blas.allowNative=false"));
        assertEquals(alone, run("netlib", "-Ddev.ludovic.netlib.blas.nativeLibPath=/no/such/library.so"));
    }

    @Test
    void whereThereIsNoHomeNothingIsLeftOverAndNothingIsBroken() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        String[] options = {"-Duser.home=/no/such/home", "-Djava.io.tmpdir=" + temporary};
        List<String> said = run("nothing", options);
        assertEquals("float32, OpenBLAS, 1 thread", said.get(0));
        assertEquals("true", said.get(2));
        try (Stream<Path> left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
        assertEquals(List.of("true", "true"), run("javacpp", options).subList(2, 4));
    }
}
