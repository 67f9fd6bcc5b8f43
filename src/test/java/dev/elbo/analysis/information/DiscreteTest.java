package dev.elbo.analysis.information;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.verify.Draw;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class DiscreteTest {
    private static final double ROUNDING = 1e-12;

    private static double[] distribution(Draw draw, int outcomes) {
        double[] values = draw.uniform(outcomes, 0, 1);
        double sum = Arrays.stream(values).sum();
        return Arrays.stream(values).map(v -> v / sum).toArray();
    }

    @Test
    void knownValues() {
        assertEquals(1, Discrete.entropy(new double[] {0.5, 0.5}, Unit.BITS), 1e-15);
        assertEquals(Math.log(2), Discrete.entropy(new double[] {0.5, 0.5}, Unit.NATS), 1e-15);
        assertEquals(1.75, Discrete.entropy(new double[] {0.5, 0.25, 0.125, 0.125}, Unit.BITS), 1e-15);
        assertEquals(0, Discrete.entropy(new double[] {0, 1, 0}, Unit.BITS));
        assertEquals(
                2, Discrete.crossEntropy(new double[] {0.5, 0.5, 0}, new double[] {0.25, 0.25, 0.5}, Unit.BITS), 1e-15);
    }

    @Test
    void zerosCountAsTheirLimits() {
        double[] certain = {1, 0};
        double[] fair = {0.5, 0.5};
        assertEquals(1, Discrete.kl(certain, fair, Unit.BITS), 1e-15);
        assertEquals(Double.POSITIVE_INFINITY, Discrete.kl(fair, certain, Unit.BITS));
        assertEquals(Double.POSITIVE_INFINITY, Discrete.crossEntropy(fair, certain, Unit.NATS));
        assertEquals(0, Discrete.kl(certain, certain, Unit.NATS));
        assertEquals(0, Discrete.crossEntropy(certain, certain, Unit.NATS));
        double[] tiny = {Double.MIN_VALUE, 1};
        assertEquals(Math.log(2), Discrete.kl(tiny, fair, Unit.NATS), 1e-15);
    }

    @Test
    void divergenceIsCrossEntropyLessEntropyAndNeverNegative() {
        for (int seed = 0; seed < 200; seed++) {
            Draw draw = new Draw(seed);
            double[] p = distribution(draw, 1 + seed % 7);
            double[] q = distribution(draw, 1 + seed % 7);
            double kl = Discrete.kl(p, q, Unit.NATS);
            assertEquals(
                    Discrete.crossEntropy(p, q, Unit.NATS) - Discrete.entropy(p, Unit.NATS),
                    kl,
                    ROUNDING,
                    "seed " + seed);
            assertTrue(p.length == 1 ? kl == 0 : kl > 0, "seed " + seed);
            assertEquals(0, Discrete.kl(p, p, Unit.NATS));
            assertTrue(Discrete.entropy(p, Unit.NATS) <= Math.log(p.length) + ROUNDING);
        }
    }

    /** Near equality it is χ²/2 to first order; the difference of two entropies would be all rounding there. */
    @Test
    void smallDivergencesHaveTheirDigits() {
        double d = 1e-6;
        double kl = Discrete.kl(new double[] {0.5 + d, 0.5 - d}, new double[] {0.5, 0.5}, Unit.NATS);
        assertEquals(2 * d * d, kl, 2 * d * d * 1e-4);
    }

    @Test
    void itIsNoDistance() {
        double[] p = {0.5, 0.5};
        double[] q = {0.25, 0.75};
        double[] r = {0.1, 0.9};
        double pq = Discrete.kl(p, q, Unit.NATS);
        double qr = Discrete.kl(q, r, Unit.NATS);
        double pr = Discrete.kl(p, r, Unit.NATS);
        assertEquals(0.5 * Math.log(4.0 / 3), pq, 1e-15);
        assertEquals(0.25 * Math.log(2.5) + 0.75 * Math.log(5.0 / 6), qr, 1e-15);
        assertEquals(0.5 * Math.log(25.0 / 9), pr, 1e-15);
        assertTrue(pr > 2 * (pq + qr), "the detour over q is less than half as long");
        assertEquals(0.25 * Math.log(0.5) + 0.75 * Math.log(1.5), Discrete.kl(q, p, Unit.NATS), 1e-15);
        assertTrue(Math.abs(Discrete.kl(q, p, Unit.NATS) - pq) > 0.01, "not symmetric");
    }

    /** Names of outcomes do not matter, and merging outcomes loses information, none where their ratios are equal. */
    @Test
    void whatLeavesItAsItIsAndWhatLowersIt() {
        double[] p = {0.1, 0.2, 0.3, 0.4};
        double[] q = {0.2, 0.4, 0.3, 0.1};
        double kl = Discrete.kl(p, q, Unit.BITS);
        assertEquals(
                kl,
                Discrete.kl(new double[] {0.4, 0.1, 0.3, 0.2}, new double[] {0.1, 0.2, 0.3, 0.4}, Unit.BITS),
                1e-15);
        assertEquals(kl, Discrete.kl(new double[] {0.3, 0.3, 0.4}, new double[] {0.6, 0.3, 0.1}, Unit.BITS), 1e-15);
        assertTrue(Discrete.kl(new double[] {0.3, 0.7}, new double[] {0.6, 0.4}, Unit.BITS) < kl - 0.1);
    }

    @Test
    void mutualInformation() {
        double[][] same = {{0.5, 0}, {0, 0.5}};
        assertEquals(1, Discrete.mutualInformation(same, Unit.BITS), 1e-15);
        double[][] independent = {{0.06, 0.14}, {0.24, 0.56}};
        assertEquals(0, Discrete.mutualInformation(independent, Unit.BITS), 1e-15);
        for (int seed = 0; seed < 50; seed++) {
            double[] flat = distribution(new Draw(seed), 6);
            double[][] joint = {Arrays.copyOf(flat, 3), Arrays.copyOfRange(flat, 3, 6)};
            double[] ofX = {
                Arrays.stream(joint[0]).sum(), Arrays.stream(joint[1]).sum()
            };
            double[] ofY = {flat[0] + flat[3], flat[1] + flat[4], flat[2] + flat[5]};
            double entropies = Discrete.entropy(ofX, Unit.NATS)
                    + Discrete.entropy(ofY, Unit.NATS)
                    - Discrete.entropy(flat, Unit.NATS);
            assertEquals(entropies, Discrete.mutualInformation(joint, Unit.NATS), ROUNDING);
        }
    }

    @Test
    void onlyDistributionsAreTaken() {
        double[] fair = {0.5, 0.5};
        message("outcome 1 is -0.1", () -> Discrete.entropy(new double[] {1.1, -0.1}, Unit.NATS));
        message("outcome 0 is NaN", () -> Discrete.entropy(new double[] {Double.NaN, 1}, Unit.NATS));
        message("q: the probabilities of 2", () -> Discrete.kl(fair, new double[] {0.5, 0.6}, Unit.NATS));
        message("0 outcomes", () -> Discrete.entropy(new double[0], Unit.NATS));
        message("p has 2 outcomes, q 1", () -> Discrete.kl(fair, new double[] {1}, Unit.NATS));
        message(
                "row 1 has 1 columns",
                () -> Discrete.mutualInformation(new double[][] {{0.5, 0.25}, {0.25}}, Unit.NATS));
        double[] rounded = {(float) 0.1, (float) 0.9};
        assertEquals(0, Discrete.kl(rounded, rounded, Unit.NATS));
    }

    private static void message(String part, Executable executable) {
        String message =
                assertThrows(IllegalArgumentException.class, executable).getMessage();
        assertTrue(message.contains(part), message);
    }
}
