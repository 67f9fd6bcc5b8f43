package dev.elbo.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.cuda.OnDevice;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Imputations and draws on a device are those of the reference. */
@OnDevice(checked = false)
class CudaImputationTest {
    @Test
    void backendsRound() {
        for (int samples : new int[] {20, 520}) {
            List<Double> exact;
            try (Backend reference = Backends.reference()) {
                exact = MixedImputationTest.numbers(reference, samples, 0, 9);
            }
            try (Backend cuda = Backends.builder("cuda").open()) {
                List<Double> fast = MixedImputationTest.numbers(cuda, samples, 0, 9);
                assertEquals(exact.size(), fast.size());
                for (int i = 0; i < exact.size(); i++) {
                    assertEquals(exact.get(i), fast.get(i), 1e-4 * Math.max(1, Math.abs(exact.get(i))), "number " + i);
                }
            }
        }
    }
}
