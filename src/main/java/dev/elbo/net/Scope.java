package dev.elbo.net;

import dev.elbo.backend.Ops;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Tensor;

/**
 * The operations and tensors that a component works with. Tensors have the names that the component gave them in {@link
 * Parameters} and {@link Layer#values}.
 *
 * @param ops operations to queue
 * @param module its name in files, which its tensors' names begin with; empty for none
 * @param parameters of the model
 * @param gradients of the parameters; null in a forward pass
 * @param values of the batch
 * @param valueGradients of the values; null in a forward pass
 */
public record Scope(Ops ops, String module, Arena parameters, Arena gradients, Arena values, Arena valueGradients) {
    static final String LABELS = "labels";

    /**
     * {@return a parameter}
     *
     * @param name as the component named it
     */
    public Tensor parameter(String name) {
        return parameters.tensor(full(module, name));
    }

    /**
     * {@return the gradient with respect to a parameter}
     *
     * @param name as the component named it
     */
    public Tensor gradient(String name) {
        return gradients.tensor(full(module, name));
    }

    /**
     * {@return a value}
     *
     * @param name as the component named it
     */
    public Tensor value(String name) {
        return values.tensor(full(module, name));
    }

    /**
     * {@return the gradient with respect to a value}
     *
     * @param name as the component named it
     */
    public Tensor valueGradient(String name) {
        return valueGradients.tensor(full(module, name));
    }

    /** {@return the label of each example, B × 1, of a model with classes} */
    public Tensor labels() {
        return values.tensor(LABELS);
    }

    static String full(String module, String name) {
        return module.isEmpty() ? name : module + "." + name;
    }
}
