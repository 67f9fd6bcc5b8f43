package dev.elbo.net;

import dev.elbo.backend.LogDispersion;
import dev.elbo.backend.LogVariance;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Columns.Column;

/** Draws of the columns of a row from their distributions. */
final class ColumnDraws {
    private final Columns columns;
    /** Of each column: σ of a gaussian one, θ of a negative-binomial one, otherwise 0. */
    private final double[] parameters;

    ColumnDraws(Columns columns, double[] logVar, double[] logDispersion) {
        this.columns = columns;
        this.parameters = new double[columns.all().size()];
        int gaussian = 0;
        int dispersed = 0;
        for (int c = 0; c < parameters.length; c++) {
            ColumnKind kind = columns.all().get(c).kind();
            // strict: the same bits under every JDK
            if (kind == ColumnKind.GAUSSIAN) {
                parameters[c] = StrictMath.exp(LogVariance.clamp(logVar[gaussian++]) / 2);
            } else if (kind == ColumnKind.NEGATIVE_BINOMIAL) {
                parameters[c] = StrictMath.exp(LogDispersion.clamp(logDispersion[dispersed++]));
            }
        }
    }

    void draw(OutputLikelihood.RowNoise noise, float[] x, int at) {
        int place = 0;
        for (int c = 0; c < parameters.length; c++) {
            Column column = columns.all().get(c);
            int first = at + place;
            float mean = x[first];
            double parameter = parameters[c];
            if (column.kind() == ColumnKind.CATEGORICAL) {
                category(noise.uniforms()[place], x, first, column.size());
            } else if (!Float.isNaN(mean)) {
                x[first] = switch (column.kind()) {
                    case GAUSSIAN -> (float) (mean + parameter * noise.normals()[place]);
                    case BERNOULLI -> noise.uniforms()[place] < mean ? 1 : 0;
                    default ->
                        CountDistribution.quantile(
                                noise.uniforms()[place], new CountDistribution(mean, parameter)::cumulative);
                };
            }
            place += column.size();
        }
    }

    private static void category(float uniform, float[] x, int first, int size) {
        if (Float.isNaN(x[first])) {
            return;
        }
        double sum = 0;
        int chosen = size - 1;
        for (int i = 0; i < size; i++) {
            sum += x[first + i];
            if (uniform < sum) {
                chosen = i;
                break;
            }
        }
        for (int i = 0; i < size; i++) {
            x[first + i] = i == chosen ? 1 : 0;
        }
    }
}
