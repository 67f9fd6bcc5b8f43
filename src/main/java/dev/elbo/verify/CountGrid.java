package dev.elbo.verify;

import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Columns.Column;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The cases of counts over all sizes of counts, means and dispersions. */
final class CountGrid {
    private static final double[] COUNTS = {0, 1, 2, 3, 7, 30, 255, 1000, 12_345, 99_999, 500_000, 1_000_000};
    private static final double[] MEANS = {1e-6, 1e-3, 0.2, 1, 2.9, 31, 1000, 12_300, 1e5, 999_000, 1e7};
    private static final double[] DISPERSIONS = {1e-4, 0.01, 0.3, 0.9, 1.5, 12, 1000, 1e6};

    private CountGrid() {}

    /** Adds a count a row, so that no large loss hides a small one, and all of them in one row, each with its own gradients. */
    static void all(List<OpCase> cases) {
        for (double theta : DISPERSIONS) {
            cases.add(rows(ColumnKind.NEGATIVE_BINOMIAL, "negative binomial, dispersion " + theta, Math.log(theta)));
        }
        cases.add(rows(ColumnKind.POISSON, "poisson"));
        cases.add(row());
    }

    /** A row for each pair of a count and a mean. */
    private static OpCase rows(ColumnKind kind, String label, double... logDispersion) {
        int rows = COUNTS.length * MEANS.length;
        double[] x = new double[rows];
        double[] o = new double[rows];
        Arrays.setAll(x, r -> COUNTS[r / MEANS.length]);
        Arrays.setAll(o, r -> Math.log(MEANS[r % MEANS.length]));
        OpCase.Builder c = ColumnCases.begin(
                "columnLoss", "counts up to 1e6, one a row, " + label, new Columns(List.of(Column.of(kind))));
        c.input("x", rows, 1, x).input("output", rows, 1, o);
        if (logDispersion.length > 0) {
            c.input("logDispersion", 1, 1, logDispersion);
        }
        return ColumnCases.finish(c, false, "loss dOutput dLogDispersion", 0);
    }

    /** A column for each count, mean and dispersion. */
    private static OpCase row() {
        int cols = COUNTS.length * MEANS.length * DISPERSIONS.length;
        double[] x = new double[cols];
        double[] o = new double[cols];
        double[] s = new double[cols];
        Arrays.setAll(x, d -> COUNTS[d / MEANS.length % COUNTS.length]);
        Arrays.setAll(o, d -> Math.log(MEANS[d % MEANS.length]));
        Arrays.setAll(s, d -> Math.log(DISPERSIONS[d / MEANS.length / COUNTS.length]));
        Columns columns = new Columns(Collections.nCopies(cols, Column.of(ColumnKind.NEGATIVE_BINOMIAL)));
        OpCase.Builder c = ColumnCases.begin("columnLoss", "counts up to 1e6, all in one row", columns);
        c.input("x", 1, cols, x).input("output", 1, cols, o).input("logDispersion", 1, cols, s);
        return ColumnCases.finish(c, false, "dOutput dLogDispersion", 0);
    }
}
