package dev.elbo.verify;

import dev.elbo.cuda.OnDevice;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The golden cases on the kernels as g++ makes them of their sources, and on these beside the PTX. */
@Tag("thorough")
class ThoroughGoldenTest {
    @Nested
    @OnDevice(kernels = "source")
    class OfTheSources extends CudaGoldenTest {}

    @Nested
    @OnDevice(kernels = "both")
    class OfBoth extends CudaGoldenTest {}
}
