package dev.elbo.analysis;

import dev.elbo.data.Dataset;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Network;
import dev.elbo.net.OutputLikelihood;
import java.util.function.Consumer;

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
        return Network.of(spec).likelihood().constantLogDensity(new Examples(data), mean, variance);
    }

    /** A data set as a likelihood sees it. */
    private record Examples(Dataset data) implements OutputLikelihood.Examples {
        @Override
        public double[] mean() {
            return data.mean();
        }

        @Override
        public double[] variance() {
            return data.variance();
        }

        @Override
        public void visit(Consumer<float[]> visitor) {
            float[] row = new float[data.features()];
            for (int i = 0; i < data.size(); i++) {
                data.row(i, row, 0);
                visitor.accept(row);
            }
        }
    }
}
