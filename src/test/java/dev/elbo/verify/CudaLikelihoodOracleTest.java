package dev.elbo.verify;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.cuda.OnDevice;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The oracles of the marginal likelihood on the CUDA backend. */
@OnDevice(checked = false)
class CudaLikelihoodOracleTest extends LikelihoodOracleTest {
    static Stream<Supplier<Backend>> backends() {
        return Stream.of(() -> Backends.open("cuda"));
    }
}
