package dev.elbo.objective;

import dev.elbo.net.Network;
import dev.elbo.tensor.Tensor;

/** The variance of gaussian-optimal that fits the batch best: its mean squared error (Rybkin et al. 2021, eq. 5). */
record OptimalVariance() implements BatchMean {
    @Override
    public int width(Network network) {
        return 1;
    }

    @Override
    public void share(Shard shard, Tensor mean) {
        Tensor output = shard.activations().output();
        long elements = (long) shard.activations().samples() * shard.batch() * output.cols();
        shard.ops().squaredErrorMean(output, shard.x(), elements, mean);
    }

    @Override
    public void apply(Shard shard, Tensor mean) {
        shard.ops().logVarOfMean(mean, shard.activations().outputLogVar());
    }

    @Override
    public void applyWhole(Shard whole) {
        whole.vae().fitVariance(whole.x(), whole.activations());
    }
}
