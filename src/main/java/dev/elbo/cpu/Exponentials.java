package dev.elbo.cpu;

import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import java.util.Arrays;

/**
 * The exponentials that the columns of a row need, stretch by stretch: exp(−|o|) of a Bernoulli output, and of categories those of
 * each o minus the largest. A stretch is computed at once, since the compiler vectorises that.
 */
final class Exponentials {
    private static final int SIZE = 1024;

    private final ColumnTable table;
    private final int lanes;
    private final float[] values = new float[SIZE];
    private final float[] scratch = new float[SIZE];
    private final double[] sums;
    private final double[] chosen;
    private final float[] most;
    private int next;
    private int place;
    private double sum;
    private float share;

    Exponentials(ColumnTable table, int lanes) {
        this.table = table;
        this.lanes = lanes;
        sums = new double[lanes];
        chosen = new double[lanes];
        most = new float[table.count()];
    }

    static {
        if (Columns.MAX_CATEGORIES > SIZE) {
            throw new AssertionError("a column of most categories is longer than a stretch");
        }
    }

    /**
     * Computes those of a stretch of columns.
     *
     * @param from its first column
     * @param x targets: what is missing there has no exponentials; null, if nothing is
     * @return the column behind its last
     */
    int compute(int from, float[] o, int outputAt, float[] x, int xAt) {
        int count = 0;
        int c = from;
        for (; c < table.count() && count + table.size(c) <= SIZE; c++) {
            int first = table.place(c);
            if (x != null && Float.isNaN(x[xAt + first])) {
                continue;
            }
            if (table.kind(c) == ColumnKind.BERNOULLI) {
                values[count++] = -Math.abs(o[outputAt + first]);
            } else if (table.kind(c) == ColumnKind.CATEGORICAL) {
                int size = table.size(c);
                float largest = largest(o, outputAt + first, size);
                for (int i = 0; i < size; i++) {
                    values[count + i] = o[outputAt + first + i] - largest;
                }
                most[c] = largest;
                count += size;
            }
        }
        Elementary32.exp(values, scratch, count);
        next = 0;
        return c;
    }

    private static float largest(float[] o, int at, int size) {
        float most = Float.NEGATIVE_INFINITY;
        for (int i = at; i < at + size; i++) {
            most = o[i] > most ? o[i] : most;
        }
        return most;
    }

    /** Returns that of the next Bernoulli output. */
    float next() {
        return values[next++];
    }

    /** Goes to the next column of categories. */
    void sum(int c) {
        int size = begin(c);
        if (size > Teams.NARROW) {
            for (int i = 0; i < size; i++) {
                sums[i & lanes - 1] += values[place + i];
            }
            finish(Teams.sum(sums, lanes));
        } else {
            double total = 0;
            for (int i = place; i < place + size; i++) {
                total += values[i];
            }
            finish(total);
        }
    }

    /** Goes to the next column of categories, and returns Σ x o too. */
    double sum(int c, float[] o, int outputAt, float[] x, int xAt) {
        int size = begin(c);
        if (size > Teams.NARROW) {
            for (int i = 0; i < size; i++) {
                sums[i & lanes - 1] += values[place + i];
                chosen[i & lanes - 1] += (double) x[xAt + i] * o[outputAt + i];
            }
            finish(Teams.sum(sums, lanes));
            return Teams.sum(chosen, lanes);
        }
        double total = 0;
        double product = 0;
        for (int i = 0; i < size; i++) {
            total += values[place + i];
            product += (double) x[xAt + i] * o[outputAt + i];
        }
        finish(total);
        return product;
    }

    private int begin(int c) {
        int size = table.size(c);
        place = next;
        next += size;
        if (size > Teams.NARROW) {
            Arrays.fill(sums, 0);
            Arrays.fill(chosen, 0);
        }
        return size;
    }

    private void finish(double total) {
        sum = total;
        share = 1 / (float) total;
    }

    /** Returns the softmax of place i of the column. */
    float softmax(int i) {
        return values[place + i] * share;
    }

    /** Stores weight (softmax − x) of the column. */
    void gradient(float weight, float[] x, int xAt, float[] d, int dAt, int size) {
        float factor = share;
        int from = place;
        for (int i = 0; i < size; i++) {
            d[dAt + i] = weight * (values[from + i] * factor - x[xAt + i]);
        }
    }

    /** Returns log Σ exp(o) of the column. */
    double logSumExp(int c) {
        return (double) most[c] + Elementary32.log((float) sum);
    }
}
