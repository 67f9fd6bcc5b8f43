package dev.elbo.cpu;

/**
 * A stretch of float32 widened to float64 in a small array that starts at 0: the compiler vectorises loops over it,
 * which it does not between arrays with different offsets.
 */
final class Chunk {
    /** Elements of a stretch: a few of them fit the first-level cache. */
    static final int SIZE = 512;

    private Chunk() {}

    static double[][] scratch(int blocks) {
        return new double[blocks][SIZE];
    }

    static void load(float[] from, int at, double[] to, int count) {
        for (int i = 0; i < count; i++) {
            to[i] = from[at + i];
        }
    }

    static void store(double[] from, float[] to, int at, int count) {
        for (int i = 0; i < count; i++) {
            to[at + i] = (float) from[i];
        }
    }

    static double sum(double[] values, int count) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 3 < count; i += 4) {
            a += values[i];
            b += values[i + 1];
            c += values[i + 2];
            d += values[i + 3];
        }
        for (; i < count; i++) {
            a += values[i];
        }
        return a + b + (c + d);
    }
}
