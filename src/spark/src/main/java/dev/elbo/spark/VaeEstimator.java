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
public final class VaeEstimator extends VaeEstimatorSetters implements DefaultParamsWritable {
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

    @Override
    VaeEstimator self() {
        return this;
    }

    /**
     * {@return the schema, unchanged} The columns that {@link VaeModel} adds depend on its parameters.
     *
     * @throws ElboException usage, for parameters that do not go together; data, for columns that do not fit
     */
    @Override
    public StructType transformSchema(StructType schema) {
        new FitSettings(this).check();
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
