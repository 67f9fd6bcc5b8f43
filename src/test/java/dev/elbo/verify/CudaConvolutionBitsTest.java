package dev.elbo.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.cpu.CpuBackend;
import dev.elbo.cuda.OnDevice;
import dev.elbo.model.Patches;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The bits of patches and their sums on a GPU are those of the CPU. */
@OnDevice(checked = false)
class CudaConvolutionBitsTest {
    static Stream<Patches> patches() {
        return ConvolutionBitsTest.patches();
    }

    @ParameterizedTest
    @MethodSource("patches")
    void areThoseOfTheCpu(Patches patches) {
        try (Backend cuda = Backends.open("cuda");
                Backend cpu = new CpuBackend(2)) {
            assertArrayEquals(ConvolutionBitsTest.run(cpu, patches), ConvolutionBitsTest.run(cuda, patches));
        }
    }
}
