package dev.elbo.net;

import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Columns.Placed;
import java.util.List;

/** Draws of the columns of a row from their distributions. */
final class ColumnDraws {
    private final List<Placed> columns;
    private final double[] parameters;

    /** @param parameters of each column, as {@link ColumnParameters} has them */
    ColumnDraws(Columns columns, double[] parameters) {
        this.columns = columns.placed();
        this.parameters = parameters;
    }

    void draw(OutputLikelihood.RowNoise noise, float[] x, int at) {
        for (int c = 0; c < parameters.length; c++) {
            Placed column = columns.get(c);
            int place = column.first();
            int first = at + place;
            float mean = x[first];
            double parameter = parameters[c];
            if (column.kind() == ColumnKind.CATEGORICAL) {
                category(noise.uniforms()[place], x, first, column.size());
            } else if (!Float.isNaN(mean)) {
                x[first] = switch (column.kind()) {
                    case GAUSSIAN -> (float) (mean + Math.sqrt(parameter) * noise.normals()[place]);
                    case BERNOULLI -> noise.uniforms()[place] < mean ? 1 : 0;
                    default ->
                        CountDistribution.quantile(
                                noise.uniforms()[place], new CountDistribution(mean, parameter)::cumulative);
                };
            }
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
