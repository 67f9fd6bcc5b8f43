package dev.elbo.analysis;

import dev.elbo.linalg.Moments;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Codes along paths through the latent space, to be decoded one after the other. All arrays are row-major, a code a row. */
public final class LatentPaths {
    /** Below this sine of their angle, two codes are taken to point the same way or opposite ways. */
    private static final double SAME_DIRECTION = 1e-6;

    private LatentPaths() {}

    /**
     * {@return codes from {@code a} to {@code b}, both included, at equal distances on the line between them: steps ×
     * J}
     *
     * @param a J values
     * @param b J values
     * @param steps codes, both ends included
     */
    public static float[] linear(float[] a, float[] b, int steps) {
        float[] path = new float[steps * a.length];
        for (int i = 0; i < steps; i++) {
            double t = part(i, steps);
            for (int j = 0; j < a.length; j++) {
                path[i * a.length + j] = (float) ((1 - t) * a[j] + t * b[j]);
            }
        }
        return path;
    }

    /**
     * {@return codes from {@code a} to {@code b}, both included, at equal angles, steps × J: sin((1 − t) θ) / sin θ · a
     * + sin(t θ) / sin θ · b (Shoemake 1985)} In many dimensions codes lie near a sphere, which this path does not
     * leave. Codes of one direction have the line between them.
     *
     * @param a J values
     * @param b J values
     * @param steps codes, both ends included
     * @throws IllegalArgumentException for codes of opposite directions, which have no shortest such path
     */
    public static float[] spherical(float[] a, float[] b, int steps) {
        double aa = dot(a, a);
        double bb = dot(b, b);
        double cosine = Math.max(-1, Math.min(1, dot(a, b) / Math.sqrt(aa * bb)));
        double angle = Math.acos(cosine);
        double sine = Math.sin(angle);
        if (!(sine > SAME_DIRECTION)) {
            if (cosine < 0) {
                throw new IllegalArgumentException(
                        "the codes point in opposite directions, so no single shortest path around the sphere joins them");
            }
            return linear(a, b, steps);
        }
        float[] path = new float[steps * a.length];
        for (int i = 0; i < steps; i++) {
            double t = part(i, steps);
            double ofA = Math.sin((1 - t) * angle) / sine;
            double ofB = Math.sin(t * angle) / sine;
            for (int j = 0; j < a.length; j++) {
                path[i * a.length + j] = (float) (ofA * a[j] + ofB * b[j]);
            }
        }
        return path;
    }

    /**
     * {@return codes for every unit, equal to {@code base} except in that unit, which goes from −range to range: (units
     * · steps) × J}
     *
     * @param base J values
     * @param units that move
     * @param range largest value
     * @param steps codes of each unit
     */
    public static float[] traversal(float[] base, int[] units, double range, int steps) {
        float[] path = new float[units.length * steps * base.length];
        for (int u = 0; u < units.length; u++) {
            for (int i = 0; i < steps; i++) {
                int at = (u * steps + i) * base.length;
                System.arraycopy(base, 0, path, at, base.length);
                path[at + units[u]] = (float) (range * (2 * part(i, steps) - 1));
            }
        }
        return path;
    }

    /**
     * {@return the units of codes in the order of the variance of their values over the examples, the largest first:
     * over posterior means, the activity of a unit (Burda et al. 2016, section 5.1)}
     *
     * @param codes N × units
     * @param units J
     */
    public static int[] byVariance(float[] codes, int units) {
        Moments[] moments = Moments.columns(units);
        for (int i = 0; i < codes.length; i++) {
            moments[i % units].add(codes[i]);
        }
        return LatentUnits.descending(Moments.variances(moments));
    }

    private static double part(int i, int steps) {
        return steps == 1 ? 0.5 : (double) i / (steps - 1);
    }

    private static double dot(float[] a, float[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> (double) a[i] * b[i])
                .sum();
    }

    /**
     * {@return row {@code i} of rows of {@code width}}
     *
     * @param rows row-major
     * @param width values of a row
     * @param i from 0
     */
    public static float[] row(float[] rows, int width, int i) {
        return Arrays.copyOfRange(rows, i * width, (i + 1) * width);
    }
}
