package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SchedulesTest {
    @Test
    void theLearningRateRisesAndFallsAsPlanned() {
        LearningRate constant = new LearningRate(0.1, 0, LearningRate.Decay.CONSTANT);
        assertEquals(0.1, constant.at(1, 100, 10));
        assertEquals(0.1, constant.at(100, 100, 10));

        LearningRate warm = new LearningRate(0.1, 2, LearningRate.Decay.CONSTANT);
        assertEquals(0.1 / 20, warm.at(1, 100, 10), 1e-15);
        assertEquals(0.1 * 19 / 20, warm.at(19, 100, 10), 1e-15);
        assertEquals(0.1, warm.at(20, 100, 10), 1e-15);

        LearningRate linear = new LearningRate(0.1, 2, LearningRate.Decay.LINEAR);
        assertEquals(0.1, linear.at(21, 100, 10), 1e-15);
        assertEquals(0.05, linear.at(61, 100, 10), 1e-15);
        assertEquals(0.1 / 80, linear.at(100, 100, 10), 1e-15);

        LearningRate cosine = new LearningRate(0.1, 0, LearningRate.Decay.COSINE);
        assertEquals(0.1, cosine.at(1, 100, 10), 1e-15);
        assertEquals(0.05, cosine.at(51, 100, 10), 1e-15);
        assertTrue(cosine.at(100, 100, 10) < 1e-4);
    }

    @Test
    void betaRisesToItsValue() {
        KlWeight weight = new KlWeight(4, 0.5);
        assertEquals(4.0 / 5, weight.at(1, 10), 1e-15);
        assertEquals(4, weight.at(5, 10));
        assertEquals(4, weight.at(500, 10));
        assertEquals(2, new KlWeight(2, 0).at(1, 10));
    }

    @Test
    void nonsenseIsRefused() {
        for (double rate : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> new LearningRate(rate, 0, LearningRate.Decay.CONSTANT));
        }
        assertThrows(IllegalArgumentException.class, () -> new LearningRate(1, -1, LearningRate.Decay.CONSTANT));
        assertThrows(IllegalArgumentException.class, () -> new KlWeight(-1, 0));
        assertThrows(IllegalArgumentException.class, () -> new KlWeight(1, Double.NaN));
    }
}
