package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandardizationTest {
    /** Columns of their own unit, the last one constant; its value is no float32 that a sum keeps exact. */
    private static Dataset data(int examples) {
        Random random = new Random(1);
        float[][] rows = new float[examples][];
        for (int i = 0; i < examples; i++) {
            rows[i] =
                    new float[] {1e6f + 100 * (float) random.nextGaussian(), 1e-6f * (float) random.nextGaussian(), 0.1f
                    };
        }
        return Dataset.of("d", rows);
    }

    @Test
    void everyFeatureHasMean0AndVariance1AndAConstantOneStays() {
        Dataset data = data(999);
        Standardization map = Standardization.perFeature(data);
        Dataset standardized = data.standardized(map);
        assertArrayEquals(new double[] {0, 0, 0}, standardized.mean(), 1e-5);
        assertArrayEquals(new double[] {1, 1, 0}, standardized.variance(), 1e-5);
        assertEquals(1, map.deviation()[2]);
        assertEquals(data.labels(), standardized.labels());
        assertEquals(Math.log(map.deviation()[0]) + Math.log(map.deviation()[1]), map.logDeviation(), 1e-12);
    }

    @Test
    void undoneValuesAreTheOnesGiven() {
        Dataset data = data(200);
        Standardization map = Standardization.perFeature(data);
        float[] values = data.standardized(map).values();
        map.invert(values);
        float[] given = data.values();
        for (int i = 0; i < given.length; i++) {
            assertEquals(given[i], values[i], 1e-6 * Math.abs(given[i]) + 1e-12);
        }
        assertThrows(IllegalArgumentException.class, () -> map.invert(new float[4]));
    }

    @Test
    void sharedIsOneUnitForAll() {
        byte[] pixels = new byte[600];
        new Random(2).nextBytes(pixels);
        Dataset data = Dataset.ofBytes("p", pixels, 6, 1f / 255);
        Standardization map = Standardization.shared(data);
        float[] values = data.standardized(map).values();
        double mean = mean(values, 1);
        assertEquals(0, mean, 1e-6);
        assertEquals(1, mean(values, 2), 1e-5);
        assertEquals(6 * Math.log(map.deviation()[3]), map.logDeviation(), 1e-12);
        Dataset same = Dataset.of("c", new float[][] {{0.1f, 0.1f}, {0.1f, 0.1f}, {0.1f, 0.1f}});
        assertEquals(0, Standardization.shared(same).logDeviation());
    }

    private static double mean(float[] values, int power) {
        double sum = 0;
        for (float value : values) {
            sum += Math.pow(value, power);
        }
        return sum / values.length;
    }

    @Test
    void aViewIsWhatItsRowsAreWhereverTheyLie() {
        Dataset data = data(100);
        Standardization map = Standardization.perFeature(data);
        Dataset chosen = data.subset("s", new int[] {5, 50, 4}).standardized(map);
        Dataset other = data.standardized(map).subset("s", new int[] {5, 50, 4});
        assertArrayEquals(chosen.values(), other.values());
        assertEquals(chosen.fingerprint(), other.fingerprint());
        assertArrayEquals(chosen.row(1), Arrays.copyOfRange(other.values(), 3, 6));
    }

    @Test
    void valuesThatLeaveFloat32AreNamed() {
        Standardization map = Standardization.perFeature(Dataset.of("t", new float[][] {{0, 0}, {1, Float.MIN_VALUE}}));
        Dataset far = Dataset.of("far", new float[][] {{0, 0}, {1, 3e38f}}).standardized(map);
        ElboException e = assertThrows(ElboException.class, far::values);
        assertTrue(e.getMessage().startsWith("far: row 1, column 1 (from 0) is 3.0E38"), e.getMessage());
    }

    @Test
    void itSurvivesItsText() {
        for (Standardization map : List.of(Standardization.perFeature(data(77)), Standardization.shared(data(77)))) {
            assertEquals(map, Standardization.fromJson(map.toJson(), 3));
        }
        assertTrue(Standardization.shared(data(77)).toJson().length() < 80);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"mean\":[1,2]}",
                "{\"mean\":[1,2],\"deviation\":[1,0]}",
                "{\"mean\":[1,2],\"deviation\":[1,-1]}",
                "{\"mean\":[1,2,3],\"deviation\":[1]}",
                "{\"mean\":[1,1e999],\"deviation\":[1]}",
                "{\"mean\":[],\"deviation\":[1]}",
                "{\"mean\":[1],\"deviation\":[1],\"more\":1}"
            })
    void nonsenseIsRefused(String json) {
        assertThrows(IllegalArgumentException.class, () -> Standardization.fromJson(json, 2));
    }
}
