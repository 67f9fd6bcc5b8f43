package dev.elbo.analysis.mixture;

import java.util.Arrays;

/** The log densities log p(x) and responsibilities p(c given x) of some rows under a mixture, computed in the log domain. */
final class Expectation {
    private final GaussianMixture mixture;
    private final double[][] columns;
    private final double[][] scratch;
    private final double[] largest;
    /** p(c given x), components × rows. */
    final double[][] shares;
    /** log p(x) of every row. */
    final double[] logDensity;

    /** @param rows at once */
    Expectation(GaussianMixture mixture, int rows) {
        int d = mixture.dimensions();
        this.mixture = mixture;
        this.columns = new double[d][rows];
        this.scratch = new double[d][rows];
        this.shares = new double[mixture.components()][rows];
        this.largest = new double[rows];
        this.logDensity = new double[rows];
    }

    /** Takes the rows from {@code first} on. */
    void run(double[] rows, int first) {
        int d = columns.length;
        int count = logDensity.length;
        for (int b = 0; b < count; b++) {
            for (int i = 0; i < d; i++) {
                columns[i][b] = rows[(first + b) * d + i];
            }
        }
        Arrays.fill(largest, Double.NEGATIVE_INFINITY);
        for (int c = 0; c < shares.length; c++) {
            double[] joint = shares[c];
            mixture.gaussians[c].logDensity(columns, scratch, joint);
            double logWeight = mixture.logWeights[c];
            for (int b = 0; b < count; b++) {
                joint[b] += logWeight;
                largest[b] = Math.max(largest[b], joint[b]);
            }
        }
        Arrays.fill(logDensity, 0);
        for (double[] joint : shares) {
            for (int b = 0; b < count; b++) {
                joint[b] = Math.exp(joint[b] - largest[b]);
                logDensity[b] += joint[b];
            }
        }
        for (double[] share : shares) {
            for (int b = 0; b < count; b++) {
                share[b] /= logDensity[b];
            }
        }
        for (int b = 0; b < count; b++) {
            logDensity[b] = largest[b] + Math.log(logDensity[b]);
        }
    }
}
