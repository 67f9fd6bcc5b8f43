package dev.elbo.spark;

import dev.elbo.train.TrainingOptions;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/** The parameters of {@link VaeEstimator}: those of data and model, and these of the training, with their documentation and defaults. */
public abstract class VaeEstimatorParams extends VaeDataParams {
    /** Allows workers to send and store without encryption what a cluster would encrypt. */
    static final String PLAINTEXT = "plaintext";
    /** Allows Spark to speculate on the tasks before the training. */
    static final String SPECULATION = "speculation";

    private final IntParam epochs;
    private final IntParam batchSize;
    private final DoubleParam learningRate;
    private final IntParam patience;
    private final LongParam seed;
    private final BooleanParam binarize;
    private final BooleanParam dropLast;
    private final Param<String> backend;
    private final IntParam shards;
    private final IntParam workers;
    private final IntParam localSteps;
    private final Param<String> checkpointDir;
    private final IntParam checkpointInterval;
    private final DoubleParam peerTimeout;
    private final StringArrayParam allow;

    VaeEstimatorParams(String uid) {
        super(uid);
        epochs = new IntParam(this, "epochs", "passes over the data, at least 1", ParamKinds.atLeast("epochs", 1));
        batchSize = new IntParam(
                this,
                "batchSize",
                "examples of a step over all workers, at least 1; the shards divide it",
                ParamKinds.atLeast("batchSize", 1));
        learningRate = new DoubleParam(
                this, "learningRate", "learning rate of Adam, above 0", ParamKinds.above("learningRate", 0));
        patience = new IntParam(
                this,
                "patience",
                "epochs without a better ELBO of the held-out rows after which training stops and the best weights are kept; 0 trains to the end and keeps the last; -1: 20",
                ParamKinds.atLeast("patience", -1));
        seed = new LongParam(this, "seed", "seed of initial weights, order and noise");
        binarize = new BooleanParam(
                this,
                "binarize",
                "whether every batch is made of fresh binary pixels, drawn with the values as probabilities");
        dropLast = new BooleanParam(this, "dropLast", "whether the partial last batch of an epoch is left out");
        backend = ParamKinds.backend(this);
        shards = new IntParam(
                this, "shards", "logical shards of the run, which decide its result", ParamKinds.atLeast("shards", 1));
        workers = new IntParam(
                this,
                "workers",
                "tasks that train at the same time, which do not decide the result; 0: one for each slot, as far as they divide the shards",
                ParamKinds.atLeast("workers", 0));
        localSteps = new IntParam(
                this,
                "localSteps",
                "steps that each shard takes on weights of its own before these are averaged; 1: none",
                ParamKinds.atLeast("localSteps", 1));
        checkpointDir = new Param<>(
                this,
                "checkpointDir",
                "folder of checkpoints that all workers reach, from which a run goes on; '' for none, so that Spark's retry begins anew",
                ParamKinds.require(value -> true, "checkpointDir", "it must be a text"));
        checkpointInterval = new IntParam(
                this,
                "checkpointInterval",
                "epochs between checkpoints, at least 1",
                ParamKinds.atLeast("checkpointInterval", 1));
        peerTimeout = new DoubleParam(
                this,
                "peerTimeout",
                "seconds that workers wait for one that sends nothing before they name it and fail",
                ParamKinds.above("peerTimeout", 0));
        allow = new StringArrayParam(
                this,
                "allow",
                "what is refused unless it is named here: plaintext (rows, weights and gradients unencrypted on local disks and between workers of a cluster that encrypts), speculation (of the stages before the training; those of it are never speculated)",
                ParamKinds.require(
                        names -> List.of(PLAINTEXT, SPECULATION).containsAll(Arrays.asList(names)),
                        "allow",
                        "it takes plaintext and speculation"));
        setDefault(epochs, TrainingOptions.DEFAULT_EPOCHS);
        setDefault(batchSize, 128);
        setDefault(learningRate, 1e-3);
        setDefault(patience, -1);
        setDefault(seed, 0L);
        setDefault(binarize, false);
        setDefault(dropLast, false);
        setDefault(backend, "auto");
        setDefault(shards, 8);
        setDefault(workers, 0);
        setDefault(localSteps, 1);
        setDefault(checkpointDir, "");
        setDefault(checkpointInterval, 1);
        setDefault(peerTimeout, 120.0);
        setDefault(allow, new String[0]);
    }

    /** {@return the parameter of the passes over the data; by default 200} */
    public IntParam epochs() {
        return epochs;
    }

    /** {@return the passes over the data} */
    public int getEpochs() {
        return (int) getOrDefault(epochs);
    }

    /** {@return the parameter of the examples of a step; by default 128} */
    public IntParam batchSize() {
        return batchSize;
    }

    /** {@return the examples of a step} */
    public int getBatchSize() {
        return (int) getOrDefault(batchSize);
    }

    /** {@return the parameter of the learning rate; by default 1e-3} */
    public DoubleParam learningRate() {
        return learningRate;
    }

    /** {@return the learning rate} */
    public double getLearningRate() {
        return (double) getOrDefault(learningRate);
    }

    /** {@return the parameter of the epochs without a better ELBO; by default -1} */
    public IntParam patience() {
        return patience;
    }

    /** {@return the epochs without a better ELBO, or -1} */
    public int getPatience() {
        return (int) getOrDefault(patience);
    }

    /** {@return the parameter of the seed; by default 0} */
    public LongParam seed() {
        return seed;
    }

    /** {@return the seed} */
    public long getSeed() {
        return (long) getOrDefault(seed);
    }

    /** {@return the parameter of whether every batch is made of fresh binary pixels; by default false} */
    public BooleanParam binarize() {
        return binarize;
    }

    /** {@return whether every batch is made of fresh binary pixels} */
    public boolean getBinarize() {
        return (boolean) getOrDefault(binarize);
    }

    /** {@return the parameter of whether the partial last batch is left out; by default false} */
    public BooleanParam dropLast() {
        return dropLast;
    }

    /** {@return whether the partial last batch is left out} */
    public boolean getDropLast() {
        return (boolean) getOrDefault(dropLast);
    }

    /** {@return the parameter of the backend; by default "auto"} */
    public Param<String> backend() {
        return backend;
    }

    /** {@return the backend} */
    public String getBackend() {
        return getOrDefault(backend);
    }

    /** {@return the parameter of the logical shards; by default 8} */
    public IntParam shards() {
        return shards;
    }

    /** {@return the logical shards} */
    public int getShards() {
        return (int) getOrDefault(shards);
    }

    /** {@return the parameter of the tasks that train; by default 0} */
    public IntParam workers() {
        return workers;
    }

    /** {@return the tasks that train, or 0} */
    public int getWorkers() {
        return (int) getOrDefault(workers);
    }

    /** {@return the parameter of the steps of a shard on weights of its own; by default 1} */
    public IntParam localSteps() {
        return localSteps;
    }

    /** {@return the steps of a shard on weights of its own} */
    public int getLocalSteps() {
        return (int) getOrDefault(localSteps);
    }

    /** {@return the parameter of the folder of checkpoints; by default ""} */
    public Param<String> checkpointDir() {
        return checkpointDir;
    }

    /** {@return the folder of checkpoints} */
    public String getCheckpointDir() {
        return getOrDefault(checkpointDir);
    }

    /** {@return the parameter of the epochs between checkpoints; by default 1} */
    public IntParam checkpointInterval() {
        return checkpointInterval;
    }

    /** {@return the epochs between checkpoints} */
    public int getCheckpointInterval() {
        return (int) getOrDefault(checkpointInterval);
    }

    /** {@return the parameter of the seconds that workers wait for each other; by default 120.0} */
    public DoubleParam peerTimeout() {
        return peerTimeout;
    }

    /** {@return the seconds that workers wait for each other} */
    public double getPeerTimeout() {
        return (double) getOrDefault(peerTimeout);
    }

    /** {@return the parameter of what is allowed; by default nothing} */
    public StringArrayParam allow() {
        return allow;
    }

    /** {@return what is allowed} */
    public String[] getAllow() {
        return getOrDefault(allow).clone();
    }
}
