package dev.elbo.net;

import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;
import java.util.function.UnaryOperator;

/** The likelihood p(x|z) over the decoder's output: its loss, its mean, draws from it, and where it starts. */
public interface OutputLikelihood {
    /**
     * {@return whether x are binary values or their probabilities, in [0, 1] and in no other unit; otherwise they are real
     * numbers and the likelihood is a density}
     */
    boolean binary();

    /**
     * {@return whether training uses the variance that fits each batch best, and the model stores that of the last epoch;
     * by default false}
     */
    default boolean fitsVariance() {
        return false;
    }

    /** {@return whether each input has a trained variance of its own; by default false} */
    default boolean variancePerDimension() {
        return false;
    }

    /**
     * Adds its parameters, in the order of files; by default none. A trained log σ² is called {@link
     * Parameters#OUTPUT_LOG_VAR}.
     *
     * @param to takes them
     */
    default void parameters(Parameters to) {}

    /** {@return the function from the output to the mean of p(x|z)} */
    Activation mean();

    /**
     * Queues output → −log p(x|z) of every row, if no weights are given, and the gradient of {@code scale · Σ_r rowWeight_r
     * loss_r}.
     *
     * @param scope operations, parameters and, if there are gradients to write, those of the parameters
     * @param a values of the batch: the output and its log σ² are read, the reconstruction is written
     * @param x B × D
     * @param rowWeight K·B × 1, or null: 1
     * @param scale of what the gradients are of
     * @param dOutput written, K·B × D, or null: no gradients
     */
    void loss(Scope scope, Activations a, Tensor x, Tensor rowWeight, double scale, Tensor dOutput);

    /**
     * {@return the decoder's initial output, the same for every example, D}
     *
     * @param mean of each input over the data, D
     */
    double[] startOutput(double[] mean);

    /**
     * {@return the mean of log p(x|z) over data whose every example is predicted as the mean of other data}
     *
     * @param mean of each input over the data, D
     * @param variance of each input around its mean
     * @param predictedMean of each input over the other data
     * @param predictedVariance of each input over the other data
     */
    double constantLogDensity(double[] mean, double[] variance, double[] predictedMean, double[] predictedVariance);

    /** Turns means of p(x|z) into draws, row by row. */
    interface Draws {
        /**
         * Replaces the means of one row by draws, NaN by NaN.
         *
         * @param noise D uniforms in [0, 1) for a {@link #binary} likelihood, otherwise standard normals
         * @param x rows of means
         * @param at place of the row's first value
         */
        void draw(float[] noise, float[] x, int at);
    }

    /**
     * {@return draws from p(x|z)}
     *
     * @param logVar log σ² of now, not yet clamped: 1 value or D; none if the likelihood has no variance of its own
     */
    Draws draws(double[] logVar);

    /**
     * Adds the operators from the decoder to p(x|z) to an inference graph, the last layer among them, and declares their
     * outputs besides {@code x_mean}.
     *
     * @param graph under construction
     * @param output adds the last layer with a given name of its output, and returns the name
     */
    void export(OperatorGraph graph, UnaryOperator<String> output);
}
