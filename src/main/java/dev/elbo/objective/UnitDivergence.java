package dev.elbo.objective;

import dev.elbo.net.Activations;
import dev.elbo.net.Network;
import dev.elbo.tensor.Tensor;

/**
 * The mean KL divergence of each unit, of which free bits need to know whether it is above a floor (Kingma et al. 2016, eq. 15).
 *
 * @param nats the floor of a unit
 */
record UnitDivergence(double nats) implements BatchMean {
    @Override
    public int width(Network network) {
        return network.spec().latent();
    }

    @Override
    public void share(Shard shard, Tensor mean) {
        Activations a = shard.activations();
        shard.ops().gaussianKlMean(a.mu(), a.logVar(), shard.batch(), mean);
    }

    @Override
    public void apply(Shard shard, Tensor mean) {
        Activations a = shard.activations();
        double scale = 1.0 / shard.batch();
        shard.ops().freeBits(mean, a.mu(), a.logVar(), nats, shard.schedule(), scale, a.dMu(), a.dLogVar(), a.klTerm());
    }
}
