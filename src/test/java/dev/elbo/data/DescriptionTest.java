package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class DescriptionTest {
    private static Description of(float... values) {
        return Description.of(Dataset.unchecked("d", Rows.ofFloats(values, 1), Optional.empty(), 1, Optional.empty()));
    }

    @Test
    void histogramsCountEveryFiniteValueOnce() {
        assertArrayEquals(
                new long[] {2, 1, 0, 3}, of(0, 0.5f, 1, 4, 3, 3.5f, Float.NaN).histogram(4));
        assertArrayEquals(new long[] {3, 0}, of(7, 7, 7).histogram(2), "one value has no range");
        assertArrayEquals(
                new long[] {0, 0}, of(Float.NaN, Float.NEGATIVE_INFINITY).histogram(2));
    }

    /** The distance of two values may be above what float32 holds. */
    @Test
    void histogramsReachOverAllOfFloat32() {
        float most = Float.MAX_VALUE;
        assertArrayEquals(new long[] {1, 0, 1, 1}, of(-most, 0.25f * most, most).histogram(4));
    }

    @Test
    void whatIsNotFiniteIsCountedAndLeftOut() {
        Description description = of(1, Float.NaN, 3, Float.POSITIVE_INFINITY);
        assertEquals(1, description.nan());
        assertEquals(1, description.infinite());
        assertEquals(1, description.min());
        assertEquals(3, description.max());
        assertEquals(2, description.mean());
        assertEquals(1, description.notFinite().orElseThrow().row());
        assertEquals(2, description.outside().orElseThrow().row());
        Description nothing = of(Float.NaN);
        assertTrue(Double.isNaN(nothing.min()) && Double.isNaN(nothing.max()) && Double.isNaN(nothing.mean()));
    }
}
