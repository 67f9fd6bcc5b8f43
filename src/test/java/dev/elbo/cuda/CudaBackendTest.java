package dev.elbo.cuda;

import dev.elbo.backend.Backend;
import dev.elbo.backend.BackendTest;
import dev.elbo.backend.Precision;
import java.util.List;
import java.util.function.Supplier;

/** What holds for every backend, for the CUDA backend with graphs and without. */
@OnDevice
class CudaBackendTest extends BackendTest {
    static List<Supplier<Backend>> backends() {
        return List.of(
                () -> CudaBackend.open(0, CudaSettings.DEFAULT),
                () -> CudaBackend.open(0, new CudaSettings(Precision.FP32, false, true)));
    }
}
