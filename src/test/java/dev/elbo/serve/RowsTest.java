package dev.elbo.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RowsTest {
    private static final int WIDTH = 3;

    @Test
    void whatIsNotFiniteIsSeenWhereverItStands() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            for (int length = WIDTH; length <= 11 * WIDTH; length += WIDTH) {
                for (int i = 0; i < length; i++) {
                    float[] values = new float[length];
                    Arrays.fill(values, -Float.MAX_VALUE);
                    values[i] = bad;
                    assertFalse(Rows.sumIsFinite(values));
                    ElboException error =
                            assertThrows(ElboException.class, () -> Rows.count("x", values, WIDTH, Rows.Check.FINITE));
                    assertEquals(
                            "x: row " + i / WIDTH + ", column " + i % WIDTH + " (from 0) is " + bad
                                    + "; remove or replace such values",
                            error.getMessage());
                }
            }
        }
    }

    @Test
    void infinitiesDoNotCancel() {
        float[] values = new float[24];
        values[0] = Float.POSITIVE_INFINITY;
        values[8] = Float.NEGATIVE_INFINITY;
        assertFalse(Rows.sumIsFinite(values));
    }

    @Test
    void finiteValuesWithAnInfiniteSumAreTaken() {
        float[] values = new float[24];
        Arrays.fill(values, Float.MAX_VALUE);
        assertFalse(Rows.sumIsFinite(values));
        assertEquals(8, Rows.count("x", values, WIDTH, Rows.Check.FINITE));
        Arrays.fill(values, 1);
        assertTrue(Rows.sumIsFinite(values));
    }

    @Test
    void aRowThatIsNullIsNamed() {
        IllegalArgumentException told = assertThrows(
                IllegalArgumentException.class,
                () -> Rows.pack("encode", new float[][] {new float[WIDTH], null}, WIDTH, Rows.Check.FINITE));
        assertEquals("encode: row 1 (from 0) is null", told.getMessage());
    }
}
