package dev.elbo.analysis.information;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.verify.Draw;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class GaussianTest {
    private static double integral(DoubleUnaryOperator f, double low, double high) {
        int steps = 200_000;
        double h = (high - low) / steps;
        double sum = 0;
        for (int i = 0; i <= steps; i++) {
            sum += f.applyAsDouble(low + i * h) * h;
        }
        return sum;
    }

    private static Gaussian random(Draw draw, int size) {
        double[][] factor = new double[size][];
        Arrays.setAll(factor, i -> draw.normal(size));
        return new Gaussian(draw.normal(size), product(factor, 0.3));
    }

    /** A Aᵀ + ridge I. */
    private static double[][] product(double[][] a, double ridge) {
        double[][] result = new double[a.length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a.length; j++) {
                result[i][j] = i == j ? ridge : 0;
                for (int k = 0; k < a[0].length; k++) {
                    result[i][j] += a[i][k] * a[j][k];
                }
            }
        }
        return result;
    }

    private static DiagonalGaussian diagonal(Draw draw, int size) {
        return new DiagonalGaussian(draw.normal(size), draw.uniform(size, 0.1, 3));
    }

    @Test
    void closedFormsAgreeWithQuadrature() {
        DiagonalGaussian p = new DiagonalGaussian(new double[] {0.3}, new double[] {0.49});
        DiagonalGaussian q = new DiagonalGaussian(new double[] {-0.5}, new double[] {1.7});
        DoubleUnaryOperator logP = x -> p.logDensity(new double[] {x});
        DoubleUnaryOperator logQ = x -> q.logDensity(new double[] {x});
        DoubleUnaryOperator density = x -> Math.exp(logP.applyAsDouble(x));
        assertEquals(1, integral(density, -12, 12), 1e-12);
        assertEquals(p.entropy(), integral(x -> -density.applyAsDouble(x) * logP.applyAsDouble(x), -12, 12), 1e-12);
        assertEquals(
                p.crossEntropy(q), integral(x -> -density.applyAsDouble(x) * logQ.applyAsDouble(x), -12, 12), 1e-12);
        assertEquals(
                p.kl(q),
                integral(x -> density.applyAsDouble(x) * (logP.applyAsDouble(x) - logQ.applyAsDouble(x)), -12, 12),
                1e-12);
    }

    @Test
    void divergenceIsCrossEntropyLessEntropyAndNeverNegative() {
        for (int seed = 0; seed < 60; seed++) {
            Draw draw = new Draw(seed);
            int size = 1 + seed % 5;
            DiagonalGaussian p = diagonal(draw, size);
            DiagonalGaussian q = diagonal(draw, size);
            assertEquals(p.crossEntropy(q) - p.entropy(), p.kl(q), 1e-12 * (1 + p.kl(q)));
            assertTrue(p.kl(q) > 0);
            assertEquals(0, p.kl(p));
            Gaussian fullP = random(draw, size);
            Gaussian fullQ = random(draw, size);
            assertEquals(fullP.crossEntropy(fullQ) - fullP.entropy(), fullP.kl(fullQ), 1e-12 * (1 + fullP.kl(fullQ)));
            assertTrue(fullP.kl(fullQ) > 0);
            assertEquals(0, fullP.kl(fullP), 1e-12);
        }
    }

    @Test
    void aDiagonalOneIsAFullOne() {
        Draw draw = new Draw(4);
        DiagonalGaussian p = diagonal(draw, 4);
        DiagonalGaussian q = diagonal(draw, 4);
        double[] x = draw.normal(4);
        assertEquals(p.full().logDensity(x), p.logDensity(x), 1e-13);
        assertEquals(p.full().entropy(), p.entropy(), 1e-13);
        assertEquals(p.full().crossEntropy(q.full()), p.crossEntropy(q), 1e-12);
        assertEquals(p.full().kl(q.full()), p.kl(q), 1e-12);
    }

    /** Units and axes do not matter: x → Ax + b of both leaves the divergence as it is, but not the entropy. */
    @Test
    void divergenceIsInvariantUnderAffineMaps() {
        Draw draw = new Draw(8);
        double[][] sqrtP = {{1, 0.2}, {-0.4, 0.7}};
        double[][] sqrtQ = {{0.6, 0.1}, {0.3, 1.5}};
        double[] meanP = draw.normal(2);
        double[] meanQ = draw.normal(2);
        double[][] a = {{2, -1}, {0.5, 3}};
        Gaussian p = new Gaussian(meanP, product(sqrtP, 0));
        Gaussian q = new Gaussian(meanQ, product(sqrtQ, 0));
        Gaussian mappedP = new Gaussian(map(a, meanP), product(times(a, sqrtP), 0));
        Gaussian mappedQ = new Gaussian(map(a, meanQ), product(times(a, sqrtQ), 0));
        assertEquals(p.kl(q), mappedP.kl(mappedQ), 1e-12);
        assertEquals(p.entropy() + Math.log(6.5), mappedP.entropy(), 1e-12);
    }

    private static double[] map(double[][] a, double[] x) {
        return new double[] {a[0][0] * x[0] + a[0][1] * x[1] + 5, a[1][0] * x[0] + a[1][1] * x[1] - 2};
    }

    private static double[][] times(double[][] a, double[][] b) {
        double[][] result = new double[2][2];
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 2; j++) {
                result[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j];
            }
        }
        return result;
    }

    @Test
    void monteCarloFindsTheClosedForm() {
        Draw draw = new Draw(2);
        Gaussian p = random(draw, 3);
        Gaussian q = random(draw, 3);
        Iterator<double[]> draws = Arrays.asList(p.sample(20_000, 5)).iterator();
        MonteCarloKl estimate = MonteCarloKl.estimate(draws::next, p::logDensity, q::logDensity, 20_000);
        assertEquals(p.kl(q), estimate.value(), 4 * estimate.standardError());
        assertTrue(estimate.standardError() < 0.05 * p.kl(q), estimate.toString());
        double[] worth = {0};
        MonteCarloKl alternating = MonteCarloKl.estimate(() -> worth[0] = 2 - worth[0], x -> x, x -> 0.0, 100);
        assertEquals(1, alternating.value(), 1e-15);
        assertEquals(Math.sqrt(1 / 99.0), alternating.standardError(), 1e-15);
    }

    @Test
    void monteCarloKnowsItsLimits() {
        MonteCarloKl excluded = MonteCarloKl.estimate(() -> 1.0, x -> 0.0, x -> Double.NEGATIVE_INFINITY, 10);
        assertEquals(Double.POSITIVE_INFINITY, excluded.value());
        assertThrows(
                IllegalArgumentException.class,
                () -> MonteCarloKl.estimate(() -> 1.0, x -> Double.NEGATIVE_INFINITY, x -> 0.0, 10));
        assertThrows(
                IllegalArgumentException.class, () -> MonteCarloKl.estimate(() -> 1.0, x -> 0.0, x -> Double.NaN, 10));
        assertThrows(IllegalArgumentException.class, () -> MonteCarloKl.estimate(() -> 1.0, x -> 0.0, x -> 0.0, 1));
    }

    @Test
    void onlyGaussiansAreTaken() {
        double[] zeros = {0, 0};
        assertThrows(IllegalArgumentException.class, () -> new DiagonalGaussian(zeros, new double[] {1, 0}));
        assertThrows(IllegalArgumentException.class, () -> new DiagonalGaussian(zeros, new double[] {1}));
        assertThrows(IllegalArgumentException.class, () -> new DiagonalGaussian(new double[0], new double[0]));
        assertThrows(IllegalArgumentException.class, () -> new Gaussian(zeros, new double[][] {{1, 0}, {0.1, 1}}));
        assertThrows(IllegalArgumentException.class, () -> new Gaussian(zeros, new double[][] {{1, 2}, {2, 1}}));
        assertThrows(IllegalArgumentException.class, () -> new Gaussian(zeros, new double[][] {{1}}));
        DiagonalGaussian two = DiagonalGaussian.standard(2);
        assertThrows(IllegalArgumentException.class, () -> two.kl(DiagonalGaussian.standard(3)));
        double far = DiagonalGaussian.standard(1).kl(new DiagonalGaussian(new double[] {0}, new double[] {1e300}));
        assertEquals(0.5 * (Math.log(1e300) - 1), far, 1e-12 * far);
    }
}
