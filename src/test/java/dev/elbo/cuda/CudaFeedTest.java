package dev.elbo.cuda;

import dev.elbo.backend.Backend;
import dev.elbo.backend.FeedTest;
import java.util.List;
import java.util.function.Supplier;

/** What holds for every feed, for that of the CUDA backend: copies run beside what computes. */
@OnDevice
class CudaFeedTest extends FeedTest {
    static List<Supplier<Backend>> backends() {
        return List.of(() -> CudaBackend.open(0, CudaSettings.DEFAULT));
    }
}
