package dev.elbo.train;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.cuda.OnDevice;
import java.util.List;
import java.util.function.Supplier;

/** The same on the CUDA backend. */
@OnDevice(checked = false)
class CudaDegenerateDataTest extends DegenerateDataTest {
    @Override
    List<Supplier<Backend>> backends() {
        return List.of(() -> Backends.open("cuda"));
    }
}
