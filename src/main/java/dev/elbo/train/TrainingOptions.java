package dev.elbo.train;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.AdamSettings;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.Objective;
import java.util.Objects;

/**
 * How a model is trained; see {@link #builder()}.
 *
 * @param epochs passes over the data, at least 1
 * @param batch examples of a step, at least 1; more than there are means all
 * @param adam constants of the optimiser
 * @param learningRate over the run
 * @param klWeight β over the run
 * @param seed of initial weights, order and noise
 * @param binarize whether every batch is made of fresh binary pixels, drawn with the data as probabilities
 * @param patience epochs without a better test ELBO after which training stops and the best weights are kept; 0: never
 * @param dataPlacement where training and held-out data are meanwhile; results do not depend on it
 * @param dropLast whether a partial last batch is left out of an epoch
 * @param onNan what to do where something is not finite
 */
public record TrainingOptions(
        int epochs,
        int batch,
        AdamSettings adam,
        LearningRate learningRate,
        KlWeight klWeight,
        long seed,
        boolean binarize,
        int patience,
        DataPlacement dataPlacement,
        boolean dropLast,
        OnNan onNan) {
    /** Passes over the data at most, where nothing else is said. */
    public static final int DEFAULT_EPOCHS = 200;

    /** Epochs without a better test ELBO, where nothing else is said and the objective does not steer the KL divergence. */
    public static final int DEFAULT_PATIENCE = 20;

    /**
     * Refuses what no training can do.
     *
     * @throws IllegalArgumentException with the option's name first, where a value makes no sense
     */
    public TrainingOptions {
        atLeast("epochs", epochs, 1);
        atLeast("batch", batch, 1);
        atLeast("patience", patience, 0);
        Objects.requireNonNull(adam, "adam");
        Objects.requireNonNull(learningRate, "learningRate");
        Objects.requireNonNull(klWeight, "klWeight");
        Objects.requireNonNull(dataPlacement, "dataPlacement");
        Objects.requireNonNull(onNan, "onNan");
    }

    /**
     * {@return all of them, as {@code config.json} has them} The names are those of the file, whatever Java calls them: they
     * stay, and an option that comes later is left out where it is its default.
     */
    public JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("epochs", epochs);
        json.addProperty("batch", batch);
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
        json.addProperty("patience", patience);
        json.addProperty("data_placement", dataPlacement.toString());
        json.addProperty("drop_last", dropLast);
        json.addProperty("on_nan", onNan.toString());
        return json;
    }

    private static void atLeast(String option, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(option + " must be at least " + least + ", not " + value);
        }
    }

    /**
     * Options to be set one by one; what is not set is as {@code elbo train} has it: at most {@link #DEFAULT_EPOCHS} epochs in batches of 128, until
     * the test ELBO has not improved for 20 of them, Adam at a constant rate of 1e-3, β = 1, seed 0.
     *
     * @return a builder
     */
    public static Builder builder() {
        return builder(Elbo.STANDARD);
    }

    /**
     * As {@link #builder()}, for another objective: with one that steers the KL divergence, the test ELBO may well fall while the
     * run goes as it should, so it trains to the end unless a patience is set.
     *
     * @param objective what will be minimised
     * @return a builder
     */
    public static Builder builder(Objective objective) {
        Objects.requireNonNull(objective, "objective");
        Builder builder = new Builder();
        builder.patience = objective.control().isAdaptive() ? 0 : DEFAULT_PATIENCE;
        return builder;
    }

    /** {@return a builder that begins with these options} */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.epochs = epochs;
        builder.batch = batch;
        builder.adam = adam;
        builder.learningRate = learningRate;
        builder.klWeight = klWeight;
        builder.seed = seed;
        builder.binarize = binarize;
        builder.patience = patience;
        builder.dataPlacement = dataPlacement;
        builder.dropLast = dropLast;
        builder.onNan = onNan;
        return builder;
    }

    /** Sets options one by one. */
    public static final class Builder {
        private int epochs = DEFAULT_EPOCHS;
        private int batch = 128;
        private AdamSettings adam = AdamSettings.DEFAULT;
        private LearningRate learningRate = LearningRate.constant(1e-3);
        private KlWeight klWeight = KlWeight.constant(1);
        private long seed;
        private boolean binarize;
        private int patience;
        private DataPlacement dataPlacement = DataPlacement.AUTO;
        private boolean dropLast;
        private OnNan onNan = OnNan.STOP;

        private Builder() {}

        /**
         * Passes over the data; 200 unless set.
         *
         * @param count at least 1
         * @return this
         */
        public Builder epochs(int count) {
            epochs = count;
            return this;
        }

        /**
         * Examples of a step; 128 unless set.
         *
         * @param examples at least 1; more than there are means all
         * @return this
         */
        public Builder batch(int examples) {
            batch = examples;
            return this;
        }

        /**
         * Constants of the optimiser; the usual ones unless set.
         *
         * @param settings β₁, β₂, ε
         * @return this
         */
        public Builder adam(AdamSettings settings) {
            adam = Objects.requireNonNull(settings, "adam");
            return this;
        }

        /**
         * The same learning rate in every step; 1e-3 unless set.
         *
         * @param rate above 0
         * @return this
         */
        public Builder learningRate(double rate) {
            return learningRate(LearningRate.constant(rate));
        }

        /**
         * A learning rate that changes over the run.
         *
         * @param plan with warm-up or decay
         * @return this
         */
        public Builder learningRate(LearningRate plan) {
            learningRate = Objects.requireNonNull(plan, "learningRate");
            return this;
        }

        /**
         * The same weight of the KL divergence in every step; 1 unless set.
         *
         * @param beta at least 0
         * @return this
         */
        public Builder klWeight(double beta) {
            return klWeight(KlWeight.constant(beta));
        }

        /**
         * A weight of the KL divergence that changes over the run.
         *
         * @param plan with warm-up
         * @return this
         */
        public Builder klWeight(KlWeight plan) {
            klWeight = Objects.requireNonNull(plan, "klWeight");
            return this;
        }

        /**
         * Of initial weights, order and noise; 0 unless set. The same seed gives the same bits.
         *
         * @param number any
         * @return this
         */
        public Builder seed(long number) {
            seed = number;
            return this;
        }

        /**
         * Whether every batch is made of fresh binary pixels, drawn with the data as probabilities, for a Bernoulli likelihood; not
         * unless set.
         *
         * @param draw whether to
         * @return this
         */
        public Builder binarize(boolean draw) {
            binarize = draw;
            return this;
        }

        /**
         * Epochs without a better test ELBO after which training stops; the best weights are kept then. 20 unless set, and 0 with an
         * objective that steers the KL divergence.
         *
         * @param epochs at least 1; 0: train to the end and keep the last weights
         * @return this
         */
        public Builder patience(int epochs) {
            patience = epochs;
            return this;
        }

        /**
         * Where the data are meanwhile; in the backend's memory where they fit, unless set. Results do not depend on it.
         *
         * @param placement where
         * @return this
         */
        public Builder dataPlacement(DataPlacement placement) {
            dataPlacement = Objects.requireNonNull(placement, "dataPlacement");
            return this;
        }

        /**
         * Whether a partial last batch is left out of every epoch; unless set it counts by its size.
         *
         * @param drop whether it is
         * @return this
         */
        public Builder dropLast(boolean drop) {
            dropLast = drop;
            return this;
        }

        /**
         * What to do where a loss, gradient or weight is not finite; {@link OnNan#STOP} unless set.
         *
         * @param what to do
         * @return this
         */
        public Builder onNan(OnNan what) {
            onNan = Objects.requireNonNull(what, "onNan");
            return this;
        }

        /**
         * The options.
         *
         * @return a value
         * @throws IllegalArgumentException with the option's name first, where a value makes no sense
         */
        public TrainingOptions build() {
            return new TrainingOptions(
                    epochs,
                    batch,
                    adam,
                    learningRate,
                    klWeight,
                    seed,
                    binarize,
                    patience,
                    dataPlacement,
                    dropLast,
                    onNan);
        }
    }
}
