package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.backend.BackendTimer;
import dev.elbo.backend.Precision;
import dev.elbo.model.Convolution;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Objectives;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The graph of a training step with two convolutions: its launches, its depth, and that it has all edges. */
@OnDevice(hostOnly = true, checked = false)
class ConvolutionStepTest {
    private static final int STEPS_OF_PROGRAM = 4;

    private static VaeSpec spec(int channels) {
        FeatureMap picture = new FeatureMap(channels, 8, 8);
        return VaeSpec.builder(picture.size())
                .convolutions(picture, Convolution.parse("4x4s2p1"), Convolution.parse("8x4s2p1"))
                .hidden(12)
                .latent(3)
                .likelihood(Likelihood.BERNOULLI)
                .build();
    }

    /**
     * Forward, a convolution is an unfold and a dense layer, a transposed one a product and a fold; backward each has a pass
     * over its gradient, its products, and unfold or fold. Colour adds the patches of one pixel that bring channels together.
     */
    @ParameterizedTest
    @CsvSource({"1, 39.6, 24.6", "3, 40.6, 24.6"})
    void aStepIsNoLongerThanThis(int channels, double launches, double depth) {
        HostDevice.set("product-nodes=1");
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT);
                BackendTimer timer = backend.timer()) {
            StepLoop.run(backend, spec(channels), Objectives.vae(), 8, STEPS_OF_PROGRAM, STEPS_OF_PROGRAM);
            assertEquals(timer.counts().criticalPathNodes(), HostDevice.graphDepth());
            double launched = (double) timer.counts().launches() / STEPS_OF_PROGRAM;
            double deep = (double) timer.counts().criticalPathNodes() / STEPS_OF_PROGRAM;
            System.out.printf(Locale.ROOT, "%d channels: %.2f launches a step, %.2f deep%n", channels, launched, deep);
            assertTrue(launched <= launches, launched + " launches a step");
            assertTrue(deep <= depth, deep + " of them one after the other");
        }
    }

    private static StepLoop.Result small(CudaSettings settings, int each) {
        try (Backend backend = CudaBackend.open(0, settings)) {
            return StepLoop.run(backend, spec(3), Objectives.vae(), 8, 4, each);
        }
    }

    @Test
    void everyAccessIsOrderedByTheGraph() {
        StepLoop.Result plain = small(new CudaSettings(Precision.FP32, false, false), 1);
        for (int seed = 0; seed < 3; seed++) {
            HostDevice.schedule(seed);
            HostDevice.checked(true);
            StepLoop.Result branched = small(CudaSettings.DEFAULT, 4);
            assertArrayEquals(plain.losses(), branched.losses());
            assertArrayEquals(plain.weights(), branched.weights());
        }
    }
}
