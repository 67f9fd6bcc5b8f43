package dev.elbo.cpu;

/**
 * The lanes among which kernels/columns.cu deals the columns of a row, since they decide the order of its sums: column c is that of
 * lane c mod lanes, and a column of many places is that of all of them, place i that of lane i mod lanes.
 */
final class Teams {
    /** The most places of a column that a lane takes alone. */
    static final int NARROW = 32;

    /** The most lanes. */
    static final int MOST = 32;

    private Teams() {}

    /** Returns the lanes of a row: one for each column, and for every 32 places at least one; a power of two, at most 32. */
    static int lanes(int columns, int places) {
        int wanted = Math.max(columns, (places + MOST - 1) / MOST);
        int lanes = 1;
        while (lanes < MOST && lanes < wanted) {
            lanes *= 2;
        }
        return lanes;
    }

    /** Returns the sum of the first lanes, which it overwrites: the upper half is added to the lower one until one is left. */
    static double sum(double[] values, int lanes) {
        for (int half = lanes / 2; half > 0; half /= 2) {
            for (int lane = 0; lane < half; lane++) {
                values[lane] += values[lane + half];
            }
        }
        return values[0];
    }
}
