package dev.elbo.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.commons.numbers.gamma.Digamma;
import org.apache.commons.numbers.gamma.LogGamma;
import org.junit.jupiter.api.Test;

/** Losses of counts: the functions that they are made of, and what is no count. */
class CountLossTest {
    private static final double HALF_LOG_2_PI = 0.9189385332046728;

    /** Of polynomials that miss by 8.4e-10. */
    private static final double BOUND = 1e-9;

    @Test
    void logGammaAndDigammaFollowFromStirlingsRemainder() {
        for (double log = -28; log < 20; log += 1e-3) {
            double a = Math.exp(log);
            double logGamma = (a - 0.5) * Math.log(a) - a + HALF_LOG_2_PI + CountLoss.remainder(a);
            double exact = LogGamma.value(a);
            assertEquals(exact, logGamma, BOUND * Math.max(1, Math.abs(exact)), "lnΓ of " + a);
            // below this the JDK's library has an error as large as a
            if (a > 1e-5) {
                double digamma = Math.log(a) - 0.5 / a + CountLoss.slope(a);
                exact = Digamma.value(a);
                assertEquals(exact, digamma, BOUND * Math.max(1, Math.abs(exact)), "ψ of " + a);
            }
        }
    }

    @Test
    void theSlopeOfSmallArgumentsIsKnown() {
        // ψ(a) = −1 / a − γ + a π² / 6
        for (double a : new double[] {1e-13, 1e-10, 1e-6}) {
            double slope = -1 / a - 0.5772156649015329 + a * Math.PI * Math.PI / 6 - Math.log(a) + 0.5 / a;
            assertEquals(slope, CountLoss.slope(a), 1e-12 * Math.abs(slope) + BOUND);
        }
    }

    @Test
    void whatIsNoCountGivesNaN() {
        CountLoss counts = new CountLoss();
        CountLoss.Dispersion dispersion = new CountLoss.Dispersion();
        dispersion.set(0.5f);
        for (float x : new float[] {-1, -1e-30f, -1e30f, Float.NEGATIVE_INFINITY, Float.NaN}) {
            counts.poisson(x, 1);
            assertTrue(Double.isNaN(counts.loss()), "poisson of " + x);
            counts.negativeBinomial(x, 1, dispersion);
            assertTrue(Double.isNaN(counts.loss()), "negative binomial of " + x);
        }
        dispersion.set(Float.NaN);
        for (float x : new float[] {0, 3}) {
            counts.poisson(x, Float.NaN);
            assertTrue(Double.isNaN(counts.loss()), "of an output of NaN");
            counts.negativeBinomial(x, 1, dispersion);
            assertTrue(Double.isNaN(counts.loss()), "of a dispersion of NaN");
        }
    }

    @Test
    void logarithmsKeepTheirDigitsAtEveryPlace() {
        for (double less1 = 1e-18; less1 < 1e30; less1 *= 1.01) {
            close(less1);
            close(-less1 / (1 + less1));
        }
        assertTrue(Double.isNaN(Elementary.log(0, -1)));
        assertTrue(Double.isNaN(Elementary.log(-1, -2)));
        assertTrue(Double.isNaN(Elementary.log(Double.NaN, Double.NaN)));
    }

    private static void close(double less1) {
        double exact = StrictMath.log1p(less1);
        if (1 + less1 > 1e-10) {
            assertEquals(exact, Elementary.log(1 + less1, less1), 1e-14 * Math.abs(exact) / Math.min(1, 1 + less1));
        }
    }
}
