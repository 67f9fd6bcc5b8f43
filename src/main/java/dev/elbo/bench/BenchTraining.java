package dev.elbo.bench;

import dev.elbo.backend.Backend;
import dev.elbo.data.Split;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Objective;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingOptions;
import dev.elbo.train.TrainingPlan;

/** A training that is about to be timed, with the prediction of its resources and its bytes in the backend's memory. */
record BenchTraining(TrainingPlan plan, Trainer trainer, long bytes) implements AutoCloseable {
    static BenchTraining of(Backend backend, VaeSpec model, Objective objective, TrainingOptions options, Split data) {
        TrainingPlan plan = TrainingPlan.of(backend, model, objective, options, data);
        long before = backend.allocatedBytes();
        Trainer trainer = Trainer.builder(backend, model, data)
                .objective(objective)
                .options(options)
                .build();
        long workspace = plan.bytes().get(TrainingPlan.Use.WORKSPACE);
        return new BenchTraining(plan, trainer, backend.allocatedBytes() - before + workspace);
    }

    @Override
    public void close() {
        trainer.close();
    }
}
