package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.KlMode;
import dev.elbo.cuda.embed.DeviceNoise;
import dev.elbo.cuda.embed.DeviceSchedule;
import dev.elbo.cuda.embed.ElboKernels;
import dev.elbo.cuda.embed.ElboKernels.Validation;
import dev.elbo.cuda.embed.ReconstructionLoss;
import dev.elbo.cuda.embed.ReconstructionLoss.Likelihood;
import dev.elbo.cuda.embed.Reparameterize;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a call of a single kernel refuses: by itself, and when it may ask the driver. */
@OnDevice(hostOnly = true)
class EmbedArgumentsTest {
    private static final int BATCH = 5;
    private static final int LATENT = 3;
    private static final int SAMPLES = 2;
    private static final int ROWS = BATCH * SAMPLES;

    private EmbedMemory memory;
    private CUstream stream;

    @BeforeEach
    void makeContext() {
        memory = new EmbedMemory();
        stream = memory.stream();
    }

    private static <T extends RuntimeException> void refused(Class<T> type, Runnable call, String... parts) {
        long launches = HostDevice.calls("cuLaunchKernel");
        T refusal = assertThrows(type, call::run);
        for (String part : parts) {
            assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
        }
        assertEquals(1, refusal.getMessage().lines().count(), refusal.getMessage());
        assertEquals(launches, HostDevice.calls("cuLaunchKernel"), "launched nevertheless");
    }

    private static void wrong(Runnable call, String... parts) {
        refused(IllegalArgumentException.class, call, parts);
    }

    @Test
    void argumentsThatMakeNoSenseAreNamed() {
        ElboKernels kernels = ElboKernels.load();
        CUdeviceptr clock = memory.ints(0, 0, 0, 0);
        wrong(() -> kernels.reparameterize(0, 20, 1), "reparameterize (batch 0, latent 20, samples 1)", "at least 1");
        wrong(() -> kernels.reparameterize(1 << 16, 20, 1 << 15), "2147483648 rows");
        wrong(() -> kernels.reconstructionLoss(Likelihood.BERNOULLI, 5, -3, 1), "BERNOULLI", "features -3");
        wrong(() -> kernels.reconstructionLoss(null, 5, 3, 1), "likelihood is null");
        wrong(() -> kernels.importanceWeights(5, 0), "samples 0");
        wrong(() -> kernels.adam(0, AdamSettings.DEFAULT), "adam (0 parameters)");
        wrong(() -> kernels.adam(3, null), "settings is null");
        wrong(() -> DeviceNoise.given(null), "noise", "null");
        wrong(() -> new DeviceSchedule(null, 1, clock), "table is null");
        wrong(() -> kernels.advance(stream, null, 1, 0, 0, 0), "advance: clock is null");

        Reparameterize reparameterize = kernels.reparameterize(BATCH, LATENT, SAMPLES);
        CUdeviceptr mu = memory.floats(BATCH * LATENT);
        CUdeviceptr logVar = memory.floats(BATCH * LATENT);
        CUdeviceptr z = memory.floats(ROWS * LATENT);
        DeviceNoise noise = DeviceNoise.given(memory.floats(ROWS * LATENT));
        String shape = "reparameterize (batch 5, latent 3, samples 2): ";
        wrong(() -> reparameterize.forward(stream, null, logVar, noise, z, null, null), shape + "mu is null");
        wrong(
                () -> reparameterize.forward(stream, mu, new CUdeviceptr(), noise, z, null, null),
                shape + "logVar is null");
        wrong(() -> reparameterize.forward(stream, mu, logVar, null, z, null, null), shape + "noise is null");
        wrong(() -> reparameterize.forward(stream, mu, logVar, noise, null, null, null), shape + "z is null");
        wrong(
                () -> reparameterize.forward(stream, mu.withByteOffset(2), logVar, noise, z, null, null),
                shape + "mu at 0x",
                "not a multiple of 4 bytes");
        wrong(
                () -> reparameterize.forward(stream, mu, 2, logVar, 3, noise, z, 3, null, null),
                shape + "mu is 5 × 3",
                "stride of 2");
        wrong(
                () -> reparameterize.forward(stream, mu, 3, logVar, Long.MAX_VALUE, noise, z, 3, null, null),
                "logVar is 5 × 3");
        wrong(() -> reparameterize.forward(stream, mu, z, noise, z, null, null), shape + "z overlaps logVar");
        wrong(
                () -> reparameterize.forward(stream, mu, logVar, noise, z, logVar.withByteOffset(40), null),
                shape + "kl overlaps logVar");
        wrong(
                () -> reparameterize.backward(stream, mu, logVar, noise, z, null, null, null, 1, mu, logVar),
                shape + "mode is null");
        wrong(
                () -> reparameterize.backward(stream, mu, logVar, noise, z, KlMode.SAMPLED, null, null, 1, mu, logVar),
                shape + "schedule is null");

        ReconstructionLoss unit = kernels.reconstructionLoss(Likelihood.GAUSSIAN, BATCH, LATENT, SAMPLES);
        wrong(
                () -> unit.lossAndGradient(stream, z, mu, null, 1, memory.floats(ROWS), null),
                "dOutput and dLogVar are both null; loss(…)");
        wrong(() -> unit.loss(stream, z, mu, null), "loss is null");
        wrong(() -> unit.lossAndGradient(stream, z, mu, logVar, null, 1, null, z, null), "takes no logVar");
        ReconstructionLoss shared =
                kernels.reconstructionLoss(Likelihood.GAUSSIAN_SHARED_VARIANCE, BATCH, LATENT, SAMPLES);
        wrong(() -> shared.loss(stream, z, mu, logVar), "logVar is null");
        shared.close();
        refused(
                IllegalStateException.class,
                () -> shared.loss(stream, z, LATENT, mu, LATENT, logVar, memory.floats(ROWS)),
                "reconstruction loss",
                "closed");
        shared.close();
        // columns side by side in one matrix are apart
        CUdeviceptr heads = memory.of(new float[BATCH * 2 * LATENT]);
        reparameterize.forward(
                stream,
                heads,
                2 * LATENT,
                heads.withByteOffset(4 * LATENT),
                2 * LATENT,
                DeviceNoise.given(memory.of(new float[ROWS * LATENT])),
                z,
                LATENT,
                null,
                null);
        kernels.close();
        kernels.close();
        refused(
                IllegalStateException.class,
                () -> reparameterize.forward(stream, mu, logVar, noise, z, null, null),
                shape + "the kernels were closed");
        refused(IllegalStateException.class, () -> kernels.importanceWeights(1, 1), "the kernels were closed");
        memory.close();
    }

    @Test
    void checkedCallsFindWhatOnlyTheDriverKnows() {
        try (ElboKernels kernels = ElboKernels.load(Validation.DRIVER)) {
            Reparameterize reparameterize = kernels.reparameterize(BATCH, LATENT, SAMPLES);
            CUdeviceptr mu = memory.floats(BATCH * LATENT);
            CUdeviceptr z = memory.floats(ROWS * LATENT);
            DeviceNoise noise = DeviceNoise.given(memory.floats(ROWS * LATENT));
            CUdeviceptr small = memory.floats(BATCH * LATENT - 1);
            wrong(
                    () -> reparameterize.forward(stream, mu, small, noise, z, null, null),
                    "reparameterize (batch 5, latent 3, samples 2): logVar at 0x",
                    "needs 60 bytes, 56 are left of an allocation of 56");
            wrong(
                    () -> reparameterize.forward(stream, mu, mu.withByteOffset(4), noise, z, null, null),
                    "logVar",
                    "56 are left of an allocation of 60");
            CUdeviceptr freed = memory.floats(BATCH * LATENT);
            memory.free(freed);
            wrong(
                    () -> reparameterize.forward(stream, mu, freed, noise, z, null, null),
                    "logVar at 0x",
                    "is not device memory, or was freed");
            try (EmbedMemory second = new EmbedMemory()) {
                CUstream foreign = second.stream();
                CUdeviceptr theirs = second.floats(BATCH * LATENT);
                refused(
                        IllegalStateException.class,
                        () -> reparameterize.forward(foreign, mu, mu, noise, z, null, null),
                        "another context than that of the kernels is current in thread");
                memory.makeCurrent();
                refused(
                        IllegalStateException.class,
                        () -> reparameterize.forward(foreign, mu, mu, noise, z, null, null),
                        "the stream is not one of the kernels' context");
                wrong(
                        () -> reparameterize.forward(stream, mu, theirs, noise, z, null, null),
                        "logVar",
                        "memory of another context");
                second.makeCurrent();
            }
            memory.makeCurrent();
        }
        memory.close();
    }
}
