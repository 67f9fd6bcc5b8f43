package dev.elbo.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.cpu.CpuBackend;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.reference.ReferenceBackend;
import dev.elbo.tensor.Arena;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class InitializationTest {
    private static final double[] MEAN = {0, 0.25, 0.5, 1};
    private static final double[] VARIANCE = {0, 0.04, 0.16, 1e-9};

    private static VaeSpec spec(Component likelihood, boolean perDimension) {
        return VaeSpec.mlp(
                4,
                List.of(300),
                20,
                Activation.TANH,
                perDimension ? Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION : likelihood,
                true);
    }

    private static double[] values(Backend backend, VaeSpec spec, long seed, String name) {
        try (Arena parameters = backend.allocate(Parameters.layout(spec))) {
            Initialization.initialize(parameters, spec, seed, MEAN, VARIANCE);
            return parameters.tensor(name).toDoubles();
        }
    }

    private static double[] values(VaeSpec spec, long seed, String name) {
        try (Backend backend = new ReferenceBackend()) {
            return values(backend, spec, seed, name);
        }
    }

    @Test
    void weightsFillGlorotsBoundEachHeadOnItsOwn() {
        double[] weights = values(spec(Likelihood.BERNOULLI, false), 7, "mu.weight");
        double bound = Math.sqrt(6.0 / 320);
        double largest = Arrays.stream(weights).map(Math::abs).max().orElseThrow();
        assertTrue(largest <= bound && largest > 0.995 * bound, "largest " + largest + " of " + bound);
        double mean = Arrays.stream(weights).average().orElseThrow();
        double square = Arrays.stream(weights).map(w -> w * w).average().orElseThrow();
        // 5 sigma of the mean and of the mean square of 6,000 uniforms
        assertEquals(0, mean, 5 * bound / Math.sqrt(3 * weights.length));
        assertEquals(bound * bound / 3, square, 5 * bound * bound * Math.sqrt(4 / 45.0 / weights.length));
    }

    @Test
    void tensorsAndSeedsDiffer() {
        VaeSpec spec = spec(Likelihood.BERNOULLI, false);
        assertNotEquals(values(spec, 7, "mu.weight")[0], values(spec, 7, "log_var.weight")[0]);
        assertNotEquals(values(spec, 7, "mu.weight")[0], values(spec, 8, "mu.weight")[0]);
        assertNotEquals(values(spec, 7, "mu.weight")[0], values(spec, 7L + (1L << 32), "mu.weight")[0]);
    }

    @Test
    void aFloat32BackendGetsTheSameRounded() {
        VaeSpec spec = spec(Likelihood.GAUSSIAN_LEARNED, true);
        try (Backend cpu = new CpuBackend(1)) {
            for (String name : Parameters.layout(spec).slots().keySet()) {
                double[] rounded =
                        Arrays.stream(values(spec, 7, name)).map(v -> (float) v).toArray();
                assertArrayEquals(rounded, values(cpu, spec, 7, name), name);
            }
        }
    }

    @Test
    void biasesAreZeroAndTheOutputStartsAtTheMean() {
        VaeSpec bernoulli = spec(Likelihood.BERNOULLI, false);
        for (String bias : List.of("encoder.0.bias", "mu.bias", "log_var.bias", "decoder.0.bias")) {
            assertTrue(Arrays.stream(values(bernoulli, 7, bias)).allMatch(b -> b == 0), bias);
        }
        double edge = Math.log(999);
        assertArrayEquals(new double[] {-edge, -Math.log(3), 0, edge}, values(bernoulli, 7, "output.bias"), 1e-12);
        assertArrayEquals(MEAN, values(spec(Likelihood.GAUSSIAN_OPTIMAL, false), 7, "output.bias"));
    }

    @Test
    void theVarianceIsThatOfTheData() {
        assertArrayEquals(
                // constant inputs have the least that any starts with
                new double[] {Math.log(3e-3), Math.log(0.04), Math.log(0.16), Math.log(3e-3)},
                values(spec(Likelihood.GAUSSIAN_LEARNED, true), 7, "output.log_var"),
                1e-12);
        assertArrayEquals(
                new double[] {Math.log(0.05)},
                values(spec(Likelihood.GAUSSIAN_LEARNED, false), 7, "output.log_var"),
                1e-8);
    }

    @Test
    void statisticsOfOtherDataAreRefused() {
        VaeSpec spec = spec(Likelihood.GAUSSIAN, false);
        try (Backend backend = new ReferenceBackend();
                Arena parameters = backend.allocate(Parameters.layout(spec))) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Initialization.initialize(parameters, spec, 0, new double[3], VARIANCE));
            double[] bad = {0, Double.NaN, 0, 0};
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Initialization.initialize(parameters, spec, 0, bad, VARIANCE));
        }
    }
}
