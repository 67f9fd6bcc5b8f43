package dev.elbo.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.util.Arrays;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CalibrationTest {
    private static final double[] WITH_TIES = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3};

    private static double[] distinct() {
        float[] values = new float[40];
        Noise.normals(5, 0, NoiseStream.SAMPLE, 0, 0, values.length, values, 0);
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    /**
     * Exchangeable means: given the n + 1 values, each is as likely as any other to be the one that is judged. So the
     * distribution of the fraction can be counted out, with no chance in it: whether P(fraction ≤ t) ≤ t for every t.
     */
    private static boolean superUniform(double[] values, ToDoubleBiFunction<double[], Double> fraction) {
        double[] fractions = IntStream.range(0, values.length)
                .mapToDouble(judged -> fraction.applyAsDouble(
                        IntStream.range(0, values.length)
                                .filter(i -> i != judged)
                                .mapToDouble(i -> values[i])
                                .toArray(),
                        values[judged]))
                .sorted()
                .toArray();
        // P jumps at the fractions alone; whole numbers are compared, since both sides are multiples of 1 / (n + 1)
        return IntStream.range(0, fractions.length).allMatch(i -> {
            long atMost =
                    Arrays.stream(fractions).filter(f -> f <= fractions[i]).count();
            return atMost <= fractions[i] * values.length + 1e-9;
        });
    }

    private static double ours(double[] references, double score) {
        return new Calibration(references).quantile(score);
    }

    @Test
    void isSuperUniformForExchangeableScores() {
        assertTrue(superUniform(distinct(), CalibrationTest::ours));
        assertTrue(superUniform(WITH_TIES, CalibrationTest::ours));
        assertTrue(superUniform(new double[20], CalibrationTest::ours));
    }

    @Test
    void theCheckNoticesFractionsThatAreTooSmall() {
        assertFalse(superUniform(
                distinct(),
                (references, score) -> (double) Arrays.stream(references)
                                .filter(r -> r >= score)
                                .count()
                        / references.length));
        assertFalse(superUniform(
                WITH_TIES,
                (references, score) ->
                        (1.0 + Arrays.stream(references).filter(r -> r > score).count()) / (references.length + 1)));
    }

    @Test
    void isUniformWithoutTies() {
        double[] values = distinct();
        double[] fractions = IntStream.range(0, values.length)
                .mapToDouble(judged -> ours(
                        IntStream.range(0, values.length)
                                .filter(i -> i != judged)
                                .mapToDouble(i -> values[i])
                                .toArray(),
                        values[judged]))
                .sorted()
                .toArray();
        assertArrayEquals(
                IntStream.rangeClosed(1, values.length)
                        .mapToDouble(i -> i / (double) values.length)
                        .toArray(),
                fractions,
                1e-15);
    }

    @Test
    void countsReferencesAtLeastAsHigh() {
        double[] references = {2, 1, 2, 4};
        Calibration calibration = new Calibration(references);
        references[0] = 100;
        assertArrayEquals(
                new double[] {1, 1, 0.8, 0.8, 0.4, 0.4, 0.2},
                calibration.quantiles(new double[] {0, 1, 1.5, 2, 3, 4, 5}));
        assertEquals(0.5, new Calibration(new double[] {-0.0}).quantile(1));
        assertThrows(IllegalArgumentException.class, () -> new Calibration(new double[0]));
    }
}
