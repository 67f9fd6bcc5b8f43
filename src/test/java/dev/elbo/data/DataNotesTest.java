package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.io.ImageShape;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DataNotesTest {
    private static final int WIDTH = 9;

    private static float[] gaussian(Random random, double mean, double deviation) {
        float[] values = new float[50 * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (mean + deviation * random.nextGaussian());
        }
        return values;
    }

    private static Dataset data(float[] values) {
        return Dataset.of("d", values, WIDTH);
    }

    private static Optional<String> unscaled(Dataset data) {
        return DataNotes.unscaled(Description.of(data));
    }

    /** Whatever the scale is, it is said where a model could not start on it, with what helps, and not otherwise. */
    @Test
    void valuesOfAnotherScaleAreNamed() {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            double mean = random.nextInt(3) * Math.pow(10, random.nextInt(6) - 2);
            double deviation = Math.pow(10, random.nextInt(9) - 4);
            Optional<String> said = unscaled(data(gaussian(random, mean, deviation)));
            String where = mean + " ± " + deviation;
            if (Math.hypot(mean, deviation) > 15 || Math.hypot(mean, deviation) < 7 && deviation < 7e-3) {
                assertTrue(said.orElseThrow().contains("Standardization.perFeature"), where);
                assertTrue(said.get().startsWith("d: looks unscaled: "), where);
            } else if (Math.hypot(mean, deviation) < 7 && deviation > 2e-2) {
                assertEquals(Optional.empty(), said, where);
            }
        }
    }

    @Test
    void oneColumnOfAnotherScaleIsEnough() {
        Random random = new Random(2);
        for (int column = 0; column < WIDTH; column++) {
            float[] values = gaussian(random, 0, 1);
            for (int row = 0; row < 50; row++) {
                values[row * WIDTH + column] *= 1000;
            }
            assertTrue(unscaled(data(values)).orElseThrow().contains("column " + column + " (from 0)"));
        }
    }

    @Test
    void pixelsAreKnownByWhatIsWhite() {
        Random random = new Random(3);
        for (int white : new int[] {255, 1023, 4095, 16383, 65535}) {
            float[] values = new float[50 * WIDTH];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextInt(white + 1);
            }
            values[7] = white;
            assertTrue(unscaled(data(values))
                    .orElseThrow()
                    .contains("divide by " + white + " if " + white + " is white (pixelMax " + white + ")"));
            values[7] = white - 1;
            Rows rows = Rows.ofFloats(values, WIDTH);
            Dataset pictures = Dataset.of("p", rows, Optional.of(new ImageShape(1, 3, 3)), 1, Optional.empty());
            String said = unscaled(pictures).orElseThrow();
            assertTrue(
                    said.contains("divide by " + white + " if " + white + " is white (pixelMax " + white + ")")
                            && said.contains("Standardization.shared"),
                    said);
            values[7] = 0.5f;
            assertTrue(!unscaled(data(values)).orElseThrow().contains("pixel"));
        }
    }

    @Test
    void nothingIsSaidOfWhatIsScaled() {
        byte[] pixels = new byte[50 * WIDTH];
        new Random(4).nextBytes(pixels);
        assertEquals(Optional.empty(), unscaled(Dataset.ofBytes("b", pixels, WIDTH, 1f / 255)));
        Dataset large = data(gaussian(new Random(5), 1e6, 1e3));
        assertEquals(Optional.empty(), unscaled(large.standardized(Standardization.perFeature(large))));
        assertEquals(Optional.empty(), unscaled(data(new float[50 * WIDTH])));
    }

    @Test
    void constantColumnsAreNamed() {
        float[] values = gaussian(new Random(6), 0, 1);
        assertEquals(Optional.empty(), DataNotes.constant(Description.of(data(values))));
        for (int row = 0; row < 50; row++) {
            values[row * WIDTH + 4] = 0.1f;
        }
        String said = DataNotes.constant(Description.of(data(values))).orElseThrow();
        assertTrue(said.startsWith("d: constant: column 4 (from 0); "), said);
        assertTrue(DataNotes.constant(Description.of(data(new float[WIDTH])))
                .orElseThrow()
                .contains("and 1 more"));
    }
}
