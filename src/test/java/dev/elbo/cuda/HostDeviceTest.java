package dev.elbo.cuda;

import dev.elbo.Skip;
import java.nio.file.Path;
import java.util.List;
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
        for (String tool : List.of("g++", "make")) {
            Skip.unless(HostDevice.isOnPath(tool), "the kernels do not run on the host device: there is no " + tool);
        }
        String processors = Integer.toString(Runtime.getRuntime().availableProcessors());
        HostDevice.succeed("make", "-C", "native", "-j", processors, "JAVA_HOME=" + System.getProperty("java.home"));
        HostDevice.succeed(OUT.resolve("runner").toAbsolutePath().toString());
        HostDevice.succeed(
                OUT.resolve("driver-runner").toAbsolutePath().toString(), "src/main/resources/dev/elbo/cuda");
    }
}
