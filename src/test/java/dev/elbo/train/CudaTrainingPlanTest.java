package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.cuda.OnDevice;

/** The same on a device. */
@OnDevice(checked = false)
class CudaTrainingPlanTest extends TrainingPlanTest {
    @Override
    Backend open() {
        return Backends.open("cuda");
    }

    /** A driver hands out whole pages, of 2 MiB on a GPU. */
    @Override
    void look(long gone, long counted) {
        assertEquals(counted, gone, Math.max(0.05 * counted, 8 << 20));
    }
}
