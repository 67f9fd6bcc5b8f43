package dev.elbo.train;

import dev.elbo.model.VaeSpec;
import dev.elbo.net.Parameters;
import dev.elbo.net.Vae;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.Layout;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The weights of each shard of a lane and the moments of their optimisers, for shards that take steps of their own. */
final class LocalWeights implements AutoCloseable {
    /** Weights, first and second moments of a shard. */
    static final int KINDS = 3;

    private final Closer closer = new Closer();
    private final Lane lane;
    private final List<List<Arena>> ofShards = new ArrayList<>();
    private final List<Vae> models = new ArrayList<>();

    LocalWeights(Lane lane, VaeSpec spec) {
        this.lane = lane;
        Layout layout = Parameters.layout(spec);
        try {
            for (int shard = lane.from; shard < lane.to; shard++) {
                List<Arena> kinds = new ArrayList<>();
                for (int kind = 0; kind < KINDS; kind++) {
                    kinds.add(closer.register(lane.backend.allocate(layout)));
                }
                ofShards.add(kinds);
                models.add(closer.register(new Vae(lane.backend, spec, kinds.get(0))));
            }
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    /** Returns the model with the weights of a shard of the lane. */
    Vae vae(int shard) {
        return models.get(shard - lane.from);
    }

    /** Returns the values of a shard: weights, or one of the moments. */
    Tensor values(int shard, int kind) {
        return ofShards.get(shard - lane.from).get(kind).flat();
    }

    /** Returns the elements of the weights of all shards, and of as many moments of a kind. */
    long elements() {
        return ofShards.stream()
                .mapToLong(kinds -> kinds.get(0).layout().size())
                .sum();
    }

    /** Queues the optimiser of a shard. */
    void adam(int shard, Arena gradients) {
        lane.backend
                .ops()
                .adam(
                        values(shard, 0),
                        gradients.flat(),
                        values(shard, 1),
                        values(shard, 2),
                        lane.schedule,
                        lane.options.adam());
    }

    @Override
    public void close() {
        closer.close();
    }
}
