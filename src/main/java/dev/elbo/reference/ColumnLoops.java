package dev.elbo.reference;

import static dev.elbo.reference.Matrix.view;

import dev.elbo.backend.ColumnDensity;
import dev.elbo.backend.ColumnOps;
import dev.elbo.backend.LogDispersion;
import dev.elbo.backend.LogVariance;
import dev.elbo.backend.RawOps;
import dev.elbo.model.Columns;
import dev.elbo.model.Columns.Placed;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.numbers.gamma.Digamma;

/** The columns of tables, by their definitions. */
final class ColumnLoops implements RawOps.Columns {
    private static List<Placed> all(Tensor columns) {
        return Columns.placed(Matrix.ints(columns), (int) columns.offset(), columns.rows());
    }

    @Override
    public Runnable columnInputs(Tensor x, Tensor columns, Tensor inputs) {
        return () -> {
            Matrix from = view(x);
            Matrix to = view(inputs);
            for (Placed column : all(columns)) {
                for (int r = 0; r < x.rows(); r++) {
                    for (int d = column.first(); d < column.end(); d++) {
                        double value = from.get(r, d);
                        double seen = column.kind().isCount() ? Math.log1p(value) : value;
                        to.set(r, d, Double.isNaN(value) ? 0 : seen);
                    }
                }
            }
        };
    }

    @Override
    public Runnable columnLoss(
            Tensor output,
            Tensor x,
            Tensor columns,
            Tensor logVar,
            Tensor logDispersion,
            Tensor rowWeight,
            double scale,
            Tensor loss,
            Tensor dOutput,
            Tensor dLogVar,
            Tensor dLogDispersion) {
        return () -> {
            List<Placed> all = all(columns);
            Row row = new Row(view(output), view(x), view(dOutput));
            row.logVar = view(logVar);
            row.logDispersion = view(logDispersion);
            row.dLogVar = view(dLogVar);
            row.dLogDispersion = view(dLogDispersion);
            clear(row.dLogVar);
            clear(row.dLogDispersion);
            for (int r = 0; r < output.rows(); r++) {
                row.r = r;
                row.weight = scale * (rowWeight == null ? 1 : view(rowWeight).get(r, 0));
                double sum = 0;
                for (Placed column : all) {
                    sum += row.loss(column);
                }
                if (loss != null) {
                    view(loss).set(r, 0, sum);
                }
            }
        };
    }

    private static void clear(Matrix gradient) {
        for (int i = 0; gradient != null && i < gradient.cols(); i++) {
            gradient.set(0, i, 0);
        }
    }

    /** The losses of a row, and their gradients where these are wanted. */
    private static final class Row {
        private final Matrix output;
        private final Matrix x;
        private final Matrix dOutput;
        private Matrix logVar;
        private Matrix logDispersion;
        private Matrix dLogVar;
        private Matrix dLogDispersion;
        private int r;
        private double weight;

        Row(Matrix output, Matrix x, Matrix dOutput) {
            this.output = output;
            this.x = x;
            this.dOutput = dOutput;
        }

        double loss(Placed column) {
            double target = x.get(r % x.rows(), column.first());
            if (Double.isNaN(target)) {
                for (int d = column.first(); d < column.end(); d++) {
                    gradient(d, 0, true);
                }
                return 0;
            }
            double o = output.get(r, column.first());
            return switch (column.kind()) {
                case GAUSSIAN -> gaussian(column, target, o);
                case BERNOULLI -> {
                    gradient(column.first(), DenseLoops.sigmoid(o) - target, true);
                    yield ColumnDensity.bernoulli(target, o);
                }
                case CATEGORICAL -> categorical(column);
                case POISSON -> {
                    gradient(column.first(), Math.exp(ColumnDensity.clampLogMean(o)) - target, passes(o));
                    yield ColumnDensity.poisson(target, o);
                }
                case NEGATIVE_BINOMIAL -> negativeBinomial(column, target, o);
            };
        }

        private void gradient(int d, double value, boolean passes) {
            if (dOutput != null) {
                dOutput.set(r, d, passes ? weight * value : 0);
            }
        }

        private static boolean passes(double o) {
            return !(o < -ColumnOps.MAX_LOG_MEAN || o > ColumnOps.MAX_LOG_MEAN);
        }

        private double gaussian(Placed column, double target, double o) {
            double v = logVar.get(0, column.number());
            double error = o - target;
            double scaled = error * Math.exp(-LogVariance.clamp(v));
            gradient(column.first(), scaled, true);
            if (dLogVar != null && LogVariance.isInside(v)) {
                dLogVar.add(0, column.number(), weight * 0.5 * (1 - error * scaled));
            }
            return ColumnDensity.gaussian(target, o, v);
        }

        private double categorical(Placed column) {
            double[] o = new double[column.size()];
            Arrays.setAll(o, i -> output.get(r, column.first() + i));
            double log = ColumnDensity.logSumExp(o, 0, o.length);
            double chosen = 0;
            for (int i = 0; i < o.length; i++) {
                double target = x.get(r % x.rows(), column.first() + i);
                chosen += target * o[i];
                gradient(column.first() + i, Math.exp(o[i] - log) - target, true);
            }
            return log - chosen;
        }

        private double negativeBinomial(Placed column, double target, double o) {
            double s = logDispersion.get(0, column.number());
            double theta = Math.exp(LogDispersion.clamp(s));
            double mean = Math.exp(ColumnDensity.clampLogMean(o));
            double excess = (mean - target) / (theta + mean);
            gradient(column.first(), theta * excess, passes(o));
            if (dLogDispersion != null && LogDispersion.isInside(s)) {
                double slope = Digamma.value(theta) - Digamma.value(target + theta) + Math.log1p(mean / theta) - excess;
                dLogDispersion.add(0, column.number(), weight * theta * slope);
            }
            return ColumnDensity.negativeBinomial(target, o, s);
        }
    }

    @Override
    public Runnable columnMean(Tensor output, Tensor columns, Tensor mean) {
        return () -> {
            Matrix from = view(output);
            Matrix to = view(mean);
            for (Placed column : all(columns)) {
                for (int r = 0; r < output.rows(); r++) {
                    double[] o = new double[column.size()];
                    for (int i = 0; i < o.length; i++) {
                        o[i] = from.get(r, column.first() + i);
                    }
                    double log = ColumnDensity.logSumExp(o, 0, o.length);
                    for (int i = 0; i < o.length; i++) {
                        double value = switch (column.kind()) {
                            case GAUSSIAN -> o[i];
                            case BERNOULLI -> DenseLoops.sigmoid(o[i]);
                            case CATEGORICAL -> Math.exp(o[i] - log);
                            case POISSON, NEGATIVE_BINOMIAL -> Math.exp(ColumnDensity.clampLogMean(o[i]));
                        };
                        to.set(r, column.first() + i, value);
                    }
                }
            }
        };
    }
}
