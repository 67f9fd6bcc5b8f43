package dev.elbo.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Columns.Column;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnDrawsTest {
    private static final int DRAWS = 20_000;

    private static OutputLikelihood.RowNoise noise(float[] uniforms, float[] normals) {
        return new OutputLikelihood.RowNoise() {
            @Override
            public float[] uniforms() {
                return uniforms;
            }

            @Override
            public float[] normals() {
                return normals;
            }
        };
    }

    private static float[] uniforms(int count) {
        float[] uniforms = new float[count];
        Noise.uniforms(7, 0, NoiseStream.OUTPUT, 0, 0, count, uniforms, 0);
        return uniforms;
    }

    @Test
    void eachColumnIsDrawnByItsKindWithTheNoiseOfItsFirstPlace() {
        Columns columns = new Columns(List.of(
                Column.of(ColumnKind.GAUSSIAN),
                new Column(ColumnKind.CATEGORICAL, 3),
                Column.of(ColumnKind.BERNOULLI),
                Column.of(ColumnKind.POISSON)));
        ColumnDraws draws = new ColumnDraws(columns, new double[] {9, 0, 0, 0});
        float[] x = {9, 1, .2f, .5f, .3f, .6f, 2};
        draws.draw(noise(new float[] {.9f, .71f, 0, 0, .6f, .5f}, new float[] {-2, 8, 8, 8, 8, 8}), x, 1);
        assertArrayEquals(new float[] {9, -5, 0, 0, 1, 0, 2}, x, 1e-6f);
    }

    @Test
    void missingMeansStayMissing() {
        Columns columns = new Columns(List.of(
                new Column(ColumnKind.CATEGORICAL, 2),
                Column.of(ColumnKind.POISSON),
                Column.of(ColumnKind.NEGATIVE_BINOMIAL),
                Column.of(ColumnKind.BERNOULLI)));
        float nan = Float.NaN;
        float[] x = {nan, nan, nan, nan, nan};
        new ColumnDraws(columns, new double[] {0, 0, 1, 0}).draw(noise(new float[5], new float[5]), x, 0);
        assertArrayEquals(new float[] {nan, nan, nan, nan, nan}, x);
    }

    /** Mean and variance within five standard errors of those of the distribution. */
    @ParameterizedTest
    @CsvSource({"0.01, 0", "3, 0", "5000, 0", "0.5, 0.2", "40, 3", "5000, 1000"})
    void countsHaveTheMomentsOfTheirDistribution(double mean, double dispersion) {
        CountDistribution distribution = new CountDistribution(mean, dispersion);
        double variance = mean + (dispersion == 0 ? 0 : mean * mean / dispersion);
        double sum = 0;
        double squares = 0;
        double fourth = 0;
        for (float uniform : uniforms(DRAWS)) {
            double difference = CountDistribution.quantile(uniform, distribution::cumulative) - mean;
            sum += difference;
            squares += difference * difference;
            fourth += Math.pow(difference, 4);
        }
        assertEquals(0, sum / DRAWS, 5 * Math.sqrt(variance / DRAWS));
        double spread = Math.sqrt((fourth / DRAWS - variance * variance) / DRAWS);
        assertEquals(variance, squares / DRAWS, 5 * spread);
    }

    @Test
    void theQuantileIsTheLeastCountWhoseProbabilityExceedsTheShare() {
        // P(X ≤ 0) = e⁻² = 0.1353, P(X ≤ 1) = 0.4060, P(X ≤ 2) = 0.6767
        CountDistribution poisson = new CountDistribution(2, 0);
        assertEquals(0, CountDistribution.quantile(0.1353, poisson::cumulative));
        assertEquals(1, CountDistribution.quantile(0.1354, poisson::cumulative));
        assertEquals(2, CountDistribution.quantile(0.5, poisson::cumulative));
        assertEquals(3, CountDistribution.quantile(0.68, poisson::cumulative));
    }
}
