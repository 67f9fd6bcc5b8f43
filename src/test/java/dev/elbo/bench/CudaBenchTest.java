package dev.elbo.bench;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.cuda.OnDevice;
import org.junit.jupiter.api.Test;

/** Every measured call on the CUDA backend. */
@OnDevice(checked = false)
class CudaBenchTest {
    @Test
    void everyCaseRuns() {
        try (Backend backend = Backends.open("cuda")) {
            KernelBenchTest.runEverything(backend);
        }
    }
}
