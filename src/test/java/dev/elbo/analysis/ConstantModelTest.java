package dev.elbo.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.data.Dataset;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConstantModelTest {
    private static final int INPUTS = 5;

    private static Dataset data(long seed) {
        Random random = new Random(seed);
        float[] values = new float[40 * INPUTS];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        return Dataset.of("d", values, INPUTS);
    }

    /** Example by example, and value by value. */
    @ParameterizedTest
    @CsvSource({
        "gaussian, false",
        "gaussian-optimal, false",
        "gaussian-learned, false",
        "gaussian-learned, true",
        "bernoulli, false"
    })
    void isTheMeanLogDensity(Component likelihood, boolean perDimension) {
        VaeSpec spec = VaeSpec.mlp(
                INPUTS,
                List.of(4),
                2,
                Activation.RELU,
                perDimension ? Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION : likelihood,
                true);
        Dataset train = data(1);
        Dataset test = data(2);
        double[] mean = train.mean();
        double[] variance = train.variance();
        double shared = 0;
        for (double v : variance) {
            shared += v / INPUTS;
        }
        double sum = 0;
        for (int i = 0; i < test.size(); i++) {
            float[] x = test.row(i);
            for (int j = 0; j < INPUTS; j++) {
                double v = likelihood.equals(Likelihood.GAUSSIAN) ? 1 : perDimension ? variance[j] : shared;
                double gaussian = -((x[j] - mean[j]) * (x[j] - mean[j]) / v + Math.log(2 * Math.PI * v)) / 2;
                double bernoulli = x[j] * Math.log(mean[j]) + (1 - x[j]) * Math.log(1 - mean[j]);
                sum += likelihood.equals(Likelihood.BERNOULLI) ? bernoulli : gaussian;
            }
        }
        assertEquals(sum / test.size(), new ConstantModel(spec, mean, variance).elbo(test), 1e-6);
    }
}
