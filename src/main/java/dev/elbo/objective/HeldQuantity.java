package dev.elbo.objective;

import dev.elbo.backend.KlWeighting;
import dev.elbo.backend.Ops;
import dev.elbo.backend.Schedule;
import dev.elbo.net.Activations;
import dev.elbo.net.Network;
import dev.elbo.tensor.Tensor;
import java.util.function.Function;

/**
 * The mean of what is held at a target, from which the weight of the KL divergence follows.
 *
 * @param held its rows
 * @param weighting the rule for the weight
 * @param rate of {@link Ops#klWeight}
 */
record HeldQuantity(Function<Activations, Tensor> held, KlWeighting weighting, double rate) implements BatchMean {
    @Override
    public int width(Network network) {
        return 1;
    }

    @Override
    public void share(Shard shard, Tensor mean) {
        Tensor rows = held.apply(shard.activations());
        int samples = rows.rows() / shard.activations().batch();
        shard.ops().rowMean(rows, samples * shard.batch(), mean);
    }

    @Override
    public void update(Ops ops, Schedule schedule, KlControlState steering, Tensor mean) {
        ops.klWeight(mean, weighting, steering.targets(), rate, steering.state(), schedule);
    }
}
