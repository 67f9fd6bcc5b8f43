package dev.elbo.spark;

/** The setters of the parameters of {@link VaeEstimator}. */
public abstract class VaeEstimatorSetters extends VaeEstimatorParams {
    VaeEstimatorSetters(String uid) {
        super(uid);
    }

    /** Returns this object, which is one. */
    abstract VaeEstimator self();

    /**
     * Sets the column of the examples.
     *
     * @param value name of a column of vectors, or of arrays of float or double
     * @return this
     */
    public VaeEstimator setFeaturesCol(String value) {
        set(featuresCol(), value);
        return self();
    }

    /**
     * Sets the columns with a value of the examples each.
     *
     * @param values names of columns of numbers or booleans
     * @return this
     */
    public VaeEstimator setInputCols(String... values) {
        set(inputCols(), values.clone());
        return self();
    }

    /**
     * Sets the column that orders the rows.
     *
     * @param value name of a column of any type that can be ordered, or ""
     * @return this
     */
    public VaeEstimator setIdCol(String value) {
        set(idCol(), value);
        return self();
    }

    /**
     * Sets the column that tells the rows of the validation.
     *
     * @param value name of a column of booleans, or ""
     * @return this
     */
    public VaeEstimator setValidationIndicatorCol(String value) {
        set(validationIndicatorCol(), value);
        return self();
    }

    /**
     * Sets the name of the data.
     *
     * @param value any text
     * @return this
     */
    public VaeEstimator setDataName(String value) {
        set(dataName(), value);
        return self();
    }

    /**
     * Sets the units of the hidden layers.
     *
     * @param values at least 1 each; none for a linear model
     * @return this
     */
    public VaeEstimator setHidden(int... values) {
        set(hidden(), values.clone());
        return self();
    }

    /**
     * Sets the latent units.
     *
     * @param value at least 1
     * @return this
     */
    public VaeEstimator setLatent(int value) {
        set(latent(), value);
        return self();
    }

    /**
     * Sets the activation of the hidden layers.
     *
     * @param value as {@code elbo train --activation}
     * @return this
     */
    public VaeEstimator setActivation(String value) {
        set(activation(), value);
        return self();
    }

    /**
     * Sets the likelihood.
     *
     * @param value as {@code elbo train --likelihood}, but for tables
     * @return this
     */
    public VaeEstimator setLikelihood(String value) {
        set(likelihood(), value);
        return self();
    }

    /**
     * Sets the variance of gaussian-learned.
     *
     * @param value "shared" or "per-dimension"
     * @return this
     */
    public VaeEstimator setVariance(String value) {
        set(variance(), value);
        return self();
    }

    /**
     * Sets what is minimised.
     *
     * @param value "vae", "iwae", "dreg" or "ae"
     * @return this
     */
    public VaeEstimator setObjective(String value) {
        set(objective(), value);
        return self();
    }

    /**
     * Sets the weight of the KL divergence.
     *
     * @param value at least 0
     * @return this
     */
    public VaeEstimator setBeta(double value) {
        set(beta(), value);
        return self();
    }

    /**
     * Sets the epochs over which the weight of the KL divergence grows.
     *
     * @param value at least 0
     * @return this
     */
    public VaeEstimator setBetaWarmup(double value) {
        set(betaWarmup(), value);
        return self();
    }

    /**
     * Sets the latent samples of each example.
     *
     * @param value at least 1, or 0 for 1, and 5 for iwae and dreg
     * @return this
     */
    public VaeEstimator setSamples(int value) {
        set(samples(), value);
        return self();
    }

    /**
     * Sets the passes over the data.
     *
     * @param value at least 1
     * @return this
     */
    public VaeEstimator setEpochs(int value) {
        set(epochs(), value);
        return self();
    }

    /**
     * Sets the examples of a step.
     *
     * @param value at least 1; a multiple of the shards
     * @return this
     */
    public VaeEstimator setBatchSize(int value) {
        set(batchSize(), value);
        return self();
    }

    /**
     * Sets the learning rate.
     *
     * @param value above 0
     * @return this
     */
    public VaeEstimator setLearningRate(double value) {
        set(learningRate(), value);
        return self();
    }

    /**
     * Sets the epochs without a better ELBO.
     *
     * @param value at least 0, or -1 for 20
     * @return this
     */
    public VaeEstimator setPatience(int value) {
        set(patience(), value);
        return self();
    }

    /**
     * Sets the seed.
     *
     * @param value any number
     * @return this
     */
    public VaeEstimator setSeed(long value) {
        set(seed(), value);
        return self();
    }

    /**
     * Sets whether every batch is made of fresh binary pixels.
     *
     * @param value needs likelihood bernoulli
     * @return this
     */
    public VaeEstimator setBinarize(boolean value) {
        set(binarize(), value);
        return self();
    }

    /**
     * Sets whether the partial last batch is left out.
     *
     * @param value true to leave it out
     * @return this
     */
    public VaeEstimator setDropLast(boolean value) {
        set(dropLast(), value);
        return self();
    }

    /**
     * Sets the unit of the training.
     *
     * @param value "none", "per-feature" or "shared"
     * @return this
     */
    public VaeEstimator setStandardize(String value) {
        set(standardize(), value);
        return self();
    }

    /**
     * Sets the backend.
     *
     * @param value one of {@link dev.elbo.Backends#NAMES}
     * @return this
     */
    public VaeEstimator setBackend(String value) {
        set(backend(), value);
        return self();
    }

    /**
     * Sets the logical shards.
     *
     * @param value a multiple of the workers that divides the batch size
     * @return this
     */
    public VaeEstimator setShards(int value) {
        set(shards(), value);
        return self();
    }

    /**
     * Sets the tasks that train.
     *
     * @param value a divisor of the shards, or 0
     * @return this
     */
    public VaeEstimator setWorkers(int value) {
        set(workers(), value);
        return self();
    }

    /**
     * Sets the steps of a shard on weights of its own.
     *
     * @param value at least 1
     * @return this
     */
    public VaeEstimator setLocalSteps(int value) {
        set(localSteps(), value);
        return self();
    }

    /**
     * Sets the folder of checkpoints.
     *
     * @param value in any file system that Hadoop knows, or ""
     * @return this
     */
    public VaeEstimator setCheckpointDir(String value) {
        set(checkpointDir(), value);
        return self();
    }

    /**
     * Sets the epochs between checkpoints.
     *
     * @param value at least 1
     * @return this
     */
    public VaeEstimator setCheckpointInterval(int value) {
        set(checkpointInterval(), value);
        return self();
    }

    /**
     * Sets the seconds that workers wait for each other.
     *
     * @param value above 0
     * @return this
     */
    public VaeEstimator setPeerTimeout(double value) {
        set(peerTimeout(), value);
        return self();
    }

    /**
     * Sets what is allowed.
     *
     * @param values of "plaintext" and "speculation"
     * @return this
     */
    public VaeEstimator setAllow(String... values) {
        set(allow(), values.clone());
        return self();
    }
}
