package dev.elbo.net;

import dev.elbo.model.VaeSpec;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Tensor;

/**
 * The initial parameters: weights uniform within ±√(6 / (in + out)) (Glorot and Bengio 2010, eq. 16), biases zero, and
 * an output that starts at the mean of the data. The uniforms are those of {@link NoiseStream#INITIALIZE} at step 0, k
 * the number of the tensor in the layout, element the place in the tensor: the same on every backend.
 */
public final class Initialization {
    private Initialization() {}

    /**
     * Writes all parameters.
     *
     * @param parameters of the model's {@link Parameters#layout}
     * @param spec the model
     * @param seed of the weights
     * @param featureMean mean of each input over the data, D
     * @param featureVariance variance of each input around its mean, D
     * @throws IllegalArgumentException if there are not D of either, or one is not finite
     */
    public static void initialize(
            Arena parameters, VaeSpec spec, long seed, double[] featureMean, double[] featureVariance) {
        requireFinite("means", featureMean, spec.inputs());
        requireFinite("variances", featureVariance, spec.inputs());
        int k = 0;
        for (Parameters.Parameter parameter : Network.of(spec).parameters().all()) {
            Tensor tensor = parameters.tensor(parameter.name());
            tensor.write(
                    parameter.start() == null
                            ? glorot(seed, k, parameter)
                            : parameter.start().apply(featureMean, featureVariance));
            k++;
        }
    }

    private static void requireFinite(String statistic, double[] values, int inputs) {
        if (values.length != inputs) {
            throw new IllegalArgumentException(values.length + " feature " + statistic + " for " + inputs + " inputs");
        }
        for (int d = 0; d < inputs; d++) {
            if (!Double.isFinite(values[d])) {
                throw new IllegalArgumentException("feature " + statistic + " must be finite, but that of input " + d
                        + " (from 0) is " + values[d]);
            }
        }
    }

    private static double[] glorot(long seed, int k, Parameters.Parameter weight) {
        double bound = Math.sqrt(6.0 / (weight.rows() + weight.cols()));
        float[] uniforms = new float[Math.multiplyExact(weight.rows(), weight.cols())];
        Noise.uniforms(seed, 0, NoiseStream.INITIALIZE, k, 0, uniforms.length, uniforms, 0);
        double[] values = new double[uniforms.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (2.0 * uniforms[i] - 1) * bound;
        }
        return values;
    }
}
