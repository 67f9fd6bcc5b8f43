package dev.elbo.data.picture;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The scaling of one side of a picture to a longer or shorter one. Shorter: every pixel is the mean of the area that it
 * covers. Longer: linear between the centres of pixels, constant beyond the outermost. All weights are whole numbers
 * and sums are exact, so a result is the exact value rounded once, half up, and the same everywhere.
 */
record Resampling(int from, int to) {
    /** The largest sum of the weights of an output pixel: sums of twice as many samples of 16 bits fit a long. */
    private static final long MAX_WEIGHTS = 1L << 46;

    /** Returns the sum of the weights of an output pixel. */
    private long total() {
        return to < from ? from : 2L * to;
    }

    /** Returns whether sums over both sides stay exact, whatever the samples are. */
    static boolean isExact(Resampling rows, Resampling columns) {
        return rows.total() * columns.total() <= MAX_WEIGHTS;
    }

    /** The first input pixel that output pixel {@code i} is made of. */
    private int first(int i) {
        return to < from ? (int) ((long) i * from / to) : clamp(Math.floorDiv(centre(i), 2L * to));
    }

    private int last(int i) {
        return to < from ? (int) (((i + 1L) * from - 1) / to) : clamp(Math.floorDiv(centre(i), 2L * to) + 1);
    }

    /** The weight of input pixel {@code j}, of {@code first(i)} to {@code last(i)}. */
    private long weight(int i, int j) {
        if (to < from) {
            return Math.min((j + 1L) * to, (i + 1L) * from) - Math.max((long) j * to, (long) i * from);
        }
        long below = Math.floorDiv(centre(i), 2L * to);
        long fraction = centre(i) - below * 2 * to;
        // beyond the outermost centres both neighbours are the same pixel
        return (clamp(below) == j ? 2L * to - fraction : 0) + (clamp(below + 1) == j ? fraction : 0);
    }

    /** Returns the centre of output pixel {@code i}, from the centre of input pixel 0, in units of 1 / (2 to). */
    private long centre(int i) {
        return (2L * i + 1) * from - to;
    }

    private int clamp(long j) {
        return (int) Math.max(0, Math.min(from - 1, j));
    }

    static void plane(char[] in, int inAt, Resampling rows, Resampling columns, char[] out, int outAt) {
        long whole = rows.total() * columns.total();
        long[] line = new long[columns.to];
        long[] sum = new long[columns.to];
        int[] first = IntStream.range(0, columns.to).map(columns::first).toArray();
        long[][] weights = columns.weights();
        for (int y = 0; y < rows.to; y++) {
            Arrays.fill(sum, 0);
            for (int source = rows.first(y); source <= rows.last(y); source++) {
                long weight = rows.weight(y, source);
                across(in, inAt + source * columns.from, first, weights, line);
                for (int x = 0; x < sum.length; x++) {
                    sum[x] += weight * line[x];
                }
            }
            for (int x = 0; x < sum.length; x++) {
                out[outAt + y * columns.to + x] = (char) ((2 * sum[x] + whole) / (2 * whole));
            }
        }
    }

    private static void across(char[] in, int start, int[] first, long[][] weights, long[] line) {
        for (int x = 0; x < line.length; x++) {
            long value = 0;
            long[] some = weights[x];
            int at = start + first[x];
            for (int k = 0; k < some.length; k++) {
                value += some[k] * in[at + k];
            }
            line[x] = value;
        }
    }

    /** The weights of the input pixels of each output pixel. */
    private long[][] weights() {
        return IntStream.range(0, to)
                .mapToObj(i -> IntStream.rangeClosed(first(i), last(i))
                        .mapToLong(j -> weight(i, j))
                        .toArray())
                .toArray(long[][]::new);
    }
}
