package dev.elbo.spark;

import dev.elbo.model.Activation;
import java.util.Arrays;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/** The parameters of {@link VaeEstimator} that say what is trained on what, with their documentation and defaults. */
public abstract class VaeDataParams extends Estimator<VaeModel> {

    private final String uid;
    private final Param<String> featuresCol;
    private final StringArrayParam inputCols;
    private final Param<String> idCol;
    private final Param<String> validationIndicatorCol;
    private final Param<String> dataName;
    private final IntArrayParam hidden;
    private final IntParam latent;
    private final Param<String> activation;
    private final Param<String> likelihood;
    private final Param<String> variance;
    private final Param<String> objective;
    private final DoubleParam beta;
    private final DoubleParam betaWarmup;
    private final IntParam samples;
    private final Param<String> standardize;

    VaeDataParams(String uid) {
        this.uid = uid;
        featuresCol = ParamKinds.column(
                this,
                "featuresCol",
                "column of the examples: a vector, or an array of float or double, of the same number of values in each row");
        inputCols = new StringArrayParam(
                this,
                "inputCols",
                "columns of the examples, one for each input of the model, in place of featuresCol; the model stores the names",
                ParamKinds.names("inputCols"));
        idCol = ParamKinds.column(
                this,
                "idCol",
                "column that orders the rows, different in each; '' sorts them by all their values, so that equal rows may change places");
        validationIndicatorCol = ParamKinds.column(
                this,
                "validationIndicatorCol",
                "column of booleans, true in the rows that decide when to stop and which weights to keep; '' holds out a tenth of the rows, always the same ones, as elbo train does");
        dataName = new Param<>(
                this,
                "dataName",
                "name of the data, which the model stores",
                ParamKinds.require(value -> true, "dataName", "it must be a text"));
        hidden = new IntArrayParam(
                this,
                "hidden",
                "units of the hidden layers of the encoder, which the decoder mirrors",
                ParamKinds.require(
                        widths -> Arrays.stream(widths).allMatch(width -> width >= 1),
                        "hidden",
                        "widths must be at least 1"));
        latent = new IntParam(this, "latent", "latent units, at least 1", ParamKinds.atLeast("latent", 1));
        activation = ParamKinds.choice(
                this,
                "activation",
                "activation of the hidden layers",
                Arrays.stream(Activation.values()).map(Activation::label).toArray(String[]::new));
        likelihood = ParamKinds.choice(
                this,
                "likelihood",
                "likelihood of x: gaussian (unit variance), gaussian-optimal (one variance, at its optimum), gaussian-learned or bernoulli",
                "gaussian",
                "gaussian-optimal",
                "gaussian-learned",
                "bernoulli");
        variance = ParamKinds.choice(
                this, "variance", "variance of gaussian-learned: shared or per-dimension", "shared", "per-dimension");
        objective = ParamKinds.choice(
                this,
                "objective",
                "what is minimised: vae (the weighted ELBO), iwae, dreg, or ae, the plain autoencoder",
                "vae",
                "iwae",
                "dreg",
                "ae");
        beta = new DoubleParam(
                this,
                "beta",
                "weight of the KL divergence of objective vae, at least 0",
                ParamKinds.require(value -> (double) value >= 0, "beta", "it must be at least 0"));
        betaWarmup = new DoubleParam(
                this,
                "betaWarmup",
                "epochs over which the weight of the KL divergence grows linearly to beta",
                ParamKinds.require(value -> (double) value >= 0, "betaWarmup", "it must be at least 0"));
        samples = new IntParam(
                this,
                "samples",
                "latent samples of each example; 0: 1, or 5 for iwae and dreg",
                ParamKinds.atLeast("samples", 0));
        standardize = ParamKinds.choice(
                this,
                "standardize",
                "unit of the training: none; per-feature (each has mean 0 and deviation 1); shared (all values together have)",
                "none",
                "per-feature",
                "shared");
        setDefault(featuresCol, "features");
        setDefault(idCol, "");
        setDefault(validationIndicatorCol, "");
        setDefault(dataName, "spark");
        setDefault(hidden, new int[] {400});
        setDefault(latent, 20);
        setDefault(activation, "relu");
        setDefault(likelihood, "gaussian-optimal");
        setDefault(variance, "shared");
        setDefault(objective, "vae");
        setDefault(beta, 1.0);
        setDefault(betaWarmup, 0.0);
        setDefault(samples, 0);
        setDefault(standardize, "none");
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

    /** {@return the parameter of the column that orders the rows; by default ""} */
    public Param<String> idCol() {
        return idCol;
    }

    /** {@return the column that orders the rows} */
    public String getIdCol() {
        return getOrDefault(idCol);
    }

    /** {@return the parameter of the column that tells the rows of the validation; by default ""} */
    public Param<String> validationIndicatorCol() {
        return validationIndicatorCol;
    }

    /** {@return the column that tells the rows of the validation} */
    public String getValidationIndicatorCol() {
        return getOrDefault(validationIndicatorCol);
    }

    /** {@return the parameter of the name of the data; by default "spark"} */
    public Param<String> dataName() {
        return dataName;
    }

    /** {@return the name of the data} */
    public String getDataName() {
        return getOrDefault(dataName);
    }

    /** {@return the parameter of the units of the hidden layers; by default 400} */
    public IntArrayParam hidden() {
        return hidden;
    }

    /** {@return the units of the hidden layers} */
    public int[] getHidden() {
        return getOrDefault(hidden).clone();
    }

    /** {@return the parameter of the latent units; by default 20} */
    public IntParam latent() {
        return latent;
    }

    /** {@return the latent units} */
    public int getLatent() {
        return (int) getOrDefault(latent);
    }

    /** {@return the parameter of the activation of the hidden layers; by default "relu"} */
    public Param<String> activation() {
        return activation;
    }

    /** {@return the activation of the hidden layers} */
    public String getActivation() {
        return getOrDefault(activation);
    }

    /** {@return the parameter of the likelihood; by default "gaussian-optimal"} */
    public Param<String> likelihood() {
        return likelihood;
    }

    /** {@return the likelihood} */
    public String getLikelihood() {
        return getOrDefault(likelihood);
    }

    /** {@return the parameter of the variance of gaussian-learned; by default "shared"} */
    public Param<String> variance() {
        return variance;
    }

    /** {@return the variance of gaussian-learned} */
    public String getVariance() {
        return getOrDefault(variance);
    }

    /** {@return the parameter of what is minimised; by default "vae"} */
    public Param<String> objective() {
        return objective;
    }

    /** {@return what is minimised} */
    public String getObjective() {
        return getOrDefault(objective);
    }

    /** {@return the parameter of the weight of the KL divergence; by default 1.0} */
    public DoubleParam beta() {
        return beta;
    }

    /** {@return the weight of the KL divergence} */
    public double getBeta() {
        return (double) getOrDefault(beta);
    }

    /** {@return the parameter of the epochs over which the weight of the KL divergence grows; by default 0.0} */
    public DoubleParam betaWarmup() {
        return betaWarmup;
    }

    /** {@return the epochs over which the weight of the KL divergence grows} */
    public double getBetaWarmup() {
        return (double) getOrDefault(betaWarmup);
    }

    /** {@return the parameter of the latent samples of each example; by default 0} */
    public IntParam samples() {
        return samples;
    }

    /** {@return the latent samples of each example, or 0} */
    public int getSamples() {
        return (int) getOrDefault(samples);
    }

    /** {@return the parameter of the unit of the training; by default "none"} */
    public Param<String> standardize() {
        return standardize;
    }

    /** {@return the unit of the training} */
    public String getStandardize() {
        return getOrDefault(standardize);
    }
}
