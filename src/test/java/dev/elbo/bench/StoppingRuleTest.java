package dev.elbo.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

/** Medians, quartiles and when to stop, by clocks that are not real. */
class StoppingRuleTest {
    private static final StoppingRule RULE = new StoppingRule(0.005, 0.5, 20);

    /** Each measurement takes as long as it says. */
    private static final class Clock {
        private double now;

        DoubleSupplier taking(DoubleSupplier seconds) {
            return () -> {
                double value = seconds.getAsDouble();
                now += value;
                return value;
            };
        }

        long nanos() {
            return Math.round(now * 1e9);
        }
    }

    private static Distribution measure(DoubleSupplier seconds) {
        Clock clock = new Clock();
        return RULE.measure(clock.taking(seconds), clock::nanos);
    }

    @Test
    void quantilesAreThoseOfTheOrderStatistics() {
        Distribution five = Distribution.of(5, 1, 4, 2, 3);
        assertEquals(new Distribution(3, 2, 4, 5), five);
        assertEquals(new Distribution(2.5, 1.75, 3.25, 4), Distribution.of(4, 3, 2, 1));
        assertEquals(new Distribution(7, 7, 7, 1), Distribution.of(7));
        assertEquals(new Distribution(6, 4, 8, 5), five.times(2));
        assertThrows(IllegalArgumentException.class, Distribution::of);
    }

    @Test
    void theDeviationIsTheStandardErrorOfTheMedian() {
        Random random = new Random(1);
        int repetitions = 400;
        int count = 101;
        double[] medians = new double[repetitions];
        double claimed = 0;
        for (int i = 0; i < repetitions; i++) {
            double[] values =
                    random.doubles(count).map(u -> 10 + random.nextGaussian()).toArray();
            Distribution found = Distribution.of(values);
            medians[i] = found.median();
            claimed += found.relativeDeviation() * found.median() / repetitions;
        }
        double square = 0;
        for (double median : medians) {
            square += (median - 10) * (median - 10) / repetitions;
        }
        assertEquals(Math.sqrt(square), claimed, 0.1 * claimed);
    }

    @Test
    void steadyTimesStopAtOnce() {
        assertEquals(new Distribution(1e-3, 1e-3, 1e-3, 20), measure(() -> 1e-3));
    }

    @Test
    void unsteadyTimesStopWhenTheMedianIsCertain() {
        Random random = new Random(2);
        Distribution found = measure(() -> 1e-4 * (1 + 0.05 * random.nextGaussian()));
        assertTrue(found.relativeDeviation() <= 0.005, found.toString());
        assertTrue(found.count() > 60 && found.count() < 1000, found.toString());
        assertEquals(1e-4, found.median(), 3 * 0.005 * 1e-4);
    }

    @Test
    void outliersDoNotCount() {
        int[] count = {0};
        assertEquals(new Distribution(1e-3, 1e-3, 1e-3, 20), measure(() -> ++count[0] % 7 == 0 ? 5e-3 : 1e-3));
    }

    @Test
    void wildTimesStopWhenTheTimeIsOver() {
        Random random = new Random(3);
        Distribution found = measure(() -> 1e-3 * Math.exp(2 * random.nextGaussian()));
        assertTrue(found.relativeDeviation() > 0.005, found.toString());
        double mean = 1e-3 * Math.exp(2);
        assertTrue(found.count() < 3 * 0.5 / mean, found.toString());
    }

    @Test
    void threeAreTakenHoweverLong() {
        int[] count = {0};
        assertEquals(new Distribution(20, 15, 25, 3), measure(() -> 10.0 * ++count[0]));
    }

    @Test
    void nonsenseIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new StoppingRule(-1, 1, 20));
        assertThrows(IllegalArgumentException.class, () -> new StoppingRule(0.1, Double.NaN, 20));
        assertThrows(IllegalArgumentException.class, () -> new StoppingRule(0.1, 1, 2));
    }

    @Test
    void aRateIsHighWhereTheTimeIsLow() {
        assertEquals(new Distribution(4, 2, 8, 9), Rates.rate(8, new Distribution(2, 1, 4, 9)));
    }
}
