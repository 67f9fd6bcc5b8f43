package dev.elbo.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.linalg.Cholesky;
import dev.elbo.linalg.LinearGaussian;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LinearGaussianTest {
    @Test
    void workedExample() {
        double[] q = {0.35, 0.25};
        LinearGaussian model = Oracles.EXAMPLE;
        assertEquals(Oracles.LOG_DENSITY, model.logDensity(Oracles.X), 1e-12);
        assertEquals(
                Oracles.EXPECTED_LOG_LIKELIHOOD, model.expectedLogLikelihood(Oracles.X, q, Oracles.Q_VARIANCE), 1e-12);
        assertEquals(Oracles.KL, LinearGaussian.kl(q, Oracles.Q_VARIANCE), 1e-12);
        assertEquals(Oracles.ELBO, model.elbo(Oracles.X, q, Oracles.Q_VARIANCE), 1e-12);
        assertEquals(Oracles.GAP, model.gap(Oracles.X, q, Oracles.Q_VARIANCE), 1e-12);
    }

    /** log p(x) = ELBO + KL(q ‖ posterior), each computed on its own, whatever q is. */
    @Test
    void theGapIsTheDivergenceFromThePosterior() {
        for (int seed = 0; seed < 50; seed++) {
            Draw draw = new Draw(seed);
            int inputs = 1 + seed % 5;
            int latents = 1 + seed % 3;
            LinearGaussian model = random(draw, inputs, latents);
            double[] x = draw.normal(inputs);
            double[] mean = draw.normal(latents);
            double[] variance = draw.uniform(latents, 0.1, 2);
            double gap = model.gap(x, mean, variance);
            double logDensity = model.logDensity(x);
            assertEquals(logDensity, model.elbo(x, mean, variance) + gap, 1e-12 * Math.max(1, Math.abs(logDensity)));
            assertTrue(gap > 0);
        }
    }

    @Test
    void thePosteriorItselfLeavesNoGap() {
        LinearGaussian model =
                new LinearGaussian(new double[][] {{1, -1}, {1, 1}, {0.5, 0}}, new double[] {0.1, -0.2, 0.3}, 0.4);
        double[] x = {1, -1, 0.5};
        double[][] covariance = model.posteriorCovariance();
        assertEquals(0, covariance[0][1], 1e-15);
        double[] variance = {covariance[0][0], covariance[1][1]};
        assertEquals(0, model.gap(x, model.posteriorMean(x), variance), 1e-14);
        assertEquals(model.logDensity(x), model.elbo(x, model.posteriorMean(x), variance), 1e-13);
    }

    /** One input, no latent worth the name: a plain normal density. */
    @Test
    void withoutLatentsItIsANormal() {
        LinearGaussian model = new LinearGaussian(new double[][] {{0}}, new double[] {1}, 4);
        assertEquals(
                -0.5 * Math.log(2 * Math.PI) - Math.log(2) - 0.5 * 9 / 4, model.logDensity(new double[] {4}), 1e-15);
    }

    private static LinearGaussian random(Draw draw, int inputs, int latents) {
        double[][] weight = new double[inputs][];
        Arrays.setAll(weight, d -> draw.normal(latents));
        return new LinearGaussian(weight, draw.normal(inputs), 0.5);
    }

    @Test
    void onlyPositiveDefiniteMatricesHaveAFactor() {
        assertThrows(IllegalArgumentException.class, () -> new Cholesky(new double[][] {{1, 2}, {2, 1}}));
        assertThrows(IllegalArgumentException.class, () -> new Cholesky(new double[][] {{Double.NaN}}));
        Cholesky cholesky = new Cholesky(new double[][] {{4, 2}, {2, 3}});
        assertEquals(Math.log(8), cholesky.logDeterminant(), 1e-15);
        double[] x = cholesky.solve(new double[] {8, 7});
        assertEquals(1.25, x[0], 1e-15);
        assertEquals(1.5, x[1], 1e-15);
    }
}
