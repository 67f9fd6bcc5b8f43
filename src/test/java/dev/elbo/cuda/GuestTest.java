package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.JavaCommand;
import dev.elbo.Skip;
import dev.elbo.backend.Backend;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program that embeds the CUDA backend has of its own stays as it is, each time in a process of its own. */
@OnDevice(hostOnly = true)
class GuestTest {
    @TempDir
    private Path folder;

    private String run(Class<?> program) throws IOException, InterruptedException {
        Path temporary = Files.createDirectories(folder.resolve("temporary"));
        List<String> options = List.of(
                "-Djava.io.tmpdir=" + temporary, "-Delbo.cuda.libraries=" + System.getProperty("elbo.cuda.libraries"));
        String said = JavaCommand.said(JavaCommand.of(options, program), folder, 0);
        try (var left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
        return said;
    }

    /** Asks without a pause, while a backend opens, for what only the thread that opens it may see otherwise. */
    static final class TemporaryFolder {
        private TemporaryFolder() {}

        public static void main(String[] arguments) throws Exception {
            Properties properties = System.getProperties();
            Set<String> seen = ConcurrentHashMap.newKeySet();
            CountDownLatch started = new CountDownLatch(1);
            AtomicBoolean over = new AtomicBoolean();
            Thread other = new Thread(() -> {
                while (!over.get()) {
                    seen.add(System.getProperty("java.io.tmpdir"));
                    started.countDown();
                }
            });
            other.start();
            started.await();
            try (Backend backend = Backends.open("cuda")) {
                System.out.println(backend.name());
            }
            over.set(true);
            other.join();
            System.out.println(seen.equals(Set.of(System.getProperty("java.io.tmpdir"))) + " "
                    + (System.getProperties() == properties) + " "
                    + File.createTempFile("their", "file").delete());
        }
    }

    @Test
    void theTemporaryFolderIsWhatItWas() throws Exception {
        assertEquals(
                List.of("cuda", "true true true"),
                run(TemporaryFolder.class).lines().toList());
    }

    /** Three copies of elbo, as three applications of one server have them: each on the backend that it asks for. */
    static final class Loaders {
        private Loaders() {}

        public static void main(String[] arguments) throws Exception {
            List<URL> path = new ArrayList<>();
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
                path.add(Path.of(entry).toUri().toURL());
            }
            for (String name : new String[] {"auto", "cuda", "cuda"}) {
                try (URLClassLoader loader =
                        new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
                    Class<?> program = loader.loadClass(Multiplied.class.getName());
                    program.getMethod("main", String[].class).invoke(null, (Object) new String[] {name});
                }
            }
        }
    }

    /** Opens a backend, which multiplies once before it takes its cuBLAS for good. */
    public static final class Multiplied {
        private Multiplied() {}

        public static void main(String[] arguments) {
            Backends.Choice choice = Backends.builder(arguments[0]).threads(1).choose();
            try (Backend backend = choice.backend()) {
                System.out.println(backend.name() + " " + choice.reason().orElse("as named"));
            }
        }
    }

    @Test
    void everyClassLoaderHasTheBackendThatItAsksFor() throws Exception {
        assertEquals(
                List.of("cuda it is there", "cuda as named", "cuda as named"),
                run(Loaders.class).lines().toList());
    }

    @Test
    void deniedAccessToNativeCodeIsCalledSo() throws Exception {
        Skip.unless(Runtime.version().feature() >= 24, "Java denies nobody the access to native code before JDK 24");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--illegal-native-access=deny",
                "-Delbo.cuda.libraries=" + System.getProperty("elbo.cuda.libraries"),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.elbo.cli.Main",
                "verify",
                "--backend",
                "cuda");
        String said = JavaCommand.said(command, folder, 4);
        assertTrue(said.contains("--enable-native-access=ALL-UNNAMED"), said);
    }
}
