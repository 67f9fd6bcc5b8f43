package dev.elbo.net;

import dev.elbo.model.FeatureMap;
import dev.elbo.tensor.Tensor;
import java.util.Map;

/** A layer of the encoder or decoder: a function of the rows of a matrix, with parameters. It has no state. */
public interface Layer {
    /** {@return the shape of a row of its output; between layers, pictures count channels last} */
    FeatureMap shape();

    /** {@return the columns of its output} */
    default int outputs() {
        return shape().size();
    }

    /**
     * {@return whether it takes the class of an example from {@link Scope#labels()}} It may if its {@link Place} has classes,
     * and then later layers of the stack are not told. By default it does not.
     */
    default boolean conditional() {
        return false;
    }

    /**
     * Adds its parameters, in the order of files.
     *
     * @param to takes them
     */
    void parameters(Parameters to);

    /**
     * {@return the shapes of what it computes with besides its input and output, by name; by default nothing} It is kept from
     * the forward to the backward pass, and has gradients of the same shapes.
     *
     * @param rows of x
     */
    default Map<String, int[]> values(int rows) {
        return Map.of();
    }

    /**
     * {@return the shapes of what the backward pass alone computes with, by name, none of {@link #values}; by default nothing}
     *
     * @param rows of x
     */
    default Map<String, int[]> gradients(int rows) {
        return Map.of();
    }

    /**
     * Queues x → y.
     *
     * @param scope operations, parameters and values
     * @param x R × in
     * @param y R × {@link #outputs()}, written
     */
    void forward(Scope scope, Tensor x, Tensor y);

    /**
     * Queues dY → the gradients of the parameters and dX.
     *
     * @param scope operations, parameters, values and the gradients of both
     * @param x R × in
     * @param y what {@link #forward} gave
     * @param dY gradient with respect to y, R × {@link #outputs()}; may be overwritten
     * @param dX written, R × in; null if it is not needed
     */
    void backward(Scope scope, Tensor x, Tensor y, Tensor dY, Tensor dX);

    /**
     * Adds its operators to an inference graph, in which feature maps are as in files: vectors that count channels first.
     *
     * @param graph under construction
     * @param module the layer's name in files
     * @param x name of the input
     * @param y name that the output gets
     */
    void export(OperatorGraph graph, String module, String x, String y);
}
