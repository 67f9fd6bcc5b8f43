package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.NullArguments;
import dev.elbo.backend.AdamSettings;
import dev.elbo.cuda.embed.Adam;
import dev.elbo.cuda.embed.DeviceNoise;
import dev.elbo.cuda.embed.DeviceSchedule;
import dev.elbo.cuda.embed.ElboKernels;
import dev.elbo.cuda.embed.ImportanceWeights;
import dev.elbo.cuda.embed.ReconstructionLoss;
import dev.elbo.cuda.embed.ReconstructionLoss.Likelihood;
import dev.elbo.cuda.embed.Reparameterize;
import java.util.HashMap;
import java.util.Map;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import org.junit.jupiter.api.Test;

/** A null argument of single kernels is told by its name. */
@OnDevice(hostOnly = true)
class EmbedNullTest {
    @Test
    void everyArgumentThatIsNullIsNamed() throws Exception {
        EmbedMemory memory = new EmbedMemory();
        try (ElboKernels kernels = ElboKernels.load()) {
            CUdeviceptr pointer = memory.ints(0, 0, 0, 0);
            Map<Class<?>, Object> values = new HashMap<>();
            values.put(ElboKernels.class, kernels);
            values.put(CUstream.class, memory.stream());
            values.put(CUdeviceptr.class, pointer);
            values.put(AdamSettings.class, AdamSettings.DEFAULT);
            values.put(DeviceNoise.class, DeviceNoise.generated(1, pointer));
            values.put(DeviceSchedule.class, new DeviceSchedule(pointer, 1, pointer));
            values.put(Reparameterize.class, kernels.reparameterize(1, 1, 1));
            values.put(ImportanceWeights.class, kernels.importanceWeights(1, 1));
            values.put(Adam.class, kernels.adam(1, AdamSettings.DEFAULT));
            values.put(
                    ReconstructionLoss.class, kernels.reconstructionLoss(Likelihood.GAUSSIAN_SHARED_VARIANCE, 1, 1, 1));
            NullArguments nulls = new NullArguments(values)
                    .of(
                            ElboKernels.class,
                            DeviceNoise.class,
                            DeviceSchedule.class,
                            Reparameterize.class,
                            ImportanceWeights.class,
                            Adam.class,
                            ReconstructionLoss.class);
            assertEquals("", nulls.problems());
            assertTrue(nulls.calls() > 40, nulls.calls() + " calls");
        }
        memory.close();
    }
}
