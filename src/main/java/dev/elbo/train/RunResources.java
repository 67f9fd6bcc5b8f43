package dev.elbo.train;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Evaluator;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.model.Columns;
import dev.elbo.model.Table;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Network;
import dev.elbo.objective.Objective;
import dev.elbo.tensor.Closer;
import java.util.List;
import java.util.Optional;

/** The backend memory of a run, from its start to its end, and the programs that use it. */
final class RunResources implements AutoCloseable {
    private final Closer closer = new Closer();
    final TrainingSteps steps;
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
     * @param lanes that share the shards: as many as backends, unless a run is planned
     */
    RunResources(
            List<Backend> backends,
            int lanes,
            VaeSpec spec,
            Objective objective,
            TrainingOptions options,
            Split split) {
        Dataset train = split.train();
        List<Dataset> all = split.all();
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
        validated = split.validation().isPresent();
        try {
            DataPlacement placement = options.dataPlacement().resolve(backend, all.toArray(Dataset[]::new));
            LaneData data = LaneData.of(backends, lanes, train, options, placement, spec.classes(), closer);
            Optional<DataSource> judging =
                    split.judging().map(set -> closer.register(DataSource.of(backend, set, placement, spec.classes())));
            Optional<DataSource> testing = split.validation()
                    .flatMap(validation -> split.test())
                    .map(set -> closer.register(DataSource.of(backend, set, placement, spec.classes())));
            steps = closer.register(new TrainingSteps(backends, spec, objective, options, data, train));
            judge = judging.map(set -> evaluator(set, objective, options));
            test = testing.map(set -> evaluator(set, objective, options));
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    private Evaluator evaluator(DataSource data, Objective objective, TrainingOptions options) {
        return closer.register(new Evaluator(steps.vae, data, objective.samples(), options.binarize(), options.seed()));
    }

    @Override
    public void close() {
        closer.close();
    }
}
