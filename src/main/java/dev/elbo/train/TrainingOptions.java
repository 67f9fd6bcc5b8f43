package dev.elbo.train;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.AdamSettings;
import dev.elbo.objective.Objective;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * Options of a training run; see {@link #builder()}.
 *
 * @param epochs passes over the data, at least 1
 * @param batchSize examples of a step, at least 1; more than there are means all
 * @param adam constants of the optimiser
 * @param learningRate over the run
 * @param klWeight β over the run
 * @param seed of initial weights, order and noise
 * @param binarize whether every batch is made of fresh binary pixels, drawn with the data as probabilities
 * @param patience epochs without a better ELBO after which training stops and the best weights are kept; 0: never; empty:
 *     {@link #DEFAULT_PATIENCE}, or 0 with an objective that is constrained or has a capacity
 * @param dataPlacement of training and held-out data; results do not depend on it
 * @param dropLast whether a partial last batch is left out of an epoch
 * @param onNan action if a loss, gradient or weight is not finite
 * @param shards parts of every batch whose gradients are added, at least 1; they divide the batch
 * @param localSteps steps that each shard takes on weights of its own before these are averaged, at least 1; 1: none of its own
 */
public record TrainingOptions(
        int epochs,
        int batchSize,
        AdamSettings adam,
        LearningRate learningRate,
        KlWeight klWeight,
        long seed,
        boolean binarize,
        OptionalInt patience,
        DataPlacement dataPlacement,
        boolean dropLast,
        OnNan onNan,
        int shards,
        int localSteps) {
    /** The default of {@link Builder#epochs}. */
    public static final int DEFAULT_EPOCHS = 200;

    /** The default of {@link Builder#patience}, with most objectives. */
    public static final int DEFAULT_PATIENCE = 20;

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException with the option's name first, if a value is out of range
     */
    public TrainingOptions {
        atLeast("epochs", epochs, 1);
        atLeast("batchSize", batchSize, 1);
        atLeast("patience", Objects.requireNonNull(patience, "patience").orElse(0), 0);
        Objects.requireNonNull(adam, "adam");
        Objects.requireNonNull(learningRate, "learningRate");
        Objects.requireNonNull(klWeight, "klWeight");
        Objects.requireNonNull(dataPlacement, "dataPlacement");
        Objects.requireNonNull(onNan, "onNan");
        atLeast("shards", shards, 1);
        atLeast("localSteps", localSteps, 1);
        if (batchSize % shards != 0) {
            throw new IllegalArgumentException(
                    "shards must divide batchSize, " + batchSize + ", and " + shards + " does not");
        }
    }

    /**
     * {@return all of them, as {@code config.json} has them} The names are those of the file, whatever Java calls them: they
     * stay, and an option that comes later is left out if it is its default.
     */
    public JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("epochs", epochs);
        json.addProperty("batch", batchSize);
        JsonObject optimiser = new JsonObject();
        optimiser.addProperty("beta1", adam.beta1());
        optimiser.addProperty("beta2", adam.beta2());
        optimiser.addProperty("epsilon", adam.epsilon());
        json.add("adam", optimiser);
        JsonObject rate = new JsonObject();
        rate.addProperty("rate", learningRate.rate());
        rate.addProperty("warmup_epochs", learningRate.warmupEpochs());
        rate.addProperty("decay", learningRate.decay().toString());
        JsonArray stages = new JsonArray();
        for (LearningRate.Stage stage : learningRate.stages()) {
            JsonObject part = new JsonObject();
            part.addProperty("epochs", stage.epochs());
            part.addProperty("rate", stage.rate());
            stages.add(part);
        }
        rate.add("stages", stages);
        json.add("learning_rate", rate);
        JsonObject weight = new JsonObject();
        weight.addProperty("beta", klWeight.beta());
        weight.addProperty("warmup_epochs", klWeight.warmupEpochs());
        json.add("kl_weight", weight);
        json.addProperty("seed", seed);
        json.addProperty("binarize", binarize);
        patience.ifPresent(epochs -> json.addProperty("patience", epochs));
        json.addProperty("data_placement", dataPlacement.toString());
        json.addProperty("drop_last", dropLast);
        json.addProperty("on_nan", onNan.toString());
        if (shards != 1) {
            json.addProperty("shards", shards);
        }
        if (localSteps != 1) {
            json.addProperty("local_steps", localSteps);
        }
        return json;
    }

    private static void atLeast(String option, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(option + " must be at least " + least + ", not " + value);
        }
    }

    /** {@return a builder with the defaults of {@code elbo train}} */
    public static Builder builder() {
        return new Builder();
    }

    /** {@return a builder that begins with these options} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.epochs = epochs;
        builder.batchSize = batchSize;
        builder.adam = adam;
        builder.learningRate = learningRate;
        builder.klWeight = klWeight;
        builder.seed = seed;
        builder.binarize = binarize;
        builder.patience = patience;
        builder.dataPlacement = dataPlacement;
        builder.dropLast = dropLast;
        builder.onNan = onNan;
        builder.shards = shards;
        builder.localSteps = localSteps;
        return builder;
    }

    /** Resolves an unset patience; the constraint of an adaptive objective may well lower the ELBO. */
    TrainingOptions resolvedFor(Objective objective) {
        return patience.isPresent()
                ? this
                : toBuilder()
                        .patience(objective.control().isAdaptive() ? 0 : DEFAULT_PATIENCE)
                        .build();
    }

    /** Sets options one by one. */
    public static final class Builder {
        private int epochs = DEFAULT_EPOCHS;
        private int batchSize = 128;
        private AdamSettings adam = AdamSettings.DEFAULT;
        private LearningRate learningRate = LearningRate.constant(1e-3);
        private KlWeight klWeight = KlWeight.constant(1);
        private long seed;
        private boolean binarize;
        private OptionalInt patience = OptionalInt.empty();
        private DataPlacement dataPlacement = DataPlacement.AUTO;
        private boolean dropLast;
        private OnNan onNan = OnNan.STOP;
        private int shards = 1;
        private int localSteps = 1;

        private Builder() {}

        /** Sets the passes over the data: at least 1; by default 200. */
        public Builder epochs(int count) {
            epochs = count;
            return this;
        }

        /** Sets the examples of a step: at least 1, more than there are mean all; by default 128. */
        public Builder batchSize(int examples) {
            batchSize = examples;
            return this;
        }

        /** Sets the optimiser's β₁, β₂ and ε; by default {@link AdamSettings#DEFAULT}. */
        public Builder adam(AdamSettings settings) {
            adam = Objects.requireNonNull(settings, "adam");
            return this;
        }

        /** Sets one learning rate for all steps: above 0; by default 1e-3. */
        public Builder learningRate(double rate) {
            return learningRate(LearningRate.constant(rate));
        }

        /** Sets a learning rate that changes over the run. */
        public Builder learningRate(LearningRate schedule) {
            learningRate = Objects.requireNonNull(schedule, "learningRate");
            return this;
        }

        /** Sets one weight of the KL divergence, β, for all steps: at least 0; by default 1. */
        public Builder klWeight(double beta) {
            return klWeight(KlWeight.constant(beta));
        }

        /** Sets a weight of the KL divergence, β, that changes over the run. */
        public Builder klWeight(KlWeight schedule) {
            klWeight = Objects.requireNonNull(schedule, "klWeight");
            return this;
        }

        /** Sets the random seed of initial weights, order and noise; by default 0. The same seed gives the same bits. */
        public Builder seed(long number) {
            seed = number;
            return this;
        }

        /**
         * Sets whether every batch is made of fresh binary pixels, drawn with the data as probabilities, for a Bernoulli likelihood;
         * by default it is not.
         */
        public Builder binarize(boolean draw) {
            binarize = draw;
            return this;
        }

        /**
         * Sets the epochs without a better ELBO after which training stops and the best weights are kept: at least 1, or 0 to train to
         * the end and keep the last weights. By default 20, and 0 with an objective that is constrained or has a capacity, whose
         * ELBO may fall while the run goes as it should.
         */
        public Builder patience(int epochs) {
            patience = OptionalInt.of(epochs);
            return this;
        }

        /** Sets where the data are during training; by default in the backend's memory if they fit. Results do not depend on it. */
        public Builder dataPlacement(DataPlacement placement) {
            dataPlacement = Objects.requireNonNull(placement, "dataPlacement");
            return this;
        }

        /** Sets whether a partial last batch is left out of every epoch; by default it counts by its size. */
        public Builder dropLast(boolean drop) {
            dropLast = drop;
            return this;
        }

        /** Sets what happens when a loss, gradient or weight becomes NaN or infinite; by default {@link OnNan#STOP}. */
        public Builder onNan(OnNan action) {
            onNan = Objects.requireNonNull(action, "onNan");
            return this;
        }

        /**
         * Sets the logical shards of the run: training row i is in shard i mod S, a step takes as many rows of every shard, and
         * gradients, means over the batch and statistics of the data are added over the shards in a fixed order. At least 1, which is
         * the default, and a divisor of the batch size. The number of shards decides the result; on how many threads or devices
         * they are computed does not.
         */
        public Builder shards(int count) {
            shards = count;
            return this;
        }

        /**
         * Sets the steps that each shard takes on weights of its own, with an optimiser of its own, before weights and moments
         * are averaged over the shards in a fixed order (Stich 2019, "Local SGD converges fast and communicates little",
         * algorithm 1). The shards' rows of a step are then a batch of their own. They are also averaged at the end of an epoch. At
         * least 1, the default: every step is that of the whole batch. Averages cost less exchange between machines, and
         * more steps for the same loss.
         */
        public Builder localSteps(int count) {
            localSteps = count;
            return this;
        }

        /**
         * {@return the options}
         *
         * @throws IllegalArgumentException with the option's name first, if a value is out of range
         */
        public TrainingOptions build() {
            return new TrainingOptions(
                    epochs,
                    batchSize,
                    adam,
                    learningRate,
                    klWeight,
                    seed,
                    binarize,
                    patience,
                    dataPlacement,
                    dropLast,
                    onNan,
                    shards,
                    localSteps);
        }
    }
}
