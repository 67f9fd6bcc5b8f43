package dev.elbo.train;

import dev.elbo.backend.Backend;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.StoredModel;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Reconstruction;
import java.util.Objects;

/** What a {@link Trainer} is made with; every setting has a default. */
public final class TrainerBuilder {
    final Backend backend;
    final VaeSpec spec;
    final Split data;
    private Objective objective;
    private TrainingOptions options;
    private StoredModel initial;

    TrainerBuilder(Backend backend, VaeSpec spec, Split data) {
        this.backend = Objects.requireNonNull(backend, "backend");
        this.spec = Objects.requireNonNull(spec, "spec");
        this.data = Objects.requireNonNull(data, "data").withTest();
    }

    /**
     * What is minimised; unless set, the negative ELBO with one sample, {@link Elbo#STANDARD}, or for a plain autoencoder the
     * reconstruction.
     *
     * @param what is minimised
     * @return this
     */
    public TrainerBuilder objective(Objective what) {
        objective = Objects.requireNonNull(what, "objective");
        return this;
    }

    /**
     * How it is minimised; {@link TrainingOptions#builder(Objective)} with nothing set unless set.
     *
     * @param how it is minimised
     * @return this
     */
    public TrainerBuilder options(TrainingOptions how) {
        options = Objects.requireNonNull(how, "options");
        return this;
    }

    /**
     * Starts from the weights of a model, all of them, instead of random ones: fine-tuning. Only the weights are taken; step,
     * schedules and the optimiser's moments begin anew, and units, columns and statistics are those of the new data. What is
     * different in these is a note of the run. The model's digest is part of {@link Trainer#identity()}. The trainer keeps the
     * model.
     *
     * @param model with tensors of the names and shapes that the trainer's specification has; {@link StoredModel#read} of a
     *     file
     * @return this
     */
    public TrainerBuilder initFrom(StoredModel model) {
        initial = Objects.requireNonNull(model, "initFrom");
        return this;
    }

    /** Or null. */
    StoredModel initial() {
        return initial;
    }

    Objective objective() {
        return objective != null ? objective : spec.stochastic() ? Elbo.STANDARD : new Reconstruction();
    }

    TrainingOptions options() {
        return options != null ? options : TrainingOptions.builder(objective()).build();
    }

    /**
     * Allocates everything and initialises the weights from the seed and the training data's statistics, or with those of
     * {@link #initFrom}.
     *
     * @return to be closed by the caller, before the backend is
     * @throws IllegalArgumentException if model, data, objective and options do not fit together, or the weights of
     *     {@link #initFrom} do not fit the model, with every difference
     * @throws ElboException data, if a Bernoulli likelihood is given values outside of [0, 1], naming row and column; usage, if
     *     dropping the last batch leaves none; unavailable, if the backend has not the memory
     */
    public Trainer build() {
        return new Trainer(this);
    }
}
