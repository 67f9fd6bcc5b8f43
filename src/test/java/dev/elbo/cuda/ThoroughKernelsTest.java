package dev.elbo.cuda;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/**
 * What runs on the PTX in every test run, on the kernels as g++ makes them of their sources, and on both at once: after each
 * launch the two must have left the same bytes.
 */
@Tag("thorough")
class ThoroughKernelsTest {
    @Nested
    @OnDevice(kernels = "source")
    class ParityOfTheSources extends CudaParityTest {}

    @Nested
    @OnDevice(kernels = "both")
    class ParityOfBoth extends CudaParityTest {}

    @Nested
    @OnDevice(kernels = "source")
    class FusionOfTheSources extends FusionParityTest {}

    @Nested
    @OnDevice(kernels = "both")
    class FusionOfBoth extends FusionParityTest {}

    @Nested
    @OnDevice(kernels = "source")
    class EmbeddingOfTheSources extends EmbedParityTest {}

    @Nested
    @OnDevice(kernels = "both")
    class EmbeddingOfBoth extends EmbedParityTest {}
}
