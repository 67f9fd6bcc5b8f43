package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Buffer;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingListener;
import dev.elbo.train.TrainingOptions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole runs of a trainer in which any allocation may fail, and the device may die at any launch, copy or wait. */
@OnDevice(hostOnly = true, checked = false)
class CudaTrainingFaultsTest {
    private static final int OUT_OF_MEMORY = 2;
    private static final int INPUTS = 6;

    private static Dataset data(int examples) {
        float[] values = new float[examples * INPUTS];
        Noise.uniforms(1, 0, NoiseStream.INITIALIZE, 0, 0, values.length, values, 0);
        return Dataset.of("rows", values, INPUTS);
    }

    /** The weights after two epochs of several whole batches and a partial one. */
    private static float[] train(DataPlacement placement) {
        VaeSpec spec = VaeSpec.mlp(INPUTS, List.of(4), 2, Activation.RELU, Likelihood.BERNOULLI, true);
        TrainingOptions options = TrainingOptions.builder()
                .epochs(2)
                .batchSize(8)
                .learningRate(1e-2)
                .seed(1)
                .patience(0)
                .dataPlacement(placement)
                .build();
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT)) {
            try (Trainer trainer = Trainer.builder(backend, spec, Split.of(data(35), data(9)))
                    .options(options)
                    .build()) {
                trainer.run(TrainingListener.NONE);
                return trainer.parameters().flat().toFloats();
            } finally {
                assertEquals(
                        List.of(),
                        backend.openBuffers().stream().map(Buffer::origin).toList(),
                        "left open");
            }
        }
    }

    private static ElboException fails(DataPlacement placement, ElboException.Kind kind, String where) {
        ElboException failure = assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertThrows(ElboException.class, () -> train(placement), where),
                where + ": does not end");
        assertEquals(kind, failure.kind(), where + ": " + failure.getMessage());
        assertEquals(1, failure.getMessage().lines().count(), where + ": " + failure.getMessage());
        return failure;
    }

    private static void says(ElboException failure, String where, String... parts) {
        for (String part : parts) {
            assertTrue(failure.getMessage().contains(part), where + " lacks " + part + ": " + failure.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"RESIDENT", "STREAMED"})
    void everyAllocationMayFail(DataPlacement placement) {
        float[] expected = train(placement);
        long allocations = HostDevice.calls("cuMemAlloc");
        assertTrue(allocations >= 10, allocations + " allocations");
        for (long n = 1; n <= allocations; n++) {
            String where = "allocation " + n + " of " + allocations;
            HostDevice.failCall("cuMemAlloc", n, OUT_OF_MEMORY, false);
            ElboException failure = fails(placement, ElboException.Kind.UNAVAILABLE, where);
            says(failure, where, "no memory for ", " MiB", " of 8192 MiB are free", "smaller batch or model");
            assertEquals("", HostDevice.liveReport(), where);
            HostDevice.clearFailures();
        }
        assertArrayEquals(expected, train(placement), "the process is as good as before");
    }

    @ParameterizedTest
    @CsvSource({
        "cuGraphLaunch, 719, STREAMED, a program of",
        "cuLaunchKernel, 700, RESIDENT, bernoulli_loss failed",
        "cuStreamSynchronize, 700, STREAMED, after a program of",
        "cuEventSynchronize, 700, STREAMED, after a program of",
        "cuMemcpyDtoHAsync, 719, RESIDENT, after a program of"
    })
    void theDeviceMayDieAtAnyUse(String call, int error, DataPlacement placement, String suspect) {
        float[] expected = train(placement);
        long uses = HostDevice.calls(call);
        assertTrue(uses > 0, "never used");
        for (long n = 1; n <= uses; n++) {
            String where = call + " " + n + " of " + uses;
            HostDevice.fresh(false);
            HostDevice.failCall(call, n, error, true);
            ElboException failure = fails(placement, ElboException.Kind.DEVICE, where);
            says(failure, where, "(" + error + ")", "cannot be used again");
            if (n == uses) {
                // by then there were launches, and the last one is the suspect
                says(failure, where, suspect);
            }
            for (Throwable later : failure.getSuppressed()) {
                assertEquals(failure.getMessage(), later.getMessage(), where);
            }
        }
        HostDevice.fresh(false);
        assertArrayEquals(expected, train(placement), "a device that lives is as good as before");
    }
}
