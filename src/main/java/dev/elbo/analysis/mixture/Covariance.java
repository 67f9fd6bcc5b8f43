package dev.elbo.analysis.mixture;

import java.util.Arrays;
import java.util.Locale;

/** The form of every component's covariance. */
public enum Covariance {
    /** Any: d (d + 1) / 2 parameters. */
    FULL,
    /** A variance for each dimension: d parameters. */
    DIAGONAL;

    /** Free parameters of one covariance. */
    long parameters(int dimensions) {
        return this == FULL ? dimensions * (dimensions + 1L) / 2 : dimensions;
    }

    /** {@return a lower triangle of zeros, row by row, each from its first element that is not fixed to 0 to the diagonal} */
    double[][] triangle(int dimensions) {
        double[][] rows = new double[dimensions][];
        Arrays.setAll(rows, i -> new double[this == FULL ? i + 1 : 1]);
        return rows;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
