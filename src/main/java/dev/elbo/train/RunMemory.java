package dev.elbo.train;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Evaluator;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Objective;
import dev.elbo.tensor.Owned;

/** All that a run has in a backend's memory, from its start to its end, with the programs that work on it. */
final class RunMemory implements AutoCloseable {
    private final Owned owned = new Owned();
    private final TrainingSteps steps;
    private final Evaluator evaluator;

    /** Allocates everything, for data that fit; the weights are yet to be initialised. */
    RunMemory(Backend backend, VaeSpec spec, Objective objective, TrainingOptions options, Split split) {
        Dataset train = split.train();
        Dataset test = split.test().orElseThrow();
        if (train.features() != spec.inputs()) {
            throw new IllegalArgumentException(
                    "the model has " + spec.inputs() + " inputs, the data " + train.features());
        }
        if (spec.likelihood() == Likelihood.BERNOULLI) {
            train.requireUnitInterval();
            test.requireUnitInterval();
        } else if (options.binarize()) {
            throw new IllegalArgumentException("binarize needs the likelihood bernoulli, not " + spec.likelihood());
        }
        try {
            DataPlacement placement = options.dataPlacement().resolve(backend, train, test);
            DataSource data = owned.add(DataSource.of(backend, train, placement));
            DataSource heldOut = owned.add(DataSource.of(backend, test, placement));
            steps = owned.add(new TrainingSteps(backend, spec, objective, options, data, train));
            evaluator = owned.add(
                    new Evaluator(steps.vae(), heldOut, objective.samples(), options.binarize(), options.seed()));
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    TrainingSteps steps() {
        return steps;
    }

    /** Of the held-out data. */
    Evaluator evaluator() {
        return evaluator;
    }

    @Override
    public void close() {
        owned.close();
    }
}
