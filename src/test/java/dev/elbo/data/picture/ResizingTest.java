package dev.elbo.data.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.elbo.io.ImageShape;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Pictures of 8 and of 16 bits a sample in another size. */
class ResizingTest {
    @Test
    void smallOnesByHand() {
        Picture four = new Picture(new ImageShape(1, 2, 2), new char[] {0, 100, 200, 255}, Picture.WHITE);
        assertArrayEquals(new char[] {139}, four.resized(1, 1).samples());
        assertArrayEquals(new char[] {100, 119, 158, 178}, four.resized(1, 4).samples());
        assertArrayEquals(four.samples(), four.resized(2, 2).samples());
    }

    /** Against the definitions in float64: means of areas by tiny steps of exact overlaps, and linear interpolation. */
    @Test
    void againstPlainArithmetic() {
        Random random = new Random(5);
        for (int round = 0; round < 200; round++) {
            int[] in = {1 + random.nextInt(17), 1 + random.nextInt(17)};
            int[] out = {1 + random.nextInt(23), 1 + random.nextInt(23)};
            int white = round % 2 == 0 ? Picture.WHITE : Picture.DEEP_WHITE;
            char[] values = new char[in[0] * in[1]];
            for (int i = 0; i < values.length; i++) {
                values[i] = (char) random.nextInt(white + 1);
            }
            Picture resized = new Picture(new ImageShape(1, in[0], in[1]), values, white).resized(out[0], out[1]);
            double[][] rows = weights(in[0], out[0]);
            double[][] columns = weights(in[1], out[1]);
            for (int i = 0; i < out[0] * out[1]; i++) {
                double sum = 0;
                for (int y = 0; y < in[0]; y++) {
                    for (int x = 0; x < in[1]; x++) {
                        sum += rows[i / out[1]][y] * columns[i % out[1]][x] * values[y * in[1] + x];
                    }
                }
                assertEquals(sum, resized.samples()[i], 0.5 + 1e-7, Arrays.toString(in) + Arrays.toString(out));
            }
        }
    }

    private static double[][] weights(int in, int out) {
        double[][] weights = new double[out][in];
        double ratio = (double) in / out;
        for (int i = 0; i < out; i++) {
            if (out < in) {
                for (int j = 0; j < in; j++) {
                    double overlap = Math.min(j + 1, (i + 1) * ratio) - Math.max(j, i * ratio);
                    weights[i][j] = Math.max(0, overlap) / ratio;
                }
            } else {
                double at = Math.max(0, Math.min(in - 1, (i + 0.5) * ratio - 0.5));
                int below = (int) at;
                weights[i][below] += 1 - (at - below);
                weights[i][Math.min(in - 1, below + 1)] += at - below;
            }
        }
        return weights;
    }

    /** Only where a picture is millions of pixels high and becomes millions wide, or the other way round. */
    @Test
    void sumsThatAreNotExactAreRefused() {
        Picture strip = new Picture(new ImageShape(1, 1, 1 << 22), new char[1 << 22], Picture.DEEP_WHITE);
        assertThrows(IllegalArgumentException.class, () -> strip.resized(1 << 24, 1));
        assertArrayEquals(new char[] {0}, strip.resized(1, 1).samples());
    }
}
