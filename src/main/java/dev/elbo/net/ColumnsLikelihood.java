package dev.elbo.net;

import dev.elbo.backend.ColumnDensity;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Columns.Placed;
import dev.elbo.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;

/**
 * A table, whose columns have a kind each and may have gaps: the sum over the columns that are there, so that with importance
 * weights the bound is that of Mattei and Frellsen (2019, eq. 4). A gaussian column has a trained log σ², a negative-binomial
 * one a trained log dispersion. The setting {@code columns} lists the columns.
 */
final class ColumnsLikelihood implements OutputLikelihood {
    static final Kind<OutputLikelihood> KIND = new Kind<>("columns", (settings, place) -> {
        Columns columns = Columns.of(settings.components("columns"));
        if (columns.features() != place.columns()) {
            throw new IllegalArgumentException(
                    "columns of " + columns.features() + " places do not make " + place.columns() + " inputs");
        }
        return new ColumnsLikelihood(columns);
    });

    private static final double MIN_MEAN = 1e-3;
    /** The largest start of log θ: a variable of that dispersion can hardly be told from a Poisson one, nor learnt from. */
    private static final double MAX_LOG_DISPERSION = 5;

    private final Columns columns;

    private ColumnsLikelihood(Columns columns) {
        this.columns = columns;
    }

    @Override
    public boolean binary() {
        return false;
    }

    @Override
    public Optional<Columns> columns() {
        return Optional.of(columns);
    }

    private double[] values(ColumnKind kind, ToDoubleFunction<Placed> value) {
        return columns.placed().stream()
                .filter(column -> column.kind() == kind)
                .mapToDouble(value)
                .toArray();
    }

    @Override
    public void parameters(Parameters to) {
        int gaussian = columns.count(ColumnKind.GAUSSIAN);
        if (gaussian > 0) {
            to.vector(Parameters.OUTPUT_LOG_VAR, gaussian, (mean, variance) -> startLogVar(variance));
        }
        int dispersed = columns.count(ColumnKind.NEGATIVE_BINOMIAL);
        if (dispersed > 0) {
            to.vector(Parameters.OUTPUT_LOG_DISPERSION, dispersed, this::startLogDispersion);
        }
    }

    private double[] startLogVar(double[] variance) {
        return values(
                ColumnKind.GAUSSIAN,
                column -> GaussianLikelihood.startLogVar(variance[column.first()], GaussianLikelihood.MIN_VARIANCE));
    }

    /** Starts where variance = mean + mean² / θ. */
    private double[] startLogDispersion(double[] mean, double[] variance) {
        return values(ColumnKind.NEGATIVE_BINOMIAL, column -> {
            double m = Math.max(mean[column.first()], MIN_MEAN);
            double excess = Math.max(variance[column.first()] - m, 0);
            double most = StrictMath.exp(MAX_LOG_DISPERSION);
            return StrictMath.log(Math.max(Math.min(m * m / excess, most), 1 / most));
        });
    }

    @Override
    public void mean(Scope scope, Activations a, Tensor mean) {
        scope.ops().columnMean(a.output(), a.columns(), mean);
    }

    @Override
    public void loss(Scope scope, Activations a, Tensor x, Tensor rowWeight, double scale, Tensor dOutput) {
        boolean dispersed = columns.count(ColumnKind.NEGATIVE_BINOMIAL) > 0;
        boolean trains = dOutput != null;
        scope.ops()
                .columnLoss(
                        a.output(),
                        x,
                        a.columns(),
                        a.outputLogVar(),
                        dispersed ? scope.parameter(Parameters.OUTPUT_LOG_DISPERSION) : null,
                        rowWeight,
                        scale,
                        rowWeight == null ? a.reconstruction() : null,
                        dOutput,
                        trains && a.outputLogVar() != null ? scope.gradient(Parameters.OUTPUT_LOG_VAR) : null,
                        trains && dispersed ? scope.gradient(Parameters.OUTPUT_LOG_DISPERSION) : null);
    }

    /** Starts at the means, in whatever form the output of a column has; at 0 where the means are not of all columns. */
    @Override
    public double[] startOutput(double[] mean) {
        double[] start = new double[mean.length];
        if (mean.length != columns.features()) {
            return start;
        }
        for (Placed column : columns.placed()) {
            for (int d = column.first(); d < column.end(); d++) {
                start[d] = start(column, mean[d]);
            }
        }
        return start;
    }

    private static double start(Placed column, double mean) {
        return switch (column.kind()) {
            case GAUSSIAN -> mean;
            case BERNOULLI -> BernoulliLikelihood.startLogit(mean);
            case CATEGORICAL -> StrictMath.log(Math.max(mean, BernoulliLikelihood.MIN_PROBABILITY / column.size()));
            case POISSON, NEGATIVE_BINOMIAL -> StrictMath.log(Math.max(mean, MIN_MEAN));
        };
    }

    @Override
    public double constantLogDensity(Examples data, double[] predictedMean, double[] predictedVariance) {
        double[] output = startOutput(predictedMean);
        double[] logVar = startLogVar(predictedVariance);
        double[] logDispersion = startLogDispersion(predictedMean, predictedVariance);
        List<Placed> all = columns.placed();
        double[] sum = new double[1];
        long[] rows = new long[1];
        data.visit(x -> {
            for (Placed column : all) {
                int d = column.first();
                if (!Float.isNaN(x[d])) {
                    sum[0] -= switch (column.kind()) {
                        case GAUSSIAN -> ColumnDensity.gaussian(x[d], output[d], logVar[column.number()]);
                        case BERNOULLI -> ColumnDensity.bernoulli(x[d], output[d]);
                        case CATEGORICAL -> categorical(x, output, d, column.size());
                        case POISSON -> ColumnDensity.poisson(x[d], output[d]);
                        case NEGATIVE_BINOMIAL ->
                            ColumnDensity.negativeBinomial(x[d], output[d], logDispersion[column.number()]);
                    };
                }
            }
            rows[0]++;
        });
        return sum[0] / rows[0];
    }

    private static double categorical(float[] x, double[] output, int from, int size) {
        double loss = ColumnDensity.logSumExp(output, from, size);
        for (int d = from; d < from + size; d++) {
            loss -= x[d] * output[d];
        }
        return loss;
    }

    /**
     * Draws of each column with one uniform or normal, that of its first place: a normal; 1 where the uniform is below the
     * mean; the category and the count at which the probabilities up to it exceed the uniform.
     */
    @Override
    public Draws draws(Function<String, double[]> parameter) {
        return new ColumnDraws(columns, ColumnParameters.of(columns, parameter))::draw;
    }

    @Override
    public String exportInputs(OperatorGraph graph, String x) {
        return new ColumnOperators(columns, graph).inputs(x);
    }

    @Override
    public void export(OperatorGraph graph, UnaryOperator<String> output) {
        ColumnOperators operators = new ColumnOperators(columns, graph);
        operators.means(output.apply("output"));
        operators.parameter(
                ColumnKind.GAUSSIAN,
                Parameters.OUTPUT_LOG_VAR,
                "x_log_var",
                "the log of the variance of p(x|z), of each gaussian column");
        operators.parameter(
                ColumnKind.NEGATIVE_BINOMIAL,
                Parameters.OUTPUT_LOG_DISPERSION,
                "x_log_dispersion",
                "the log of the dispersion of p(x|z), of each negative-binomial column");
    }
}
