package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Skip;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The native cases: the CUDA kernels on the host device of {@code native/}, with every access checked, and its driver. */
class HostDeviceTest {
    private static final Path OUT = Path.of("target", "native").toAbsolutePath();
    private static final String SHIPPED = "src/main/resources/dev/elbo/cuda";
    private static final String SEEDED = "src/test/resources/ptx";

    @BeforeEach
    void needsACompiler() {
        String missing = HostDevice.missing();
        Skip.unless(missing == null, "the native cases do not run: " + missing);
    }

    private static void run(String program, String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = OUT.resolve(program).toString();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        HostDevice.succeed(command);
    }

    @Test
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void theShippedPtxPassesAndIsReachedAndTheSeededFaultsOfKernelsAreFound() {
        HostDevice.make("ptx");
        run("ptx-runner", "--ptx", SHIPPED);
    }

    @Test
    @Tag("thorough")
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void theDriverAndTheTranslatorFindTheirSeededFaults() {
        HostDevice.make("driver");
        run("driver-runner", SHIPPED, SEEDED);
    }

    @Test
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aGlobalStoreToSharedMemoryIsFoundInBothKernelsThatOnceHadIt() {
        HostDevice.make("ptx");
        String printed = assertThrows(
                        AssertionError.class, () -> run("ptx-runner", "--ptx", SHIPPED, "--ptx", SEEDED, "bottleneck"))
                .getMessage();
        for (String kernel : List.of("bottleneck", "bottleneck_grad")) {
            assertTrue(printed.contains("FAILED  " + kernel + ": state space: " + kernel + ","), printed);
        }
    }

    @Test
    @Tag("thorough")
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void theSourcesPassAndLeaveWhatThePtxLeaves() {
        HostDevice.make("all");
        run("runner");
        run("driver-runner", SHIPPED, SEEDED, "sources: ");
    }
}
