package dev.elbo.net;

import dev.elbo.model.Columns;
import dev.elbo.tensor.Tensor;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
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

    /**
     * {@return the columns of the table whose rows are examples, in which NaN is a missing value; empty, by default, if examples
     * are values of one kind, all of which are there}
     */
    default Optional<Columns> columns() {
        return Optional.empty();
    }

    /** {@return whether the output is the mean of p(x|z); by default false} */
    default boolean outputIsMean() {
        return false;
    }

    /**
     * Queues output → the mean of p(x|z); not called where the output is the mean.
     *
     * @param scope operations and parameters
     * @param a values of the batch: the output is read
     * @param mean written, K·B × D
     */
    void mean(Scope scope, Activations a, Tensor mean);

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

    /** Examples, for what is computed of them on the host. */
    interface Examples {
        /** {@return the mean of each input, D, over those that are not missing; 0 if all are} */
        double[] mean();

        /** {@return the variance of each input around its mean, D, likewise} */
        double[] variance();

        /**
         * Shows all examples, in order.
         *
         * @param visitor is given an example of D values, NaN where one is missing; the array is used again
         */
        void visit(Consumer<float[]> visitor);
    }

    /**
     * {@return the mean of log p(x|z) over data whose every example is predicted as the mean of other data}
     *
     * @param data the data
     * @param predictedMean of each input over the other data, D
     * @param predictedVariance of each input over the other data, D
     */
    double constantLogDensity(Examples data, double[] predictedMean, double[] predictedVariance);

    /** The noise of one row, each computed when it is asked for. */
    interface RowNoise {
        /** {@return D uniforms in [0, 1)} */
        float[] uniforms();

        /** {@return D standard normals, of the same random words as the uniforms} */
        float[] normals();
    }

    /** Turns means of p(x|z) into draws, row by row. */
    interface Draws {
        /**
         * Replaces the means of one row by draws, NaN by NaN.
         *
         * @param noise of the row
         * @param x rows of means
         * @param at place of the row's first value
         */
        void draw(RowNoise noise, float[] x, int at);
    }

    /**
     * {@return draws from p(x|z)}
     *
     * @param parameter gives the value of a parameter of the likelihood by its name, log σ² of now among them, not yet clamped;
     *     empty if there is none
     */
    Draws draws(Function<String, double[]> parameter);

    /**
     * Adds the operators from examples to what the encoder is given to an inference graph; by default none.
     *
     * @param graph under construction
     * @param x name of the examples, B × D
     * @return the name of what the encoder is given, B × D
     */
    default String exportInputs(OperatorGraph graph, String x) {
        return x;
    }

    /**
     * Adds the operators from the decoder to p(x|z) to an inference graph, the last layer among them, and declares their
     * outputs besides {@code x_mean}.
     *
     * @param graph under construction
     * @param output adds the last layer with a given name of its output, and returns the name
     */
    void export(OperatorGraph graph, UnaryOperator<String> output);
}
