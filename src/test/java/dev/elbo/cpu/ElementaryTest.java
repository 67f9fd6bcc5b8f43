package dev.elbo.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Against the JDK's functions, over the range of float32 and near every edge. */
class ElementaryTest {
    private static final double BOUND = 1e-11;

    private static void check(DoubleUnaryOperator ours, DoubleUnaryOperator exact, double from, double to) {
        double worst = 0;
        double at = from;
        for (int i = 0; i <= 200_000; i++) {
            double x = from + (to - from) * i / 200_000;
            double expected = exact.applyAsDouble(x);
            double error =
                    expected == 0 ? Math.abs(ours.applyAsDouble(x)) : Math.abs(ours.applyAsDouble(x) / expected - 1);
            if (error > worst) {
                worst = error;
                at = x;
            }
        }
        assertTrue(worst <= BOUND, "relative error " + worst + " at " + at);
    }

    private static double log1p(double x) {
        return StrictMath.log1p(x);
    }

    private static double sigmoid(double x) {
        return 1 / (1 + StrictMath.exp(-x));
    }

    private static double softplus(double x) {
        return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
    }

    @Test
    void functionsAreRightWellBelowHalfAFloat32Unit() {
        check(Elementary::exp, StrictMath::exp, -149, 129);
        for (double scale : new double[] {1e-8, 1e-3, 1, 80}) {
            check(Elementary::expm1, StrictMath::expm1, -scale, scale);
            check(Elementary::tanh, StrictMath::tanh, -scale, scale);
            check(Elementary::sigmoid, ElementaryTest::sigmoid, -scale, scale);
            check(Elementary::softplus, ElementaryTest::softplus, -scale, scale);
            check(Elementary::log1p, ElementaryTest::log1p, 0, Math.min(scale, 1));
        }
    }

    @Test
    void edges() {
        assertEquals(1, Elementary.exp(0));
        assertEquals(0, Elementary.expm1(0));
        assertEquals(0f, (float) Elementary.exp(Double.NEGATIVE_INFINITY));
        assertEquals(Float.POSITIVE_INFINITY, (float) Elementary.exp(Double.POSITIVE_INFINITY));
        assertEquals(1, Elementary.tanh(Double.POSITIVE_INFINITY));
        assertEquals(-1, Elementary.tanh(Double.NEGATIVE_INFINITY));
        assertEquals(0f, (float) Elementary.sigmoid(-1e30));
        assertEquals(1, Elementary.sigmoid(1e30));
        assertEquals(1e30, Elementary.softplus(1e30));
        assertEquals(0f, (float) Elementary.softplus(-1e30));
        for (DoubleUnaryOperator function : new DoubleUnaryOperator[] {
            Elementary::exp, Elementary::expm1, Elementary::tanh, Elementary::sigmoid, Elementary::softplus
        }) {
            assertTrue(Double.isNaN(function.applyAsDouble(Double.NaN)));
        }
    }
}
