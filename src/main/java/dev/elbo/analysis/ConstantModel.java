package dev.elbo.analysis;

import dev.elbo.data.Dataset;
import dev.elbo.linalg.LinearGaussian;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Initialization;

/**
 * The model that reconstructs every example as the mean of the training data, with the variance around it, and that
 * uses no latent unit. A trained model whose ELBO is below that of this model has learnt nothing.
 */
public final class ConstantModel {
    private final VaeSpec spec;
    private final double[] mean;
    private final double[] variance;

    /**
     * Creates a constant model with the likelihood of another model.
     *
     * @param spec of that model
     * @param mean of each feature of the training data, D
     * @param variance of each around its mean, D
     */
    public ConstantModel(VaeSpec spec, double[] mean, double[] variance) {
        this.spec = spec;
        this.mean = mean.clone();
        this.variance = variance.clone();
    }

    /**
     * {@return its ELBO, which is its log likelihood, in nats per example; of a plain autoencoder −reconstruction}
     *
     * @param data for the evaluation, in the unit of the models
     */
    public double elbo(Dataset data) {
        double[] mean = data.mean();
        double[] variance = data.variance();
        double[] output = Initialization.output(spec, this.mean);
        double[] logVar = spec.likelihood() == Likelihood.GAUSSIAN
                ? new double[] {0}
                : Initialization.logVariance(spec, this.variance);
        double sum = 0;
        for (int j = 0; j < mean.length; j++) {
            if (spec.likelihood() == Likelihood.BERNOULLI) {
                // log p is linear in x
                double logit = output[j];
                sum += mean[j] * logit - Math.log1p(Math.exp(-Math.abs(logit))) - Math.max(logit, 0);
            } else {
                double shift = mean[j] - output[j];
                double v = logVar[logVar.length == 1 ? 0 : j];
                sum -= ((variance[j] + shift * shift) * Math.exp(-v) + v + LinearGaussian.LOG_2_PI) / 2;
            }
        }
        return sum;
    }
}
