package dev.elbo.net;

import dev.elbo.backend.LogDispersion;
import dev.elbo.backend.LogVariance;
import dev.elbo.model.Columns;
import java.util.function.Function;

/** The trained parameters of the columns of a table, as their distributions have them. */
public final class ColumnParameters {
    private ColumnParameters() {}

    /**
     * {@return for each column σ² of a gaussian one, the dispersion θ of a negative-binomial one, otherwise 0}
     *
     * @param columns of a model
     * @param parameter gives the value of a parameter of the likelihood by its name, such as {@link Vae#outputParameter}
     */
    public static double[] of(Columns columns, Function<String, double[]> parameter) {
        double[] logVar = parameter.apply(Parameters.OUTPUT_LOG_VAR);
        double[] logDispersion = parameter.apply(Parameters.OUTPUT_LOG_DISPERSION);
        // strict: the same bits under every JDK
        return columns.placed().stream()
                .mapToDouble(column -> switch (column.kind()) {
                    case GAUSSIAN -> StrictMath.exp(LogVariance.clamp(logVar[column.number()]));
                    case NEGATIVE_BINOMIAL -> StrictMath.exp(LogDispersion.clamp(logDispersion[column.number()]));
                    case BERNOULLI, CATEGORICAL, POISSON -> 0;
                })
                .toArray();
    }
}
