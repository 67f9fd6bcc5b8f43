package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.backend.BackendTimer;
import dev.elbo.backend.Precision;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The graph of a training step: how many launches it has, how many of them wait for each other, and that it has all edges. */
@OnDevice(hostOnly = true, checked = false)
class StepGraphTest {
    /** Inputs, hidden units and latent units: large and thin as those of 784-400-20, and all thin. */
    private static final int[] LARGE = {70, 68, 3};

    private static final int[] THIN = {20, 12, 3};

    /** As the trainer records. */
    private static final int STEPS_OF_PROGRAM = 16;

    private static Objective objective(String name) {
        return switch (name) {
            case "vae" -> Objectives.vae();
            case "iwae" -> Objectives.iwae(5);
            default -> Objectives.autoencoder();
        };
    }

    private static VaeSpec spec(String objective, Component likelihood, int[] size) {
        return VaeSpec.mlp(size[0], List.of(size[1]), size[2], Activation.RELU, likelihood, !objective.equals("ae"));
    }

    /** Launches and depth of a step are means over a program, so what a program has once counts a sixteenth. */
    @ParameterizedTest
    @CsvSource({
        "vae, bernoulli, 17.2, 10.1",
        "vae, gaussian-optimal, 18.2, 11.1",
        "vae, gaussian-learned, 19.2, 10.1",
        "iwae, bernoulli, 26.2, 16.1",
        "iwae, gaussian-optimal, 27.2, 17.1",
        "ae, bernoulli, 22.2, 12.1",
    })
    void aStepIsNoLongerThanThis(String objective, Component likelihood, double launches, double depth) {
        HostDevice.set("product-nodes=1");
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT);
                BackendTimer timer = backend.timer()) {
            StepLoop.run(
                    backend,
                    spec(objective, likelihood, LARGE),
                    objective(objective),
                    8,
                    STEPS_OF_PROGRAM,
                    STEPS_OF_PROGRAM);
            assertEquals(
                    timer.counts().criticalPathNodes(),
                    HostDevice.graphDepth(),
                    "the graph is as deep as the schedule says");
            double launched = (double) timer.counts().launches() / STEPS_OF_PROGRAM;
            double deep = (double) timer.counts().criticalPathNodes() / STEPS_OF_PROGRAM;
            double joins = (double) timer.counts().joins() / STEPS_OF_PROGRAM;
            System.out.printf(
                    Locale.ROOT,
                    "%s, %s: %.2f launches a step, %.2f deep, %.2f joins%n",
                    objective,
                    likelihood,
                    launched,
                    deep,
                    joins);
            assertTrue(launched <= launches, launched + " launches a step");
            assertTrue(deep <= depth, deep + " of them one after the other");
            assertTrue(joins < 15, joins + " waits between branches");
        }
    }

    private static StepLoop.Result small(
            CudaSettings settings, String objective, Component likelihood, int[] size, int each) {
        try (Backend backend = CudaBackend.open(0, settings)) {
            return StepLoop.run(backend, spec(objective, likelihood, size), objective(objective), 8, 4, each);
        }
    }

    private static void everyAccessIsOrdered(String objective, Component likelihood, int[] size) {
        CudaSettings serial = new CudaSettings(Precision.FP32, false, false);
        StepLoop.Result plain = small(serial, objective, likelihood, size, 1);
        for (int seed = 0; seed < 5; seed++) {
            HostDevice.schedule(seed);
            HostDevice.checked(true);
            StepLoop.Result branched = small(CudaSettings.DEFAULT, objective, likelihood, size, 4);
            assertArrayEquals(plain.losses(), branched.losses());
            assertArrayEquals(plain.weights(), branched.weights());
        }
    }

    @ParameterizedTest
    @CsvSource({"vae, gaussian-optimal", "vae, gaussian-learned", "iwae, bernoulli", "ae, bernoulli"})
    void everyAccessIsOrderedByTheGraph(String objective, Component likelihood) {
        everyAccessIsOrdered(objective, likelihood, LARGE);
    }

    @Test
    void everyAccessOfThinLayersIsOrderedByTheGraph() {
        everyAccessIsOrdered("vae", Likelihood.GAUSSIAN_OPTIMAL, THIN);
    }

    /** Fewer branches are another order of the same, with fusion and without. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void branchesChangeNothing(boolean fusion) {
        float[] expected = null;
        for (int streams = 1; streams <= CudaSettings.MAX_STREAMS; streams++) {
            CudaSettings settings = new CudaSettings(Precision.FP32, true, false, streams, fusion);
            float[] weights =
                    small(settings, "vae", Likelihood.BERNOULLI, LARGE, 4).weights();
            expected = expected == null ? weights : expected;
            assertArrayEquals(expected, weights, streams + " streams");
        }
    }

    @Test
    void fusionSavesLaunches() {
        long[] planned = new long[2];
        for (int fusion = 0; fusion <= 1; fusion++) {
            CudaSettings settings = new CudaSettings(Precision.FP32, true, false, 1, fusion == 1);
            try (Backend backend = CudaBackend.open(0, settings);
                    BackendTimer timer = backend.timer()) {
                StepLoop.run(backend, spec("vae", Likelihood.BERNOULLI, LARGE), objective("vae"), 8, 4, 4);
                planned[fusion] = timer.counts().planned();
                assertEquals(0, timer.counts().joins());
                assertEquals(planned[fusion], timer.counts().criticalPathNodes(), "one branch is a chain");
            }
        }
        assertTrue(planned[1] < planned[0], planned[1] + " launches with fusion, " + planned[0] + " without");
    }

    /**
     * Seeded: each event that orders the streams is left out in turn. Then nothing orders two nodes that share memory, or a stream
     * is not captured from its start on, which leaves a node out of the graph: it may run at once, before what it reads.
     */
    @Test
    void everyEventIsNeeded() {
        HostDevice.checked(true);
        long before = HostDevice.calls("cuStreamWaitEvent");
        float[] right = small(CudaSettings.DEFAULT, "vae", Likelihood.GAUSSIAN_OPTIMAL, LARGE, 2)
                .weights();
        long waits = HostDevice.calls("cuStreamWaitEvent") - before;
        assertTrue(waits > 10, waits + " waits for events");
        for (long n = 1; n <= waits; n++) {
            HostDevice.fresh(true);
            HostDevice.dropWait(n);
            try {
                float[] found = small(CudaSettings.DEFAULT, "vae", Likelihood.GAUSSIAN_OPTIMAL, LARGE, 2)
                        .weights();
                assertFalse(Arrays.equals(right, found), "wait " + n + " of " + waits + " is not needed");
            } catch (ElboException found) {
                String fault = HostDevice.lastFault();
                boolean capture = found.getMessage().contains("CAPTURE");
                assertTrue(
                        capture
                                || fault != null
                                        && (fault.contains("nothing orders it with node")
                                                || fault.contains("uninitialised read")),
                        found.getMessage() + "; " + fault);
            }
        }
        HostDevice.fresh(false);
    }
}
