package dev.elbo.net;

import dev.elbo.tensor.Tensor;
import java.util.Map;

/** A layer of the encoder or decoder: a function of the rows of a matrix, with parameters. It has no state. */
public interface Layer {
    /** {@return the columns of its output} */
    int outputs();

    /**
     * Adds its parameters, in the order of files.
     *
     * @param to takes them
     */
    void parameters(Parameters to);

    /**
     * {@return the columns of what it keeps between the forward and the backward pass besides its input and output, by name, a
     * row for each row of x; by default nothing}
     */
    default Map<String, Integer> values() {
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
     * Adds its operators to an inference graph.
     *
     * @param graph under construction
     * @param module the layer's name in files
     * @param x name of the input
     * @param y name that the output gets
     */
    void export(OperatorGraph graph, String module, String x, String y);
}
