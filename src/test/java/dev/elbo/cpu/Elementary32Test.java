package dev.elbo.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Against the JDK's functions, within the bounds that kernels/elementary.cuh states. */
class Elementary32Test {
    private static final double U = 0x1p-24;

    /** A function in float32. */
    private interface Function {
        float of(float x);
    }

    private static void check(Function ours, DoubleUnaryOperator exact, double from, double to, double units) {
        for (int i = 0; i <= 100_000; i++) {
            float x = (float) (from + (to - from) * i / 100_000);
            double expected = exact.applyAsDouble(x);
            assertEquals(expected, ours.of(x), units * U * Math.abs(expected) + Float.MIN_VALUE, "of " + x);
        }
    }

    @Test
    void everyFunctionIsWithinItsBound() {
        check(Elementary32::exp, StrictMath::exp, -87, 88.7, 2);
        for (double scale : new double[] {1e-20, 1e-3, 1}) {
            check(Elementary32::log1p, StrictMath::log1p, 0, scale, 4);
        }
        for (double scale : new double[] {1e-20, 1e-3, 1, 3, 100, 1e6, 1e30}) {
            check(Elementary32::log1pOfCount, StrictMath::log1p, 0, scale, 8);
        }
        check(Elementary32::log, StrictMath::log, 2, 1e6, 4);
        check(
                x -> Elementary32.sigmoid(x, Elementary32.exp(-Math.abs(x))),
                x -> 1 / (1 + StrictMath.exp(-x)),
                -80,
                80,
                8);
    }

    @Test
    void edges() {
        assertEquals(1, Elementary32.exp(0));
        assertEquals(0, Elementary32.exp(Float.NEGATIVE_INFINITY));
        assertEquals(Float.POSITIVE_INFINITY, Elementary32.exp(Float.POSITIVE_INFINITY));
        assertEquals(Float.POSITIVE_INFINITY, Elementary32.log(Float.POSITIVE_INFINITY));
        assertEquals(0, Elementary32.log(1));
        assertEquals(0, Elementary32.log1pOfCount(0));
        for (float none : new float[] {-1, -Float.MIN_VALUE, Float.NEGATIVE_INFINITY, Float.NaN}) {
            assertTrue(Float.isNaN(Elementary32.log1pOfCount(none)));
        }
        assertTrue(Float.isNaN(Elementary32.exp(Float.NaN)));
        assertTrue(Float.isNaN(Elementary32.log(Float.NaN)));
        assertTrue(Float.isNaN(Elementary32.log1p(Float.NaN)));
    }
}
