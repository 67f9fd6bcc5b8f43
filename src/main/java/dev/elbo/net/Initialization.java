package dev.elbo.net;

import dev.elbo.backend.LogVariance;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Layout;
import dev.elbo.tensor.Tensor;

/**
 * Where training starts: weights uniform within ±√(6 / (in + out)) (Glorot and Bengio 2010, eq. 16), biases zero, and an
 * output that starts at the mean of the data. The uniforms are those of {@link NoiseStream#INITIALIZE} at step 0, k the
 * number of the tensor in the layout, element the place in the tensor: the same on every backend.
 */
public final class Initialization {
    /**
     * Means of Bernoulli pixels are kept this far from 0 and 1, logits within ±6.9. A pixel that is constant in the data
     * would start at an infinite logit, and close to it the gradient vanishes: at this distance a constant pixel costs
     * 1e-3 nats, and one that is set against all experience 6.9.
     */
    private static final double LEAST_PROBABILITY = 1e-3;

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
        for (String name : parameters.names()) {
            Layout.Slot slot = parameters.layout().slot(name);
            double[] values;
            if (name.endsWith(".weight")) {
                values = glorot(seed, k, slot);
            } else if (name.equals("output.bias")) {
                values = outputBias(spec.likelihood(), featureMean);
            } else if (name.equals(Parameters.OUTPUT_LOG_VAR)) {
                values = logVariance(slot.cols(), featureVariance);
            } else {
                values = new double[slot.cols()];
            }
            Tensor tensor = parameters.tensor(name);
            tensor.write(values);
            k++;
        }
    }

    private static void requireFinite(String what, double[] values, int inputs) {
        if (values.length != inputs) {
            throw new IllegalArgumentException(values.length + " feature " + what + " for " + inputs + " inputs");
        }
        for (int d = 0; d < inputs; d++) {
            if (!Double.isFinite(values[d])) {
                throw new IllegalArgumentException("feature " + what + ": number " + d + " is " + values[d]);
            }
        }
    }

    private static double[] glorot(long seed, int k, Layout.Slot slot) {
        double bound = Math.sqrt(6.0 / (slot.rows() + slot.cols()));
        float[] uniforms = new float[Math.toIntExact(slot.size())];
        Noise.uniforms(seed, 0, NoiseStream.INITIALIZE, k, 0, uniforms.length, uniforms, 0);
        double[] values = new double[uniforms.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (2.0 * uniforms[i] - 1) * bound;
        }
        return values;
    }

    private static double[] outputBias(Likelihood likelihood, double[] mean) {
        double[] bias = mean.clone();
        if (likelihood == Likelihood.BERNOULLI) {
            for (int d = 0; d < bias.length; d++) {
                double p = Math.min(Math.max(mean[d], LEAST_PROBABILITY), 1 - LEAST_PROBABILITY);
                bias[d] = StrictMath.log(p / (1 - p));
            }
        }
        return bias;
    }

    /** The variance that fits best while the output is the mean. */
    private static double[] logVariance(int count, double[] variance) {
        double[] shared = {0};
        for (double v : variance) {
            shared[0] += v / variance.length;
        }
        double[] logVar = count == 1 ? shared : variance.clone();
        for (int d = 0; d < logVar.length; d++) {
            logVar[d] = LogVariance.clamp(StrictMath.log(Math.max(logVar[d], LogVariance.FLOOR)));
        }
        return logVar;
    }
}
