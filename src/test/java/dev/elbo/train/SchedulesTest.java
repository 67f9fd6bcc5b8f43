package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.train.LearningRate.Stage;
import java.util.Collections;
import java.util.List;
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
    void everyStageHasItsRate() {
        List<Stage> stages = List.of(Stage.parse("1:1e-3"), Stage.parse("3:5e-4"), Stage.parse("2:0.0001"));
        assertEquals(6, LearningRate.epochs(stages));
        LearningRate rate = LearningRate.ofStages(stages);
        assertEquals(1e-3, rate.at(1, 60, 10));
        assertEquals(1e-3, rate.at(10, 60, 10));
        assertEquals(5e-4, rate.at(11, 60, 10));
        assertEquals(5e-4, rate.at(40, 60, 10));
        assertEquals(1e-4, rate.at(41, 60, 10));
        assertEquals(1e-4, rate.at(600, 60, 10), "the last one stays");
        assertEquals(5e-4, rate.at(40, 4000, 10), "whatever the length of the run");
        LearningRate warm = new LearningRate(1e-3, 2, LearningRate.Decay.CONSTANT, stages);
        assertEquals(1e-3 * 10 / 20, warm.at(10, 60, 10), 1e-15);
        assertEquals(5e-4 * 11 / 20, warm.at(11, 60, 10), 1e-15);
        assertEquals(5e-4, warm.at(20, 60, 10), 1e-15);
    }

    @Test
    void stagesThatMakeNoSenseAreRefused() {
        List<Stage> stages = List.of(new Stage(1, 1e-3));
        assertThrows(
                IllegalArgumentException.class, () -> new LearningRate(1e-3, 0, LearningRate.Decay.LINEAR, stages));
        assertThrows(
                IllegalArgumentException.class, () -> new LearningRate(2e-3, 0, LearningRate.Decay.CONSTANT, stages));
        assertThrows(IllegalArgumentException.class, () -> LearningRate.ofStages(List.of()));
        List<Stage> endless = Collections.nCopies(3, new Stage(999_999_999, 1));
        assertThrows(IllegalArgumentException.class, () -> LearningRate.ofStages(endless));
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
