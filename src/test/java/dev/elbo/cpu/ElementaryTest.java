package dev.elbo.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.model.Activation;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Against the JDK's functions, over the range of float32 and near every edge. */
class ElementaryTest {
    private static final double BOUND = 1e-10;

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

    @Test
    void functionsAreRightWellBelowHalfAFloat32Unit() {
        check(Elementary::exp, StrictMath::exp, -149, 129);
        check(Elementary::expOfNegative, StrictMath::exp, -103.9, 0);
        for (double scale : new double[] {1e-8, 1e-3, 1, 80}) {
            check(Elementary::expm1, StrictMath::expm1, -scale, scale);
            check(Elementary::expm1OfNegative, StrictMath::expm1, -scale, 0);
            check(Elementary::log1p, StrictMath::log1p, 0, Math.min(scale, 1));
        }
    }

    @Test
    void activationsAreRightToOneFloat32Unit() {
        for (double scale : new double[] {1e-6, 1e-2, 1, 30, 200}) {
            activation(Activation.TANH, StrictMath::tanh, scale);
            activation(Activation.SIGMOID, x -> 1 / (1 + StrictMath.exp(-x)), scale);
            activation(
                    Activation.SOFTPLUS, x -> Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x))), scale);
            activation(Activation.ELU, x -> x > 0 ? x : StrictMath.expm1(x), scale);
        }
    }

    private static void activation(Activation activation, DoubleUnaryOperator exact, double scale) {
        float[] x = new float[4001];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) (scale * (i - 2000) / 2000);
        }
        float[] y = new float[x.length];
        Activations.apply(activation, x, 0, y, 0, x.length, new double[Chunk.SIZE]);
        for (int i = 0; i < x.length; i++) {
            double expected = exact.applyAsDouble(x[i]);
            double allowed = Math.max(0.51 * Math.ulp((float) expected), Float.MIN_NORMAL);
            assertEquals(expected, y[i], allowed, activation + " of " + x[i]);
        }
    }

    @Test
    void edges() {
        assertEquals(1, Elementary.exp(0));
        assertEquals(0, Elementary.expm1(0));
        assertEquals(1, Elementary.expOfNegative(0));
        assertEquals(0, Elementary.expm1OfNegative(0));
        assertEquals(0f, (float) Elementary.exp(Double.NEGATIVE_INFINITY));
        assertEquals(0, Elementary.expOfNegative(Double.NEGATIVE_INFINITY), Float.MIN_VALUE);
        assertEquals(-1, Elementary.expm1OfNegative(Double.NEGATIVE_INFINITY));
        assertEquals(Float.POSITIVE_INFINITY, (float) Elementary.exp(Double.POSITIVE_INFINITY));
        assertEquals(0, Elementary.isPositive(0));
        assertEquals(1, Elementary.isPositive(Float.MIN_VALUE));
        assertEquals(0, Elementary.isPositive(-Float.MIN_VALUE));
        for (DoubleUnaryOperator function : new DoubleUnaryOperator[] {
            Elementary::exp,
            Elementary::expm1,
            Elementary::expOfNegative,
            Elementary::expm1OfNegative,
            Elementary::isPositive,
            Elementary::log1p
        }) {
            assertTrue(Double.isNaN(function.applyAsDouble(Double.NaN)));
        }
    }
}
