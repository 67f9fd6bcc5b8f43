package dev.elbo.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.elbo.backend.Backend;
import dev.elbo.cpu.CpuBackend;
import dev.elbo.model.Activation;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.Patches;
import dev.elbo.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The bits of patches, of their sums and of sums over many positions are those of any number of threads. */
class ConvolutionBitsTest {
    private static final int PICTURES = 3;

    static Stream<Patches> patches() {
        return Stream.of(
                        new int[] {1, 28, 28, 4, 2, 1},
                        new int[] {8, 7, 9, 4, 2, 1},
                        new int[] {5, 9, 6, 3, 1, 1},
                        new int[] {4, 12, 13, 11, 1, 3},
                        new int[] {4, 5, 5, 1, 2, 2})
                .flatMap(s -> Stream.of(false, true)
                        .map(first -> new Patches(new FeatureMap(s[0], s[1], s[2]), s[3], s[4], s[5], first)));
    }

    private static float[] values(Tensor tensor) {
        double[] values = tensor.toDoubles();
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    /** What a backend makes of a case: {@code unfold} of x and {@code fold} of other patches. */
    static float[][] run(Backend backend, Patches patches) {
        try (Scratch s = new Scratch(backend)) {
            int size = patches.picture().size();
            int channels = patches.picture().channels();
            Draw draw = new Draw(3);
            Tensor x = s.real(PICTURES, size, draw.normal(PICTURES * size));
            Tensor unfolded = s.zeros(PICTURES * patches.count(), patches.size());
            double[] given = draw.normal((int) unfolded.size());
            double[] biases = draw.normal(channels);
            biases[0] = -0.0;
            Tensor bias = s.real(1, channels, biases);
            Tensor y = s.zeros(PICTURES, size);
            s.ops().unfold(x, patches, unfolded);
            float[] copied = values(unfolded);
            unfolded.write(given);
            s.ops().fold(unfolded, patches, bias, Activation.LEAKY_RELU, y);
            return new float[][] {copied, values(y)};
        }
    }

    @ParameterizedTest
    @MethodSource("patches")
    void areThoseOfAnyNumberOfThreads(Patches patches) {
        try (Backend one = new CpuBackend(1);
                Backend three = new CpuBackend(3)) {
            assertArrayEquals(run(one, patches), run(three, patches));
        }
    }

    @Test
    void soAreSumsOverManyRows() {
        try (Backend one = new CpuBackend(1);
                Backend three = new CpuBackend(3)) {
            assertArrayEquals(sums(one), sums(three));
        }
    }

    private static float[][] sums(Backend backend) {
        int rows = 20_011;
        int cols = 33;
        try (Scratch s = new Scratch(backend)) {
            Draw draw = new Draw(5);
            Tensor y = s.real(rows, cols, draw.normal(rows * cols));
            Tensor dY = s.real(rows, cols, draw.normal(rows * cols));
            Tensor dB = s.zeros(1, cols);
            s.ops().activateGrad(y, dY, Activation.RELU, dB);
            return new float[][] {values(dY), values(dB)};
        }
    }
}
