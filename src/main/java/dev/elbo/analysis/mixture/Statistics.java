package dev.elbo.analysis.mixture;

import java.util.Arrays;

/** Sums over rows that a step of expectation maximisation needs: Σ r, Σ r x and Σ r x xᵀ of every component, and log p. */
final class Statistics {
    /** A responsibility below this is below the rounding of the component's sums. */
    private static final double NEGLIGIBLE = 1e-20;

    final double[] counts;
    final double[][] first;
    /** Of each component, laid out as {@link Covariance#triangle} says. */
    final double[][][] second;

    double logLikelihood;

    private final int d;

    Statistics(int components, int d, Covariance covariance) {
        this.d = d;
        counts = new double[components];
        first = new double[components][d];
        second = new double[components][][];
        Arrays.setAll(second, c -> covariance.triangle(d));
    }

    /** Adds the row at {@code at}, which belongs to component {@code c} by {@code share}. */
    void add(int c, double share, double[] rows, int at) {
        if (share < NEGLIGIBLE) {
            return;
        }
        counts[c] += share;
        double[] sums = first[c];
        for (int i = 0; i < d; i++) {
            double part = share * rows[at + i];
            sums[i] += part;
            double[] products = second[c][i];
            int first = at + i + 1 - products.length;
            for (int k = 0; k < products.length; k++) {
                products[k] += part * rows[first + k];
            }
        }
    }

    void add(Statistics more) {
        logLikelihood += more.logLikelihood;
        add(counts, more.counts);
        add(first, more.first);
        for (int c = 0; c < counts.length; c++) {
            add(second[c], more.second[c]);
        }
    }

    static void add(double[][] to, double[][] from) {
        for (int i = 0; i < to.length; i++) {
            add(to[i], from[i]);
        }
    }

    private static void add(double[] to, double[] from) {
        Arrays.setAll(to, i -> to[i] + from[i]);
    }

    double[] mean(int c) {
        return Arrays.stream(first[c]).map(sum -> sum / counts[c]).toArray();
    }

    /** Σ r (x − mean)(x − mean)ᵀ / divisor, laid out as {@link #second}. */
    double[][] covariance(int c, double divisor) {
        double[] sums = first[c];
        double[][] covariance = new double[d][];
        for (int i = 0; i < d; i++) {
            double[] row = second[c][i].clone();
            double mean = sums[i] / counts[c];
            for (int k = 0; k < row.length; k++) {
                row[k] = (row[k] - mean * sums[i + 1 - row.length + k]) / divisor;
            }
            covariance[i] = row;
        }
        return covariance;
    }
}
