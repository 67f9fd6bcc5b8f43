package dev.elbo.cuda;

import dev.elbo.backend.Backend;
import dev.elbo.backend.UploadBuffersTest;
import java.util.List;
import java.util.function.Supplier;

/** What holds for all upload buffers, for those of the CUDA backend: copies run beside what computes. */
@OnDevice
class CudaUploadBuffersTest extends UploadBuffersTest {
    static List<Supplier<Backend>> backends() {
        return List.of(() -> CudaBackend.open(0, CudaSettings.DEFAULT));
    }
}
