package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.Skip;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The CUDA kernels on the host device of {@code native/}: built by the system's compiler, run with every access checked. */
class HostDeviceTest {
    private static final Path OUT = Path.of("target", "native");

    @Test
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void theKernelsPassOnTheHostDeviceAndItsSeededFaultsAreFound() throws Exception {
        Skip.unless(
                System.getProperty("os.name").equals("Linux"),
                "the kernels do not run on the host device: this is not Linux");
        Skip.unless(isOnPath("g++"), "the kernels do not run on the host device: there is no g++");
        Skip.unless(isOnPath("make"), "the kernels do not run on the host device: there is no make");
        String processors = Integer.toString(Runtime.getRuntime().availableProcessors());
        succeed("make", "-C", "native", "-j", processors);
        succeed(OUT.resolve("runner").toAbsolutePath().toString());
        succeed(OUT.resolve("driver-runner").toAbsolutePath().toString(), "src/main/resources/dev/elbo/cuda");
    }

    private static boolean isOnPath(String program) {
        return Stream.of(System.getenv("PATH").split(Pattern.quote(File.pathSeparator)))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static void succeed(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // for jni.h, where javac is not on the path
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), () -> String.join(" ", command) + "\n" + printed);
    }
}
