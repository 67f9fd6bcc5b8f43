package dev.elbo.spark;

import dev.elbo.error.ElboException;
import dev.elbo.model.VaeSpec;
import dev.elbo.train.EpochMetrics;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;

/**
 * A trained model as a transformer of Spark ML: it adds codes, anomaly scores and reconstructions to the rows of a DataFrame, in
 * batch jobs and in streams, alone and in a {@link org.apache.spark.ml.Pipeline}.
 *
 * <p>{@link #ofFile} reads a {@code model.safetensors} that elbo has trained. {@link #load} reads the folder that {@link #save}
 * has written, as for every stage of Spark ML; it holds the parameters and the same file, byte for byte.
 *
 * <p>The file is broadcast once. In each JVM of an executor all tasks share one {@link dev.elbo.serve.VaeService} of the model,
 * which is opened by the first of them. What a row gets depends on the row alone, up to the last digits of float32, which the
 * place in a batch may change.
 *
 * <p>Errors are {@link ElboException}s of one line: of {@link #transformSchema} on the driver, for parameters and columns that do
 * not fit the model; in tasks, for rows that the model cannot take, unless {@link #handleInvalid} says otherwise.
 */
public final class VaeModel extends VaeParams implements MLWritable {
    private final ModelContent content;
    /** The epochs of the training that has made the model here; null if it was read. */
    private final transient List<EpochMetrics> epochs;

    VaeModel(String uid, ModelContent content) {
        this(uid, content, null);
    }

    VaeModel(String uid, ModelContent content, List<EpochMetrics> epochs) {
        super(uid);
        this.content = content;
        this.epochs = epochs;
    }

    /**
     * {@return the model in a file that elbo has written} It is read at once, and nowhere but here. {@link #load} reads what
     * {@link #save} has written instead.
     *
     * @param path of a {@code model.safetensors}, in any file system that Hadoop knows: {@code hdfs://…}, {@code s3a://…},
     *     {@code file:/…}; without a scheme, in the default one
     * @throws ElboException data, if it is not a model that can be trusted; io, if it cannot be read
     */
    public static VaeModel ofFile(String path) {
        ModelContent content = ModelContent.read(Objects.requireNonNull(path, "path"), ModelContent.configuration());
        return new VaeModel(Identifiable$.MODULE$.randomUID("vae"), content);
    }

    /** {@return a reader of folders that {@link #write} has written} */
    public static MLReader<VaeModel> read() {
        return new VaeModelReader();
    }

    /**
     * {@return the model in a folder that {@link #save} has written} {@link #ofFile} reads the file of a model.
     *
     * @param path of the folder, in any file system that Hadoop knows
     * @throws ElboException data, if it holds no such model; io, if it cannot be read
     */
    public static VaeModel load(String path) {
        return read().load(path);
    }

    /** {@return a writer of a folder with the parameters and the file of the model} */
    @Override
    public MLWriter write() {
        return new VaeModelWriter(this, content);
    }

    /** {@return the model's specification: D inputs, J latents, likelihood} */
    public VaeSpec spec() {
        return content.spec();
    }

    /**
     * {@return the columns of a row as the model knows them: those of its table, else the names of its inputs, else x0, x1, …}
     * They are the default of {@link #inputCols} for a model of a table, and may be given to it for others.
     */
    public List<String> columns() {
        return content.columns();
    }

    /**
     * Sets the column of the examples.
     *
     * @param value name of a column of vectors, or of arrays of float or double
     * @return this
     */
    public VaeModel setFeaturesCol(String value) {
        set(featuresCol(), value);
        return this;
    }

    /**
     * Sets the columns with a value of the examples each.
     *
     * @param values names of columns of numbers or booleans, for a model of a table of words too
     * @return this
     */
    public VaeModel setInputCols(String... values) {
        set(inputCols(), values.clone());
        return this;
    }

    /**
     * Sets the column of classes.
     *
     * @param value name of a column of words or whole numbers, or ""
     * @return this
     */
    public VaeModel setClassCol(String value) {
        set(classCol(), value);
        return this;
    }

    /**
     * Sets the output column of codes.
     *
     * @param value a new name, or "" for no codes
     * @return this
     */
    public VaeModel setLatentCol(String value) {
        set(latentCol(), value);
        return this;
    }

    /**
     * Sets the output column of scores.
     *
     * @param value a new name, or "" for no scores
     * @return this
     */
    public VaeModel setScoreCol(String value) {
        set(scoreCol(), value);
        return this;
    }

    /**
     * Sets the output column of reconstructions.
     *
     * @param value a new name, or "" for no reconstructions
     * @return this
     */
    public VaeModel setReconstructionCol(String value) {
        set(reconstructionCol(), value);
        return this;
    }

    /**
     * Sets the anomaly score.
     *
     * @param value "elbo", "reconstruction" or "likelihood", see {@link dev.elbo.analysis.AnomalyScore}
     * @return this
     */
    public VaeModel setScoreKind(String value) {
        set(scoreKind(), value);
        return this;
    }

    /**
     * Sets the draws for each score.
     *
     * @param value at least 1
     * @return this
     */
    public VaeModel setSamples(int value) {
        set(samples(), value);
        return this;
    }

    /**
     * Sets the seed of the scores' noise.
     *
     * @param value any number
     * @return this
     */
    public VaeModel setSeed(long value) {
        set(seed(), value);
        return this;
    }

    /**
     * Sets the rows that are computed together. Small batches cost as much as full ones, and a task holds one batch in memory.
     *
     * @param value at least 1
     * @return this
     */
    public VaeModel setBatchSize(int value) {
        set(batchSize(), value);
        return this;
    }

    /**
     * Sets the backend.
     *
     * @param value one of {@link dev.elbo.Backends#NAMES}
     * @return this
     */
    public VaeModel setBackend(String value) {
        set(backend(), value);
        return this;
    }

    /**
     * Sets what becomes of rows that the model cannot take.
     *
     * @param value "error" ends the job, "skip" leaves them out, "keep" gives them null in all outputs
     * @return this
     */
    public VaeModel setHandleInvalid(String value) {
        set(handleInvalid(), value);
        return this;
    }

    /**
     * Sets what becomes of words that the model's table lacks.
     *
     * @param value "error" makes the row invalid, "missing" takes them as missing values
     * @return this
     */
    public VaeModel setUnknown(String value) {
        set(unknown(), value);
        return this;
    }

    /**
     * {@return the metrics of the epochs of the training, a row each} The columns are named as in elbo's {@code metrics.jsonl};
     * {@code train}, {@code validation} and {@code test} are structs.
     *
     * @throws ElboException usage, if {@link VaeEstimator#fit} has not made the model in this process
     */
    public Dataset<Row> trainingMetrics() {
        if (epochs == null) {
            throw ElboException.usage(
                    "trainingMetrics are those of a model that VaeEstimator.fit has just made; a saved model"
                            + " has none");
        }
        return MetricsRows.of(SparkSession.active(), epochs);
    }

    /**
     * Writes the model's file, which every command of elbo reads; {@link #save} writes a folder for Spark instead.
     *
     * @param path of a {@code model.safetensors} to be made or replaced, in any file system that Hadoop knows
     * @throws ElboException io, if it cannot be written
     */
    public void saveFile(String path) {
        content.write(Objects.requireNonNull(path, "path"), ModelContent.configuration());
    }

    private Scoring scoring(StructType schema) {
        return new ScoringPlanner(this, content, schema).plan();
    }

    /**
     * {@return the schema with the output columns}
     *
     * @throws ElboException usage, if parameters do not fit the model; data, if columns do not
     */
    @Override
    public StructType transformSchema(StructType schema) {
        return scoring(schema).output();
    }

    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        Scoring scoring = scoring(dataset.schema());
        LongAccumulator invalid = dataset.sparkSession().sparkContext().longAccumulator(uid() + ": invalid rows");
        ScoringTask task = new ScoringTask(
                scoring, content.broadcast(dataset.sparkSession().sparkContext()), invalid);
        return withMetadata(dataset.toDF().mapPartitions(task, Encoders.row(scoring.output())), scoring.output());
    }

    /** Gives columns their metadata, which an encoder loses. */
    private static Dataset<Row> withMetadata(Dataset<Row> rows, StructType schema) {
        StructField[] fields = schema.fields();
        if (Arrays.equals(fields, rows.schema().fields())) {
            return rows;
        }
        return rows.select(Arrays.stream(fields)
                .map(field -> functions
                        .col("`" + field.name().replace("`", "``") + "`")
                        .as(field.name(), field.metadata()))
                .toArray(Column[]::new));
    }

    @Override
    public VaeModel copy(ParamMap extra) {
        VaeModel copy = new VaeModel(uid(), content, epochs);
        copyValues(copy, extra);
        copy.setParent(parent());
        return copy;
    }

    @Override
    public String toString() {
        return "VaeModel: uid=" + uid() + ", " + spec().summary();
    }
}
