package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.elbo.Backends;
import dev.elbo.cuda.OnDevice;
import dev.elbo.objective.KlControl;
import dev.elbo.objective.KlControl.Quantity;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Steered runs on the CUDA backend, where the multiplier never leaves the device, are those of the oracle epoch by epoch; that
 * these hold what they are to hold, {@link KlControlStateTest} shows.
 */
@OnDevice(checked = false)
class CudaKlControlStateTest {
    private static final int EPOCHS = 8;
    private static final int EXAMPLES = 120;

    static Stream<Arguments> runs() {
        return Stream.of(
                // beyond and below what a run without bounds comes to, so that multipliers go both ways
                arguments("KL", KlControlStateTest.held(new KlControl.Constrained(Quantity.KL, 0.3, 2e-2)), 1),
                arguments("much KL", KlControlStateTest.held(new KlControl.Constrained(Quantity.KL, 9, 2e-2)), 1),
                arguments(
                        "reconstruction",
                        KlControlStateTest.held(new KlControl.Constrained(Quantity.RECONSTRUCTION, 15, 5e-2)),
                        1),
                arguments("capacity", KlControlStateTest.held(new KlControl.Capacity(2, 3, 6)), 20),
                arguments("free bits", KlControlStateTest.held(new KlControl.FreeBits(0.2)), 30),
                arguments("importance-weighted", Objectives.iwae(5), 1),
                arguments("doubly reparameterized", Objectives.dreg(5), 1));
    }

    private static void close(double expected, double actual, String what) {
        assertEquals(expected, actual, 1e-4 * Math.max(1, Math.abs(expected)), what);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("runs")
    void epochsAreThoseOfTheOracle(String name, Objective objective, double beta) {
        List<EpochMetrics> expected =
                KlControlStateTest.epochs(Backends.reference(), objective, beta, EPOCHS, EXAMPLES);
        List<EpochMetrics> actual = KlControlStateTest.epochs(Backends.open("cuda"), objective, beta, EPOCHS, EXAMPLES);
        assertEquals(EPOCHS, expected.size());
        assertEquals(EPOCHS, actual.size());
        for (int i = 0; i < EPOCHS; i++) {
            EpochMetrics e = expected.get(i);
            EpochMetrics a = actual.get(i);
            String epoch = name + ", epoch " + (i + 1) + ": ";
            close(e.train().loss(), a.train().loss(), epoch + "loss");
            close(e.train().reconstruction(), a.train().reconstruction(), epoch + "reconstruction");
            close(e.train().kl(), a.train().kl(), epoch + "KL");
            close(e.test().loss(), a.test().loss(), epoch + "held-out loss");
            close(e.beta(), a.beta(), epoch + "beta");
            assertEquals(e.target(), a.target(), epoch + "target");
        }
        double first = expected.get(0).train().loss();
        assertTrue(expected.get(EPOCHS - 1).train().loss() < first, "it learns");
    }
}
