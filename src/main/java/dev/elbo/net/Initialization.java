package dev.elbo.net;

import dev.elbo.model.VaeSpec;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Arena;

/**
 * The initial parameters: weights uniform within ±√(6 / (in + out)) (Glorot and Bengio 2010, eq. 16), biases zero, and
 * an output that starts at the mean of the data. The uniforms are those of {@link NoiseStream#INITIALIZE} at step 0, k
 * the number of the tensor in files, element the place in it: the same on every backend, however memory is laid out.
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
        Parameters all = Network.of(spec).parameters();
        int k = 0;
        for (FileTensor tensor : all.files()) {
            double[] values = tensor.start() == null
                    ? glorot(seed, k, tensor)
                    : tensor.start().apply(featureMean, featureVariance);
            all.write(tensor.name(), values, parameters);
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

    private static double[] glorot(long seed, int k, FileTensor weight) {
        double bound = Math.sqrt(6.0 / (weight.fanIn() + weight.fanOut()));
        float[] uniforms = new float[weight.size()];
        Noise.uniforms(seed, 0, NoiseStream.INITIALIZE, k, 0, uniforms.length, uniforms, 0);
        double[] values = new double[uniforms.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (2.0 * uniforms[i] - 1) * bound;
        }
        return values;
    }
}
