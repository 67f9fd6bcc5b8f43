package dev.elbo.spark;

import dev.elbo.error.ElboException;
import dev.elbo.train.TrainingListener;
import java.util.Objects;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;

/**
 * A trainer of models on the rows of a DataFrame that no machine needs to hold, as an estimator of Spark ML. The rows are divided into
 * logical shards, and the shards among workers, tasks that run at the same time and exchange gradients with each other. The number of
 * shards decides the model, byte for byte; the number of workers does not, and {@code elbo train} with as many shards makes the same
 * on one machine.
 *
 * <p>Errors are {@link ElboException}s of one line, behind Spark's own words where they come from a task.
 */
public final class VaeEstimator extends VaeEstimatorParams implements DefaultParamsWritable {
    private transient TrainingListener listener = TrainingListener.NONE;

    /** Creates an estimator with all defaults. */
    public VaeEstimator() {
        this(Identifiable$.MODULE$.randomUID("vaeEstimator"));
    }

    /**
     * Creates an estimator with all defaults.
     *
     * @param uid of the stage
     */
    public VaeEstimator(String uid) {
        super(uid);
    }

    /** {@return a reader of folders that {@link #write} has written} */
    public static MLReader<VaeEstimator> read() {
        return new DefaultParamsReader<>();
    }

    /**
     * {@return the estimator in a folder that {@link #save} has written}
     *
     * @param path of the folder, in any file system that Hadoop knows
     */
    public static VaeEstimator load(String path) {
        return read().load(path);
    }

    /**
     * Sets a listener to progress on the driver, no parameter: it is neither saved nor copied. It hears of steps and epochs some seconds
     * late, on a thread of Spark's, and cannot stop the run.
     *
     * @param value receives {@link TrainingListener#onStep}, {@link TrainingListener#onEpoch} and {@link TrainingListener#onNote}
     * @return this
     */
    public VaeEstimator setListener(TrainingListener value) {
        listener = Objects.requireNonNull(value, "listener");
        return this;
    }

    /**
     * Sets the column of the examples.
     *
     * @param value name of a column of vectors, or of arrays of float or double
     * @return this
     */
    public VaeEstimator setFeaturesCol(String value) {
        set(featuresCol(), value);
        return this;
    }

    /**
     * Sets the columns with a value of the examples each.
     *
     * @param values names of columns of numbers or booleans
     * @return this
     */
    public VaeEstimator setInputCols(String... values) {
        set(inputCols(), values.clone());
        return this;
    }

    /**
     * Sets the column that orders the rows.
     *
     * @param value name of a column of any type that can be ordered, or ""
     * @return this
     */
    public VaeEstimator setIdCol(String value) {
        set(idCol(), value);
        return this;
    }

    /**
     * Sets the column that tells the rows of the validation.
     *
     * @param value name of a column of booleans, or ""
     * @return this
     */
    public VaeEstimator setValidationIndicatorCol(String value) {
        set(validationIndicatorCol(), value);
        return this;
    }

    /**
     * Sets the name of the data.
     *
     * @param value any text
     * @return this
     */
    public VaeEstimator setDataName(String value) {
        set(dataName(), value);
        return this;
    }

    /**
     * Sets the units of the hidden layers.
     *
     * @param values at least 1 each; none for a linear model
     * @return this
     */
    public VaeEstimator setHidden(int... values) {
        set(hidden(), values.clone());
        return this;
    }

    /**
     * Sets the latent units.
     *
     * @param value at least 1
     * @return this
     */
    public VaeEstimator setLatent(int value) {
        set(latent(), value);
        return this;
    }

    /**
     * Sets the activation of the hidden layers.
     *
     * @param value as {@code elbo train --activation}
     * @return this
     */
    public VaeEstimator setActivation(String value) {
        set(activation(), value);
        return this;
    }

    /**
     * Sets the likelihood.
     *
     * @param value as {@code elbo train --likelihood}, but for tables
     * @return this
     */
    public VaeEstimator setLikelihood(String value) {
        set(likelihood(), value);
        return this;
    }

    /**
     * Sets the variance of gaussian-learned.
     *
     * @param value "shared" or "per-dimension"
     * @return this
     */
    public VaeEstimator setVariance(String value) {
        set(variance(), value);
        return this;
    }

    /**
     * Sets what is minimised.
     *
     * @param value "vae", "iwae", "dreg" or "ae"
     * @return this
     */
    public VaeEstimator setObjective(String value) {
        set(objective(), value);
        return this;
    }

    /**
     * Sets the weight of the KL divergence.
     *
     * @param value at least 0
     * @return this
     */
    public VaeEstimator setBeta(double value) {
        set(beta(), value);
        return this;
    }

    /**
     * Sets the epochs over which the weight of the KL divergence grows.
     *
     * @param value at least 0
     * @return this
     */
    public VaeEstimator setBetaWarmup(double value) {
        set(betaWarmup(), value);
        return this;
    }

    /**
     * Sets the latent samples of each example.
     *
     * @param value at least 1, or 0 for 1, and 5 for iwae and dreg
     * @return this
     */
    public VaeEstimator setSamples(int value) {
        set(samples(), value);
        return this;
    }

    /**
     * Sets the passes over the data.
     *
     * @param value at least 1
     * @return this
     */
    public VaeEstimator setEpochs(int value) {
        set(epochs(), value);
        return this;
    }

    /**
     * Sets the examples of a step.
     *
     * @param value at least 1; a multiple of the shards
     * @return this
     */
    public VaeEstimator setBatchSize(int value) {
        set(batchSize(), value);
        return this;
    }

    /**
     * Sets the learning rate.
     *
     * @param value above 0
     * @return this
     */
    public VaeEstimator setLearningRate(double value) {
        set(learningRate(), value);
        return this;
    }

    /**
     * Sets the epochs without a better ELBO.
     *
     * @param value at least 0, or -1 for 20
     * @return this
     */
    public VaeEstimator setPatience(int value) {
        set(patience(), value);
        return this;
    }

    /**
     * Sets the seed.
     *
     * @param value any number
     * @return this
     */
    public VaeEstimator setSeed(long value) {
        set(seed(), value);
        return this;
    }

    /**
     * Sets whether every batch is made of fresh binary pixels.
     *
     * @param value needs likelihood bernoulli
     * @return this
     */
    public VaeEstimator setBinarize(boolean value) {
        set(binarize(), value);
        return this;
    }

    /**
     * Sets whether the partial last batch is left out.
     *
     * @param value true to leave it out
     * @return this
     */
    public VaeEstimator setDropLast(boolean value) {
        set(dropLast(), value);
        return this;
    }

    /**
     * Sets the unit of the training.
     *
     * @param value "none", "per-feature" or "shared"
     * @return this
     */
    public VaeEstimator setStandardize(String value) {
        set(standardize(), value);
        return this;
    }

    /**
     * Sets the backend.
     *
     * @param value one of {@link dev.elbo.Backends#NAMES}
     * @return this
     */
    public VaeEstimator setBackend(String value) {
        set(backend(), value);
        return this;
    }

    /**
     * Sets the logical shards.
     *
     * @param value a multiple of the workers that divides the batch size
     * @return this
     */
    public VaeEstimator setShards(int value) {
        set(shards(), value);
        return this;
    }

    /**
     * Sets the tasks that train.
     *
     * @param value a divisor of the shards, or 0
     * @return this
     */
    public VaeEstimator setWorkers(int value) {
        set(workers(), value);
        return this;
    }

    /**
     * Sets the steps of a shard on weights of its own.
     *
     * @param value at least 1
     * @return this
     */
    public VaeEstimator setLocalSteps(int value) {
        set(localSteps(), value);
        return this;
    }

    /**
     * Sets the folder of checkpoints.
     *
     * @param value in any file system that Hadoop knows, or ""
     * @return this
     */
    public VaeEstimator setCheckpointDir(String value) {
        set(checkpointDir(), value);
        return this;
    }

    /**
     * Sets the epochs between checkpoints.
     *
     * @param value at least 1
     * @return this
     */
    public VaeEstimator setCheckpointInterval(int value) {
        set(checkpointInterval(), value);
        return this;
    }

    /**
     * Sets the seconds that workers wait for each other.
     *
     * @param value above 0
     * @return this
     */
    public VaeEstimator setPeerTimeout(double value) {
        set(peerTimeout(), value);
        return this;
    }

    /**
     * Sets what is allowed.
     *
     * @param values of "plaintext" and "speculation"
     * @return this
     */
    public VaeEstimator setAllow(String... values) {
        set(allow(), values.clone());
        return this;
    }

    /**
     * {@return the schema, unchanged} The columns that {@link VaeModel} adds depend on its parameters.
     *
     * @throws ElboException usage, for parameters that do not go together; data, for columns that do not fit
     */
    @Override
    public StructType transformSchema(StructType schema) {
        FitSettings.of(this).check();
        FitPlan.of(this, schema);
        return schema;
    }

    /**
     * {@return the model that is trained on the rows, with its {@link VaeModel#trainingMetrics()}}
     *
     * @param dataset no stream; it is read and sorted once, and then read from Spark's shuffle files
     * @throws ElboException as {@link #transformSchema}; usage, for settings of the cluster on which this would not work; unavailable,
     *     if it runs too few tasks at the same time; data, for rows that cannot be trained on
     */
    @Override
    public VaeModel fit(Dataset<?> dataset) {
        transformSchema(dataset.schema());
        return new Fit(this, listener).run(dataset);
    }

    @Override
    public VaeEstimator copy(ParamMap extra) {
        VaeEstimator copy = new VaeEstimator(uid());
        copyValues(copy, extra);
        copy.listener = listener;
        return copy;
    }
}
