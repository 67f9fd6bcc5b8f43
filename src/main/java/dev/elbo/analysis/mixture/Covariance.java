package dev.elbo.analysis.mixture;

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

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
