package dev.elbo.verify;

import dev.elbo.backend.ColumnDensity;
import dev.elbo.backend.LogDispersion;
import dev.elbo.backend.LogVariance;
import dev.elbo.linalg.LinearGaussian;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.numbers.gamma.Digamma;
import org.apache.commons.numbers.gamma.LogGamma;

/** The bounds of the operations on columns, from the values of a case. */
final class ColumnBounds {
    /** What the oracle's definitions lose of the losses of counts, in units of their terms, and what exp of float64 does. */
    private static final double CANCELLED = 0x1p-46;

    private ColumnBounds() {}

    /**
     * A column of a case.
     *
     * @param v the values of the case
     * @param max the largest output of each row, of categories
     * @param logSumExp likewise
     */
    private record Column(
            Values v, ColumnKind kind, int place, int size, int number, double[] max, double[] logSumExp) {
        static List<Column> all(Values v) {
            Grid columns = v.in("columns");
            List<Column> all = new ArrayList<>();
            for (int c = 0; c < columns.rows(); c++) {
                ColumnKind kind = ColumnKind.values()[(int) columns.at(c, 0)];
                all.add(of(v, kind, (int) columns.at(c, 1), (int) columns.at(c, 2), (int) columns.at(c, 3)));
            }
            return all;
        }

        private static Column of(Values v, ColumnKind kind, int place, int size, int number) {
            Grid output = v.optional("output");
            int rows = output == null || kind != ColumnKind.CATEGORICAL ? 0 : output.rows();
            double[] max = new double[rows];
            double[] logSumExp = new double[rows];
            for (int r = 0; r < rows; r++) {
                int from = r * output.cols() + place;
                max[r] = Arrays.stream(output.values(), from, from + size).max().orElseThrow();
                logSumExp[r] = ColumnDensity.logSumExp(output.values(), from, size);
            }
            return new Column(v, kind, place, size, number, max, logSumExp);
        }

        /** The column of each place. */
        static Column[] byPlace(Values v) {
            Grid columns = v.in("columns");
            int last = columns.rows() - 1;
            Column[] places = new Column[(int) (columns.at(last, 1) + columns.at(last, 2))];
            for (Column column : all(v)) {
                for (int i = 0; i < column.size; i++) {
                    places[column.place + i] = column;
                }
            }
            return places;
        }

        private double x(int r, int i) {
            Grid x = v.in("x");
            return x.at(r % x.rows(), place + i);
        }

        private double o(int r, int i) {
            return v.in("output", r, place + i);
        }

        boolean isMissing(int r) {
            return Double.isNaN(x(r, 0));
        }

        private double logVar() {
            return LogVariance.clamp(v.in("logVar", 0, number));
        }

        private double theta() {
            return Math.exp(LogDispersion.clamp(v.in("logDispersion", 0, number)));
        }

        private double mean(int r) {
            return Math.exp(ColumnDensity.clampLogMean(o(r, 0)));
        }

        private double error(int r) {
            return o(r, 0) - x(r, 0);
        }

        private int depth() {
            return 32 - Integer.numberOfLeadingZeros(size - 1);
        }

        /** The error of softmax at a place. */
        double softmax(int r, int i, double u) {
            double p = Math.exp(o(r, i) - logSumExp[r]);
            return p == 0 ? 0 : (8 + 2 * depth() + Math.abs(o(r, i) - max[r])) * u * p;
        }

        /** The error of −log p of an observed value. */
        double loss(int r, double u) {
            double x = x(r, 0);
            double o = o(r, 0);
            return switch (kind) {
                case GAUSSIAN -> 8 * u * halfTerms(r);
                case BERNOULLI -> 8 * u * (Math.max(o, 0) + Math.abs(o * x) + Math.log1p(Math.exp(-Math.abs(o))));
                case CATEGORICAL -> {
                    double chosen = 0;
                    for (int i = 0; i < size; i++) {
                        chosen += Math.abs(x(r, i) * o(r, i));
                    }
                    yield u * (8 + 4 * depth() + Math.abs(logSumExp[r]) + chosen);
                }
                case POISSON -> {
                    double log = Math.abs(ColumnDensity.clampLogMean(o));
                    yield u * (Math.abs(ColumnDensity.poisson(x, o)) + 4)
                            + CANCELLED * (mean(r) + x * log + Math.abs(LogGamma.value(x + 1)));
                }
                case NEGATIVE_BINOMIAL -> {
                    double theta = theta();
                    double odds = mean(r) / theta;
                    yield u * (Math.abs(ColumnDensity.negativeBinomial(x, o, v.in("logDispersion", 0, number))) + 4)
                            + CANCELLED
                                    * (Math.abs(LogGamma.value(theta))
                                            + Math.abs(LogGamma.value(x + 1))
                                            + Math.abs(LogGamma.value(x + theta))
                                            + theta * Math.log1p(odds)
                                            + x * Math.abs(Math.log1p(1 / odds)));
                }
            };
        }

        /** ½ (error² / σ² + |log σ²| + log 2π) */
        private double halfTerms(int r) {
            double e = error(r);
            return 0.5 * (e * e * Math.exp(-logVar()) + Math.abs(logVar()) + LinearGaussian.LOG_2_PI);
        }

        /** The error of the derivative at a place, of an observed value. */
        double dOutput(int r, int i, double u) {
            double x = x(r, i);
            if (kind.isCount() && ColumnDensity.clampLogMean(o(r, i)) != o(r, i)) {
                return 0;
            }
            return switch (kind) {
                case GAUSSIAN -> 9 * u * Math.abs(error(r) * Math.exp(-logVar()));
                case BERNOULLI -> 9 * u;
                case CATEGORICAL -> softmax(r, i, u) + 4 * u * (Math.exp(o(r, i) - logSumExp[r]) + Math.abs(x));
                case POISSON -> 4 * u * Math.abs(mean(r) - x) + CANCELLED * (mean(r) + x);
                case NEGATIVE_BINOMIAL -> {
                    double share = theta() / (theta() + mean(r));
                    yield 4 * u * Math.abs(mean(r) - x) * share + CANCELLED * (mean(r) + x) * share;
                }
            };
        }

        /** The error of the term of d log σ² of an observed value. */
        double dLogVar(int r, double u) {
            double e = error(r);
            return 8 * u * 0.5 * (1 + e * e * Math.exp(-logVar()));
        }

        /** The error of the term of d log θ of an observed value. */
        double dLogDispersion(int r, double u) {
            double x = x(r, 0);
            double theta = theta();
            double odds = mean(r) / theta;
            double excess = (mean(r) - x) / (theta + mean(r));
            double here = theta * Digamma.value(theta);
            double there = theta * Digamma.value(x + theta);
            double growth = theta * Math.log1p(odds);
            double slope = here - there + growth - theta * excess;
            return 4 * u * Math.abs(slope)
                    + 0.1 * u
                    + CANCELLED * (Math.abs(here) + Math.abs(there) + growth + theta * Math.abs(excess));
        }
    }

    static final Bound INPUTS = Bound.within("8u |log1p(x)| of a count; copies exact", (v, u) -> {
        Column[] columns = Column.byPlace(v);
        return (r, d) -> columns[d].kind.isCount() ? 8 * u * Math.abs(v.out("inputs", r, d)) : 0;
    });

    static final Bound MEAN = Bound.within(
            "8u of sigmoid, 2u of exp, (8 + 2⌈log₂ n⌉ + |o − max|) u of softmax over n places; copies exact",
            (v, u) -> {
                Column[] columns = Column.byPlace(v);
                return (r, d) -> switch (columns[d].kind) {
                    case GAUSSIAN -> 0;
                    case BERNOULLI -> 8 * u * v.out("mean", r, d);
                    case CATEGORICAL -> columns[d].softmax(r, d - columns[d].place, u);
                    case POISSON, NEGATIVE_BINOMIAL -> 2 * u * v.out("mean", r, d);
                };
            });

    static final Bound LOSS = Bound.within(
            "the bounds of the columns' own losses: 8u of the terms, (8 + 4⌈log₂ n⌉ + |logsumexp| + |Σ x o|) u; of counts u (|loss| + 4) and "
                    + "2⁻⁴⁶ of the terms that cancel in the oracle",
            (v, u) -> {
                List<Column> columns = Column.all(v);
                return (r, zero) -> columns.stream()
                                .filter(column -> !column.isMissing(r))
                                .mapToDouble(column -> column.loss(r, u))
                                .sum()
                        + u * Math.abs(v.out("loss", r, 0));
            });

    static Bound dOutput(double scale) {
        return Bound.within(
                "|w| times 9u of the derivative, 9u of Bernoulli, softmax's own and 4u (p + x), 4u of counts; exactly 0 where missing or clamped",
                (v, u) -> {
                    Column[] columns = Column.byPlace(v);
                    return (r, d) -> columns[d].isMissing(r)
                            ? 0
                            : weight(v, scale, r) * columns[d].dOutput(r, d - columns[d].place, u);
                });
    }

    private static double weight(Values v, double scale, int r) {
        return Math.abs(scale * v.rowWeight(r));
    }

    /** A term's error as a function of its column, its row and u. */
    private interface TermError {
        double of(Column column, int row, double u);
    }

    static Bound dLogVar(double scale) {
        return sum("dLogVar", "logVar", ColumnKind.GAUSSIAN, "Σ |w| 8u ½ (1 + error²/σ²)", scale, Column::dLogVar);
    }

    static Bound dLogDispersion(double scale) {
        return sum(
                "dLogDispersion",
                "logDispersion",
                ColumnKind.NEGATIVE_BINOMIAL,
                "Σ |w| (4u |derivative| + u / 10 of δ′ + 2⁻⁴⁶ of the terms that cancel in the oracle)",
                scale,
                Column::dLogDispersion);
    }

    private static Bound sum(
            String gradient, String parameter, ColumnKind kind, String reason, double scale, TermError error) {
        return Bound.within(reason + " and 2u of the sum; exactly 0 where clamped", (v, u) -> {
            List<Column> columns =
                    Column.all(v).stream().filter(column -> column.kind == kind).toList();
            int rows = v.in("output").rows();
            return (zero, number) -> {
                double s = 2 * u * Math.abs(v.out(gradient, 0, number));
                for (int r = 0; r < rows; r++) {
                    Column column = columns.get(number);
                    s += column.isMissing(r) ? 0 : weight(v, scale, r) * (error.of(column, r, u));
                }
                double value = v.in(parameter, 0, number);
                boolean passes =
                        kind == ColumnKind.GAUSSIAN ? LogVariance.isInside(value) : LogDispersion.isInside(value);
                return passes ? s : 0;
            };
        });
    }

    /** The table of columns as a case's argument has it. */
    static double[] table(Columns columns) {
        int[] table = columns.table();
        double[] values = new double[table.length];
        for (int i = 0; i < table.length; i++) {
            values[i] = table[i];
        }
        return values;
    }
}
