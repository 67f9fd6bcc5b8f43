package dev.elbo.analysis;

import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.linalg.Cholesky;
import dev.elbo.linalg.LinearGaussian;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.Table;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Parameters;
import dev.elbo.net.Vae;
import dev.elbo.tensor.Arena;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A table of five numbers with a linear decoder: x given z ~ N(Wz + m, diag s²), z ~ N(0, I) of two units. The encoder's variance is
 * 0.7, above half of any posterior's, so that importance weights have finite variance whatever is missing.
 */
final class LinearTable implements AutoCloseable {
    static final int INPUTS = 5;
    private static final double[][] WEIGHT = {{1, 0}, {0.5, -1}, {0, 0.9}, {-0.7, 0.6}, {0.8, 0.3}};
    private static final double[] MEAN = {0.1, -0.2, 0.3, 0, 0.5};
    private static final double[] VARIANCE = {0.5, 0.3, 0.8, 0.4, 1.2};

    final Vae vae;
    private final Arena parameters;

    LinearTable(Backend backend) {
        VaeSpec spec = VaeSpec.builder(INPUTS)
                .hidden()
                .latent(2)
                .activation(Activation.TANH)
                .likelihood(Likelihood.columns(table().modelled()))
                .build();
        parameters = backend.allocate(Parameters.layout(spec));
        vae = new Vae(backend, spec, parameters);
        parameters.tensor("mu.weight").write(new double[] {0.4, 0.1, 0.1, -0.2, 0.2, 0.2, -0.5, 0.2, 0.1, 0.1});
        parameters.tensor("mu.bias").write(new double[] {-0.1, -0.2});
        parameters.tensor("log_var.weight").write(new double[2 * INPUTS]);
        parameters.tensor("log_var.bias").write(new double[] {Math.log(0.7), Math.log(0.7)});
        parameters
                .tensor("output.weight")
                .write(Arrays.stream(WEIGHT).flatMapToDouble(Arrays::stream).toArray());
        parameters.tensor("output.bias").write(MEAN);
        parameters
                .tensor(Parameters.OUTPUT_LOG_VAR)
                .write(Arrays.stream(VARIANCE).map(Math::log).toArray());
    }

    static Table table() {
        Table.Builder table = Table.builder();
        IntStream.range(0, INPUTS).forEach(d -> table.gaussian("x" + d));
        return table.build();
    }

    static Dataset data(float... values) {
        return Dataset.of("linear", table(), values);
    }

    /** The distribution of all columns given those that are not NaN: means, and variances of a column on its own. */
    record Conditional(double logDensity, double[] mean, double[] variance) {}

    static Conditional given(float[] x) {
        int[] seen = IntStream.range(0, INPUTS).filter(d -> !Float.isNaN(x[d])).toArray();
        double[][] precision = {{1, 0}, {0, 1}};
        double[] projected = new double[2];
        for (int d : seen) {
            for (int a = 0; a < 2; a++) {
                projected[a] += WEIGHT[d][a] * (x[d] - MEAN[d]) / VARIANCE[d];
                for (int b = 0; b < 2; b++) {
                    precision[a][b] += WEIGHT[d][a] * WEIGHT[d][b] / VARIANCE[d];
                }
            }
        }
        Cholesky posterior = new Cholesky(precision);
        double[] z = posterior.solve(projected);
        double[] mean = new double[INPUTS];
        double[] variance = new double[INPUTS];
        for (int d = 0; d < INPUTS; d++) {
            mean[d] = MEAN[d] + dot(WEIGHT[d], z);
            variance[d] = VARIANCE[d] + dot(WEIGHT[d], posterior.solve(WEIGHT[d]));
        }
        return new Conditional(logDensity(x, seen), mean, variance);
    }

    /** By the covariance of what is seen, WWᵀ + diag s². */
    private static double logDensity(float[] x, int[] seen) {
        double[][] covariance = new double[seen.length][seen.length];
        double[] error = new double[seen.length];
        for (int i = 0; i < seen.length; i++) {
            error[i] = x[seen[i]] - MEAN[seen[i]];
            for (int j = 0; j < seen.length; j++) {
                covariance[i][j] = dot(WEIGHT[seen[i]], WEIGHT[seen[j]]) + (i == j ? VARIANCE[seen[i]] : 0);
            }
        }
        Cholesky cholesky = new Cholesky(covariance);
        return -0.5
                * (seen.length * LinearGaussian.LOG_2_PI
                        + cholesky.logDeterminant()
                        + dot(error, cholesky.solve(error)));
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    @Override
    public void close() {
        vae.close();
        parameters.close();
    }
}
