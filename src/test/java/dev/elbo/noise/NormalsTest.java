package dev.elbo.noise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class NormalsTest {
    /** The bound that {@link Normals} promises. */
    private static final double BOUND = 7.4e-7;

    private static final int COUNT = 1 << 23;
    private static final int[] ZERO_WORDS = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    private static final double[] ZERO_NORMALS = {
        0.9911374751458971, -0.9246627803544332, -0.6176090549848544, -0.4820683472644963
    };

    @Test
    void theZeroCounterAndKey() {
        float[] z = new float[4];
        Normals.pair(ZERO_WORDS[0], ZERO_WORDS[1], z, 0);
        Normals.pair(ZERO_WORDS[2], ZERO_WORDS[3], z, 2);
        for (int i = 0; i < 4; i++) {
            int pair = i & 2;
            assertEquals(ZERO_NORMALS[i], Normals64.one(ZERO_WORDS[pair], ZERO_WORDS[pair + 1], i & 1), 5e-16);
            assertEquals(ZERO_NORMALS[i], z[i], 2e-7);
        }
    }

    @Test
    void aSampleOfPairsIsNearTheTruth() {
        int[] words = new int[1 << 22];
        Noise.words(20, 0, NoiseStream.LATENT, 0, 0, words.length, words, 0);
        float[] z = new float[2];
        double worst = 0;
        for (int i = 0; i < words.length; i += 2) {
            Normals.pair(words[i], words[i + 1], z, 0);
            worst = Math.max(worst, Math.abs(z[0] - Normals64.one(words[i], words[i + 1], 0)));
            worst = Math.max(worst, Math.abs(z[1] - Normals64.one(words[i], words[i + 1], 1)));
            assertEquals(bits(z[0]), bits(Normals.one(words[i], words[i + 1], 0)));
            assertEquals(bits(z[1]), bits(Normals.one(words[i], words[i + 1], 1)));
        }
        System.out.printf("normals: sampled error %.3g of the bound %.3g%n", worst, BOUND);
        assertTrue(worst <= BOUND, "error " + worst);
    }

    /** Radii at the ends and at the splits of the logarithm, with angles next to axes, diagonals and ends; and the stated range. */
    @Test
    void theEdges() {
        int[] radii = {
            0, 1 << 9, 2 << 9, 0x55555400, 0x55555600, 0xAAAAAA00, 0xAAAAAC00, 0x7FFFFE00, 0x80000000, -512, -1
        };
        double smallest = 9;
        double largest = 0;
        for (int radius : radii) {
            for (int eighth = 0; eighth < 8; eighth++) {
                for (int offset = -3; offset <= 3; offset++) {
                    int angle = (eighth << 29) + (offset << 9);
                    for (int which = 0; which < 2; which++) {
                        float z = Normals.one(radius, angle, which);
                        String at = Integer.toHexString(radius) + " " + Integer.toHexString(angle) + " " + which;
                        assertEquals(Normals64.one(radius, angle, which), z, BOUND, at);
                        smallest = Math.min(smallest, Math.abs(z));
                        largest = Math.max(largest, Math.abs(z));
                    }
                }
            }
        }
        assertTrue(smallest >= 1.2e-10 && largest <= 5.7682, smallest + " to " + largest);
    }

    /**
     * The bound over all 2⁴⁶ pairs of words. With R, C the exact radius and cosine (or sine) and r, c the computed ones,
     * |fl(rc) − RC| ≤ |r − R| |C| + r |c − C| + ½ ulp(rc). The last two factors depend on the angle alone: take every angle
     * once, keep the largest |c − C| per interval of |c| and |C|, then take every radius against every interval.
     */
    @Test
    void everyRadiusAndEveryAngleStayWithinTheBound() {
        int intervals = 256;
        double[] angleError = new double[intervals];
        for (int i = 0; i < COUNT; i++) {
            int quadrant = Normals.quadrant(i << 9);
            float turn = Normals.turn(i << 9, quadrant);
            if (quadrant / 4.0 + turn != (i + 0.5) * 0x1p-23) {
                assertEquals((i + 0.5) * 0x1p-23, quadrant / 4.0 + turn, 0, "angle of word " + (i << 9));
            }
            double exact = 2 * Math.PI * turn;
            record(angleError, Math.cos(exact), Normals.cos(turn * turn));
            record(angleError, Math.sin(exact), Normals.sin(turn, turn * turn));
        }
        double bound = 0;
        double radiusError = 0;
        for (int i = 0; i < COUNT; i++) {
            float r = Normals.radius(i << 9);
            double error = Math.abs(r - Math.sqrt(-2 * Math.log((i + 0.5) * 0x1p-23)));
            radiusError = Math.max(radiusError, error);
            // below 3.9 the three terms are at most 2.4e-7 + 2e-7 + 1.2e-7
            if (r < 3.9f) {
                assertTrue(error < 2.4e-7, "radius of word " + (i << 9));
                continue;
            }
            for (int j = 0; j < intervals; j++) {
                double c = (j + 1.0) / intervals;
                bound = Math.max(bound, error * c + r * angleError[j] + Math.ulp((float) (r * c)) / 2);
            }
        }
        double cosineError = 0;
        for (double error : angleError) {
            cosineError = Math.max(cosineError, error);
        }
        System.out.printf(
                "normals: proven error %.4g, of the radius %.3g, of the cosine and sine %.3g%n",
                bound, radiusError, cosineError);
        assertTrue(cosineError <= 5.1e-8, "cosine error " + cosineError);
        assertTrue(bound <= BOUND, "error " + bound);
    }

    private static void record(double[] errors, double exact, float computed) {
        int interval = (int) (Math.max(Math.abs(exact), Math.abs(computed)) * errors.length);
        interval = Math.min(interval, errors.length - 1);
        errors[interval] = Math.max(errors[interval], Math.abs(computed - exact));
    }

    private static int bits(float value) {
        return Float.floatToRawIntBits(value);
    }
}
