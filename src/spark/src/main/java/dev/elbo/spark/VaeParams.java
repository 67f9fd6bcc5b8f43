package dev.elbo.spark;

import dev.elbo.Backends;
import dev.elbo.analysis.AnomalyScore;
import java.util.Arrays;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/** The parameters of {@link VaeModel}, with their documentation and defaults. */
public abstract class VaeParams extends Model<VaeModel> {
    /** Ends a job at the first invalid row. */
    static final String ERROR = "error";
    /** Leaves invalid rows out. */
    static final String SKIP = "skip";
    /** Gives invalid rows null in all outputs. */
    static final String KEEP = "keep";
    /** Takes words that a table lacks as missing values. */
    static final String MISSING = "missing";

    private final String uid;
    private final Param<String> featuresCol;
    private final StringArrayParam inputCols;
    private final Param<String> classCol;
    private final Param<String> latentCol;
    private final Param<String> scoreCol;
    private final Param<String> reconstructionCol;
    private final Param<String> scoreKind;
    private final IntParam samples;
    private final LongParam seed;
    private final IntParam batchSize;
    private final Param<String> backend;
    private final Param<String> handleInvalid;
    private final Param<String> unknown;

    VaeParams(String uid) {
        this.uid = uid;
        featuresCol = ParamKinds.column(
                this,
                "featuresCol",
                "column of the examples: a vector, or an array of float or double, with a value for each input");
        inputCols = new StringArrayParam(
                this,
                "inputCols",
                "columns of the examples, one for each input, in place of featuresCol; for a model that stores names they"
                        + " are these names, in any order. By default the columns of the table, for a model of a table",
                ParamKinds.names("inputCols"));
        classCol = ParamKinds.column(
                this, "classCol", "column of the class of each row, for a model with classes; '' for others");
        latentCol = ParamKinds.column(this, "latentCol", "output column of the codes, means of q(z|x); '' for none");
        scoreCol = ParamKinds.column(
                this, "scoreCol", "output column of the anomaly score in nats, higher is stranger; '' for none");
        reconstructionCol = ParamKinds.column(
                this,
                "reconstructionCol",
                "output column of the reconstruction, the mean of p(x|z) at the code; '' for none");
        scoreKind = ParamKinds.choice(
                this,
                "scoreKind",
                "anomaly score: elbo, reconstruction or likelihood",
                Arrays.stream(AnomalyScore.values()).map(AnomalyScore::label).toArray(String[]::new));
        samples = new IntParam(
                this, "samples", "draws from q(z|x) for each score, at least 1", ParamKinds.atLeast("samples", 1));
        seed = new LongParam(this, "seed", "seed of the noise of the scores, which is the same for each row");
        batchSize = new IntParam(
                this, "batchSize", "rows that are computed together, at least 1", ParamKinds.atLeast("batchSize", 1));
        backend = ParamKinds.backend(this);
        handleInvalid = ParamKinds.choice(
                this,
                "handleInvalid",
                "rows that the model cannot take: error ends the job, skip leaves them out, keep gives them null",
                ERROR,
                SKIP,
                KEEP);
        unknown = ParamKinds.choice(
                this,
                "unknown",
                "words that the table of the model lacks: error makes the row invalid, missing takes them as missing values",
                ERROR,
                MISSING);
        setDefault(featuresCol, "features");
        setDefault(classCol, "");
        setDefault(latentCol, "latent");
        setDefault(scoreCol, "score");
        setDefault(reconstructionCol, "");
        setDefault(scoreKind, AnomalyScore.NEGATIVE_ELBO.label());
        setDefault(samples, 16);
        setDefault(seed, 0L);
        setDefault(batchSize, 512);
        setDefault(backend, "auto");
        setDefault(handleInvalid, ERROR);
        setDefault(unknown, ERROR);
    }

    @Override
    public String uid() {
        return uid;
    }

    /** {@return the parameter of the column of the examples; by default "features"} */
    public Param<String> featuresCol() {
        return featuresCol;
    }

    /** {@return the column of the examples} */
    public String getFeaturesCol() {
        return getOrDefault(featuresCol);
    }

    /** {@return the parameter of the columns with a value of the examples each; without a default} */
    public StringArrayParam inputCols() {
        return inputCols;
    }

    /** {@return the columns with a value of the examples each; none unless they were set} */
    public String[] getInputCols() {
        return isDefined(inputCols) ? getOrDefault(inputCols).clone() : new String[0];
    }

    /** {@return the parameter of the column of classes; by default "", for a model without} */
    public Param<String> classCol() {
        return classCol;
    }

    /** {@return the column of classes} */
    public String getClassCol() {
        return getOrDefault(classCol);
    }

    /** {@return the parameter of the output column of codes; by default "latent"} */
    public Param<String> latentCol() {
        return latentCol;
    }

    /** {@return the output column of codes} */
    public String getLatentCol() {
        return getOrDefault(latentCol);
    }

    /** {@return the parameter of the output column of scores; by default "score"} */
    public Param<String> scoreCol() {
        return scoreCol;
    }

    /** {@return the output column of scores} */
    public String getScoreCol() {
        return getOrDefault(scoreCol);
    }

    /** {@return the parameter of the output column of reconstructions; by default "", for none} */
    public Param<String> reconstructionCol() {
        return reconstructionCol;
    }

    /** {@return the output column of reconstructions} */
    public String getReconstructionCol() {
        return getOrDefault(reconstructionCol);
    }

    /** {@return the parameter of the anomaly score: "elbo", the default, "reconstruction" or "likelihood"} */
    public Param<String> scoreKind() {
        return scoreKind;
    }

    /** {@return the anomaly score} */
    public String getScoreKind() {
        return getOrDefault(scoreKind);
    }

    /** {@return the parameter of the draws for each score; by default 16} */
    public IntParam samples() {
        return samples;
    }

    /** {@return the draws for each score} */
    public int getSamples() {
        return (int) getOrDefault(samples);
    }

    /** {@return the parameter of the seed of the scores' noise; by default 0} */
    public LongParam seed() {
        return seed;
    }

    /** {@return the seed of the scores' noise} */
    public long getSeed() {
        return (long) getOrDefault(seed);
    }

    /** {@return the parameter of the rows that are computed together; by default 512} */
    public IntParam batchSize() {
        return batchSize;
    }

    /** {@return the rows that are computed together} */
    public int getBatchSize() {
        return (int) getOrDefault(batchSize);
    }

    /** {@return the parameter of the backend, one of {@link Backends#NAMES}; by default "auto"} */
    public Param<String> backend() {
        return backend;
    }

    /** {@return the backend} */
    public String getBackend() {
        return getOrDefault(backend);
    }

    /** {@return the parameter of what becomes of invalid rows: "error", the default, "skip" or "keep"} */
    public Param<String> handleInvalid() {
        return handleInvalid;
    }

    /** {@return what becomes of invalid rows} */
    public String getHandleInvalid() {
        return getOrDefault(handleInvalid);
    }

    /** {@return the parameter of words that the table lacks: "error", the default, or "missing"} */
    public Param<String> unknown() {
        return unknown;
    }

    /** {@return what becomes of words that the table lacks} */
    public String getUnknown() {
        return getOrDefault(unknown);
    }
}
