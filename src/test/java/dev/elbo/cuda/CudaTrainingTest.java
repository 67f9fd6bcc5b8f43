package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Skip;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Precision;
import dev.elbo.cpu.CpuBackend;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Objectives;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whole trainings on the CUDA backend beside those on the CPU. */
@OnDevice(checked = false)
class CudaTrainingTest {
    private static final VaeSpec SPEC = spec(784, 400, 20);

    private static VaeSpec spec(int inputs, int hidden, int latent) {
        return VaeSpec.mlp(inputs, List.of(hidden), latent, Activation.RELU, Likelihood.BERNOULLI, true);
    }

    private static StepLoop.Result cuda(CudaSettings settings, int steps) {
        try (Backend backend = CudaBackend.open(0, settings)) {
            return StepLoop.run(backend, SPEC, steps);
        }
    }

    @Test
    void lossesAreThoseOfTheCpuStepByStep() {
        lossesAreThoseOfTheCpu(SPEC, StepLoop.BATCH, 30, 0.95);
    }

    @Test
    void lossesOfManySmallStepsDoNotDriftAway() {
        lossesAreThoseOfTheCpu(spec(100, 48, 5), 32, 200, 0.95);
    }

    @Test
    @Tag("thorough")
    void lossesOfManyStepsDoNotDriftAway() {
        lossesAreThoseOfTheCpu(SPEC, StepLoop.BATCH, 200, 0.8);
    }

    /** @param learned the share of its first value that the loss has at the end at most */
    private static void lossesAreThoseOfTheCpu(VaeSpec spec, int batch, int steps, double learned) {
        double[] expected;
        try (Backend cpu = new CpuBackend()) {
            expected =
                    StepLoop.run(cpu, spec, Objectives.vae(), batch, steps, 1).losses();
        }
        double[] actual;
        try (Backend cuda = CudaBackend.open(0, CudaSettings.DEFAULT)) {
            actual = StepLoop.run(cuda, spec, Objectives.vae(), batch, steps, 1).losses();
        }
        for (int i = 0; i < steps; i++) {
            assertEquals(expected[i], actual[i], (i < 10 ? 1e-5 : 1e-3) * expected[i], "step " + (i + 1));
        }
        assertTrue(
                expected[steps - 1] < learned * expected[0],
                "it learns: " + expected[0] + " to " + expected[steps - 1]);
    }

    @Test
    @Tag("thorough")
    void theBitsAreThoseOfTheSources() {
        Skip.unless(HostDevice.isMeant(), "a GPU runs the PTX only");
        HostDevice.require("source");
        List<StepLoop.Result> results = new ArrayList<>();
        for (String kernels : List.of("ptx", "source", "both")) {
            HostDevice.kernels(kernels);
            results.add(cuda(CudaSettings.DEFAULT, 200));
        }
        for (StepLoop.Result other : results) {
            assertArrayEquals(results.get(0).losses(), other.losses());
            assertArrayEquals(results.get(0).weights(), other.weights());
        }
    }

    @Test
    void twoRunsAndPlainLaunchesGiveTheSameBits() {
        StepLoop.Result first = cuda(CudaSettings.DEFAULT, 6);
        StepLoop.Result again = cuda(CudaSettings.DEFAULT, 6);
        StepLoop.Result plain = cuda(new CudaSettings(Precision.FP32, false, false), 6);
        StepLoop.Result blocking = cuda(new CudaSettings(Precision.FP32, false, true), 6);
        for (StepLoop.Result other : List.of(again, plain, blocking)) {
            assertArrayEquals(first.losses(), other.losses());
            assertArrayEquals(first.weights(), other.weights());
        }
    }
}
