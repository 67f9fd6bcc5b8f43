package dev.elbo.verify;

import dev.elbo.Backends;
import dev.elbo.cuda.OnDevice;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every golden case on the CUDA backend, those that ELBO_GOLDEN names too. */
@OnDevice
class CudaGoldenTest {
    @ParameterizedTest
    @MethodSource("dev.elbo.verify.GoldenTest#cases")
    void holds(Path folder) {
        GoldenTest.holds(folder, () -> Backends.open("cuda"));
    }
}
