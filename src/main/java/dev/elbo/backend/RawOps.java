package dev.elbo.backend;

import dev.elbo.model.Activation;
import dev.elbo.model.Patches;
import dev.elbo.tensor.Tensor;

/**
 * The operations of {@link Ops} as a backend implements them, family by family. Arguments are checked already. Each call
 * returns a command that does the work when it runs, and that may run many times.
 *
 * @hidden
 */
public record RawOps(
        Dense dense, Convolution convolution, Classes classes, Columns columns, Latent latent, Loss loss, Step step) {
    /**
     * The commands of {@link DenseOps}.
     *
     * @hidden
     */
    public interface Dense {
        Runnable dense(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor y);

        Runnable denseGrad(
                Tensor x, Tensor weight, Tensor y, Tensor dY, Activation activation, Tensor dW, Tensor dB, Tensor dX);

        Runnable activate(Tensor x, Activation activation, Tensor y);

        Runnable activateGrad(Tensor y, Tensor dY, Activation activation, Tensor dB);
    }

    /**
     * The commands of {@link ConvolutionOps}.
     *
     * @hidden
     */
    public interface Convolution {
        Runnable unfold(Tensor x, Patches patches, Tensor unfolded);

        Runnable fold(Tensor unfolded, Patches patches, Tensor bias, Activation activation, Tensor y);
    }

    /**
     * The commands of {@link ClassOps}.
     *
     * @hidden
     */
    public interface Classes {
        Runnable classBias(Tensor labels, Tensor table, Activation activation, Tensor y);

        Runnable classBiasGrad(Tensor labels, Tensor dY, Tensor dTable);
    }

    /**
     * The commands of {@link ColumnOps}.
     *
     * @hidden
     */
    public interface Columns {
        Runnable columnInputs(Tensor x, Tensor columns, Tensor inputs);

        Runnable columnLoss(
                Tensor output,
                Tensor x,
                Tensor columns,
                Tensor logVar,
                Tensor logDispersion,
                Tensor rowWeight,
                double scale,
                Tensor loss,
                Tensor dOutput,
                Tensor dLogVar,
                Tensor dLogDispersion);

        Runnable columnMean(Tensor output, Tensor columns, Tensor mean);
    }

    /**
     * The commands of {@link LatentOps}.
     *
     * @hidden
     */
    public interface Latent {
        Runnable normal(NoiseSource noise, Tensor out);

        Runnable reparameterize(Tensor mu, Tensor logVar, NoiseSource noise, Tensor z, Tensor kl, Tensor sampledKl);

        Runnable reparameterizeGrad(
                Tensor mu,
                Tensor logVar,
                NoiseSource noise,
                Tensor dZ,
                KlMode mode,
                Schedule schedule,
                Tensor rowWeight,
                double scale,
                Tensor dMu,
                Tensor dLogVar);

        Runnable gaussianKlMean(Tensor mu, Tensor logVar, int rows, Tensor mean);

        Runnable freeBits(
                Tensor mean,
                Tensor mu,
                Tensor logVar,
                double floor,
                Schedule schedule,
                double scale,
                Tensor dMu,
                Tensor dLogVar,
                Tensor klTerm);

        Runnable gaussianKl(Tensor mu, Tensor logVar, Tensor klPerUnit);
    }

    /**
     * The commands of {@link LossOps}.
     *
     * @hidden
     */
    public interface Loss {
        Runnable gaussianLoss(
                Tensor output,
                Tensor x,
                Tensor logVar,
                Tensor rowWeight,
                double scale,
                Tensor loss,
                Tensor dOutput,
                Tensor dLogVar);

        Runnable bernoulliLoss(Tensor logits, Tensor x, Tensor rowWeight, double scale, Tensor loss, Tensor dLogits);

        Runnable optimalLogVar(Tensor output, Tensor x, Tensor logVar);

        Runnable squaredErrorMean(Tensor output, Tensor x, long elements, Tensor mean);

        Runnable logVarOfMean(Tensor mean, Tensor logVar);

        Runnable importanceWeights(
                Tensor reconstruction, Tensor sampledKl, Tensor logWeights, Tensor weights, Tensor bound);
    }

    /**
     * The commands of {@link StepOps}.
     *
     * @hidden
     */
    public interface Step {
        Runnable gather(Tensor data, Tensor order, Clock clock, float scale, NoiseSource binarize, Tensor x);

        Runnable rowMean(Tensor value, int rows, Tensor mean);

        Runnable sumShards(Tensor parts, Tensor total);

        Runnable klWeight(
                Tensor mean, KlWeighting weighting, Tensor targets, double rate, Tensor state, Schedule schedule);

        Runnable stepMetrics(
                Tensor reconstruction,
                Tensor kl,
                Tensor klTerm,
                Tensor bound,
                Tensor outputLogVar,
                Schedule schedule,
                Tensor table);

        Runnable adam(Tensor parameters, Tensor gradient, Tensor m, Tensor v, Schedule schedule, AdamSettings settings);

        Runnable advance(Clock clock, int step, int row, int slot, int sample);
    }
}
