package dev.elbo.verify;

import dev.elbo.backend.Metrics;
import dev.elbo.backend.Schedule;
import dev.elbo.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;

/** The cases of {@code stepMetrics}. */
final class MetricsCases {
    /** Rows of a schedule. */
    static final int STEPS = 5;

    private MetricsCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        for (int rows : new int[] {1, 2, 31, 128, 1000, 70_001}) {
            cases.add(metrics(rows, rows, 0, 0, false));
        }
        cases.add(metrics(33, 0, 0, 0, false));
        cases.add(metrics(33, 33, 0, 0, true));
        cases.add(metrics(3 * 33, 33, 0, 0, true));
        cases.add(metrics(5 * 31, 5 * 31, 31, 0, false));
        cases.add(metrics(5 * 31, 0, 31, 0, true));
        cases.add(metrics(33, 33, 0, 1, false));
        cases.add(metrics(2 * 33, 33, 0, 33, true));
        cases.add(metrics(2 * 1300, 1300, 0, 1300, true));
        cases.add(metrics(2 * 1300, 1300, 1300, 0, false));
        cases.add(nan());
        return cases;
    }

    /** Adds a schedule with the step size 1.25e-3, the scale 4.5 and this β. */
    static void schedule(OpCase.Builder c, double beta) {
        schedule(c, new double[] {1.25e-3, 4.5, beta});
    }

    /** Adds a schedule whose row {@link CaseNoise#SLOT} is this one and whose other rows are wrong. */
    static void schedule(OpCase.Builder c, double[] row) {
        double[] table = c.draw().uniform(STEPS * Schedule.COLUMNS, 5, 9);
        System.arraycopy(row, 0, table, CaseNoise.SLOT * Schedule.COLUMNS, row.length);
        c.input("schedule", STEPS, Schedule.COLUMNS, table);
    }

    /** n roundings of float64 in the mean absolute value of a column; 0 if there is none. */
    private static double meanBound(Grid column) {
        double sum = 0;
        for (int i = 0; column != null && i < column.rows(); i++) {
            sum += Math.abs(column.at(i, 0));
        }
        return column == null ? 0 : 0x1p-52 * column.rows() * (sum / column.rows());
    }

    /** n roundings of float64 in a mean; the other rows are as they were. */
    private static final Bound TABLE =
            Bound.within("float64: 2n 2^-53 of the mean absolute value; 8u of σ²", (v, u) -> {
                Grid bound = v.optional("bound");
                Grid term = v.optional("klTerm");
                double reconstruction = meanBound(v.in("reconstruction"));
                double kl = meanBound(v.optional("kl"));
                double beta = v.in("schedule", CaseNoise.SLOT, Schedule.BETA);
                double loss = bound != null
                        ? meanBound(bound)
                        : 2 * (reconstruction + beta * (term == null ? kl : meanBound(term)));
                return (row, column) -> row != CaseNoise.SLOT
                        ? 0
                        : switch (column) {
                            case Metrics.LOSS -> loss;
                            case Metrics.RECONSTRUCTION -> reconstruction;
                            case Metrics.KL -> kl;
                            case Metrics.BETA -> 0;
                            default -> 8 * u * v.out("table", row, column);
                        };
            });

    private static OpCase metrics(int rows, int klRows, int boundRows, int termRows, boolean outputLogVar) {
        String label = rows + " rows" + (klRows == 0 ? ", no kl" : klRows == rows ? "" : ", kl of " + klRows)
                + (boundRows == 0 ? "" : ", bound of " + boundRows)
                + (termRows == 0 ? "" : ", kl term of " + termRows)
                + (outputLogVar ? ", output variance" : "");
        return finish(OpCase.of("stepMetrics", label)
                .column("reconstruction", rows, 100, 15)
                .column("kl", klRows, 20, 3)
                .column("klTerm", termRows, 25, 3)
                .column("bound", boundRows, -95, 15)
                .column("outputLogVar", outputLogVar ? 1 : 0, -3, 1));
    }

    private static OpCase finish(OpCase.Builder c) {
        schedule(c, 0.7);
        CaseNoise.clock(c);
        double[] table = c.draw().normal(STEPS * Metrics.COLUMNS);
        c.inOut("table", ElementType.FLOAT64, STEPS, Metrics.COLUMNS, TABLE, table);
        return c.call((ops, a) -> ops.stepMetrics(
                a.get("reconstruction"),
                a.optional("kl"),
                a.optional("klTerm"),
                a.optional("bound"),
                a.optional("outputLogVar"),
                a.schedule(),
                a.get("table")));
    }

    private static OpCase nan() {
        return finish(OpCase.of("stepMetrics", "one NaN")
                .column("reconstruction", 33, 0, 1)
                .set(Double.NaN, 32)
                .column("kl", 33, 20, 3));
    }
}
