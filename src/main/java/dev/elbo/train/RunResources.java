package dev.elbo.train;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Evaluator;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Shards;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.group.Peers;
import dev.elbo.model.Columns;
import dev.elbo.model.Table;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Network;
import dev.elbo.objective.Objective;
import dev.elbo.tensor.Closer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The backend memory of a run, from its start to its end, and the programs that use it. */
final class RunResources implements AutoCloseable {
    private final Closer closer = new Closer();
    final TrainingSteps steps;
    final Shards shards;
    /** Whether validation data judge the epochs. */
    final boolean validated;
    /** The evaluator of the data that judge every epoch. */
    final Optional<Evaluator> judge;
    /** The evaluator of the test data, if other data judge the epochs. */
    final Optional<Evaluator> test;

    /**
     * Allocates everything, for data that fit; the weights are yet to be initialised.
     *
     * @param backends that have some of the shards each; the first also has what there is once
     * @param lanes that share the shards of this process: as many as backends, unless a run is planned
     * @param shards of which the data are the rows
     * @param peers the other members, who have the other shards
     */
    RunResources(
            List<Backend> backends,
            int lanes,
            VaeSpec spec,
            Objective objective,
            TrainingOptions options,
            Split split,
            Shards shards,
            Peers peers) {
        Dataset train = split.train();
        List<Dataset> all = split.all();
        if (!shards.isAll() && lanes > 1) {
            throw new IllegalArgumentException("otherBackends: a member of a group trains on one backend");
        }
        if (options.localSteps() > 1 && lanes > 1) {
            throw ElboException.usage("localSteps is " + options.localSteps()
                    + ", which otherBackends do not take; use one backend, or localSteps 1");
        }
        if (options.localSteps() > 1 && objective.control().isAdaptive()) {
            throw ElboException.usage("localSteps is " + options.localSteps()
                    + ", but the multiplier of a constraint is adapted to whole batches; use localSteps 1");
        }
        if (train.features() != spec.inputs()) {
            throw new IllegalArgumentException("the model has " + spec.inputs() + " inputs, but the data have "
                    + train.features() + " values an example");
        }
        Optional<Columns> columns = Network.of(spec).likelihood().columns();
        for (Dataset data : all) {
            if (!data.table().map(Table::modelled).equals(columns)) {
                throw new IllegalArgumentException(data.name()
                        + (data.table().isEmpty()
                                ? ": is not a table, which a likelihood of columns needs"
                                : ": is a table, whose model needs Likelihood.columns(table.modelled())"));
            }
        }
        if (Network.of(spec).likelihood().binary()) {
            all.forEach(Dataset::requireUnitInterval);
        } else if (options.binarize()) {
            throw new IllegalArgumentException("binarize needs a likelihood of binary values such as bernoulli, not "
                    + spec.likelihood().kind());
        }
        Backend backend = backends.get(0);
        this.shards = shards;
        validated = anywhere(split.validation());
        try {
            DataPlacement placement = options.dataPlacement().resolve(backend, all.toArray(Dataset[]::new));
            LaneData data = LaneData.of(backends, lanes, train, shards, options, placement, spec.classes(), closer);
            List<DataSource> judging = open(backend, validated ? split.validation() : split.test(), placement, spec);
            List<DataSource> testing = validated ? open(backend, split.test(), placement, spec) : List.of();
            steps = closer.register(new TrainingSteps(backends, spec, objective, options, data, train, peers));
            judge = validated || anywhere(split.test())
                    ? Optional.of(evaluator(judging, objective, options))
                    : Optional.empty();
            test = validated && anywhere(split.test())
                    ? Optional.of(evaluator(testing, objective, options))
                    : Optional.empty();
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    /** Returns whether any member has some of the data. */
    private boolean anywhere(Optional<Dataset> data) {
        return shards.rows(data.map(Dataset::size).orElse(0)) > 0;
    }

    /** Opens the data of each shard that is here and has some. */
    private List<DataSource> open(Backend backend, Optional<Dataset> data, DataPlacement placement, VaeSpec spec) {
        List<DataSource> sources = new ArrayList<>();
        for (int shard = shards.from(); data.isPresent() && shard < shards.to(); shard++) {
            Dataset all = data.get();
            int[] numbers = shards.rows(all.size(), shard);
            if (numbers.length > 0) {
                Dataset own = numbers.length == all.size() ? all : all.subset(all.name(), numbers);
                sources.add(closer.register(DataSource.of(backend, own, placement, spec.classes())));
            }
        }
        return sources;
    }

    private Evaluator evaluator(List<DataSource> data, Objective objective, TrainingOptions options) {
        return closer.register(
                new Evaluator(steps.vae, shards, data, objective.samples(), options.binarize(), options.seed()));
    }

    @Override
    public void close() {
        closer.close();
    }
}
