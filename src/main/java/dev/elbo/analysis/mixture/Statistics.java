package dev.elbo.analysis.mixture;

/** Sums over rows that a step of expectation maximisation needs: Σ r, Σ r x and Σ r x xᵀ of every component, and log p. */
final class Statistics {
    /** What a row this little belongs to a component is below the rounding of the component's sums. */
    private static final double NEGLIGIBLE = 1e-20;

    final double[] counts;
    final double[][] first;
    /** The lower triangles row by row, or the diagonals. */
    final double[][] second;

    double logLikelihood;

    private final int d;
    private final boolean full;

    Statistics(int components, int d, Covariance covariance) {
        this.d = d;
        this.full = covariance == Covariance.FULL;
        counts = new double[components];
        first = new double[components][d];
        second = new double[components][(int) covariance.parameters(d)];
    }

    /** Adds the row at {@code at}, which belongs to component {@code c} by {@code share}. */
    void add(int c, double share, double[] rows, int at) {
        if (share < NEGLIGIBLE) {
            return;
        }
        counts[c] += share;
        double[] sums = first[c];
        double[] products = second[c];
        for (int i = 0, row = 0; i < d; i++, row += i) {
            double part = share * rows[at + i];
            sums[i] += part;
            if (full) {
                for (int k = 0; k <= i; k++) {
                    products[row + k] += part * rows[at + k];
                }
            } else {
                products[i] += part * rows[at + i];
            }
        }
    }

    void add(Statistics more) {
        logLikelihood += more.logLikelihood;
        add(counts, more.counts);
        for (int c = 0; c < counts.length; c++) {
            add(first[c], more.first[c]);
            add(second[c], more.second[c]);
        }
    }

    private static void add(double[] to, double[] from) {
        for (int i = 0; i < to.length; i++) {
            to[i] += from[i];
        }
    }

    double[] mean(int c) {
        double[] mean = new double[d];
        for (int i = 0; i < d; i++) {
            mean[i] = first[c][i] / counts[c];
        }
        return mean;
    }

    /** Σ r (x − mean)(x − mean)ᵀ, packed as {@link #second}. */
    double[] scatter(int c) {
        double[] scatter = second[c].clone();
        for (int i = 0, row = 0; i < d; i++, row += i) {
            double mean = first[c][i] / counts[c];
            if (full) {
                for (int k = 0; k <= i; k++) {
                    scatter[row + k] -= mean * first[c][k];
                }
            } else {
                scatter[i] -= mean * first[c][i];
            }
        }
        return scatter;
    }
}
