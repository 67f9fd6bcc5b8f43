package dev.elbo.cpu;

import dev.elbo.model.Columns;
import java.util.Arrays;

/** The softmax of a categorical column's outputs, of which a call leaves its results here. */
final class Softmax {
    private final float[] exponentials = new float[Columns.MAX_CATEGORIES];
    private final double[] sums = new double[Teams.MOST];
    private float most;
    private double sum;
    private float share;

    /** @param lanes that share the sum */
    void set(float[] o, int at, int size, int lanes) {
        most = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            most = o[at + i] > most ? o[at + i] : most;
        }
        Arrays.fill(sums, 0, lanes, 0);
        for (int i = 0; i < size; i++) {
            exponentials[i] = Elementary32.exp(o[at + i] - most);
            sums[i & lanes - 1] += exponentials[i];
        }
        sum = Teams.sum(sums, lanes);
        share = 1 / (float) sum;
    }

    float at(int i) {
        return exponentials[i] * share;
    }

    /** log Σ exp(o) */
    double logSumExp() {
        return (double) most + Elementary32.log((float) sum);
    }
}
