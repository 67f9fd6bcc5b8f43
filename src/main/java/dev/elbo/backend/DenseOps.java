package dev.elbo.backend;

import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;

/** The operations of dense layers; shapes and conventions are those of {@link Ops}. */
public sealed interface DenseOps extends CheckedOps permits Ops {
    /**
     * Computes a dense layer: {@code y = activation(x · weightᵀ + bias)}.
     *
     * @param x R × in
     * @param weight out × in, dense
     * @param bias 1 × out; optional: zeros
     * @param activation f, behind x · weightᵀ + bias
     * @param y R × out
     */
    default void dense(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor y) {
        checks().require("dense")
                .real("y", y, x.rows(), weight.rows())
                .real("x", x, x.rows(), weight.cols())
                .real("weight", weight, weight.rows(), weight.cols())
                .dense("weight", weight)
                .optional("bias", bias, 1, weight.rows())
                .requireDisjoint("y", y, x, weight, bias);
        checks().submit(checks().raw().dense().dense(x, weight, bias, activation, y));
    }

    /**
     * Computes the gradients of a dense layer. {@code dY} is used up: it becomes the gradient before the activation,
     * {@code dY ⊙ activation′(y)}; with it {@code dW = dYᵀ · x}, {@code dB = Σ_rows dY}, {@code dX = dY · weight}.
     *
     * @param x R × in
     * @param weight out × in, dense
     * @param y R × out, what the layer gave
     * @param dY R × out, read and overwritten
     * @param activation f, as in {@link #dense}
     * @param dW out × in
     * @param dB 1 × out; optional
     * @param dX R × in; optional
     */
    default void denseGrad(
            Tensor x, Tensor weight, Tensor y, Tensor dY, Activation activation, Tensor dW, Tensor dB, Tensor dX) {
        checks().require("denseGrad")
                .real("x", x, x.rows(), weight.cols())
                .real("weight", weight, weight.rows(), weight.cols())
                .dense("weight", weight)
                .real("y", y, x.rows(), weight.rows())
                .real("dY", dY, x.rows(), weight.rows())
                .real("dW", dW, weight.rows(), weight.cols())
                .optional("dB", dB, 1, weight.rows())
                .optional("dX", dX, x.rows(), weight.cols())
                .requireDisjoint("dY", dY, x, weight, y)
                .requireDisjoint("dW", dW, x, weight, y, dY)
                .requireDisjoint("dB", dB, x, weight, y, dY, dW)
                .requireDisjoint("dX", dX, x, weight, y, dY, dW, dB);
        checks().submit(checks().raw().dense().denseGrad(x, weight, y, dY, activation, dW, dB, dX));
    }

    /**
     * Computes {@code y = activation(x)}, both R × C.
     *
     * @param x R × C
     * @param activation f
     * @param y R × C, written
     */
    default void activate(Tensor x, Activation activation, Tensor y) {
        checks().require("activate")
                .real("x", x, x.rows(), x.cols())
                .real("y", y, x.rows(), x.cols())
                .requireDisjoint("y", y, x);
        checks().submit(checks().raw().dense().activate(x, activation, y));
    }

    /**
     * Computes the gradients of an activation and of a bias before it: {@code dY = dY ⊙ activation′(y)}, {@code dB = Σ_rows
     * dY}.
     *
     * @param y R × C, what the activation gave
     * @param dY R × C, read and overwritten; only read if f is the identity
     * @param activation f
     * @param dB 1 × C
     */
    default void activateGrad(Tensor y, Tensor dY, Activation activation, Tensor dB) {
        checks().require("activateGrad")
                .real("y", y, dY.rows(), dY.cols())
                .real("dY", dY, dY.rows(), dY.cols())
                .real("dB", dB, 1, dY.cols())
                .that(activation == Activation.IDENTITY || !dY.overlaps(y), "dY overlaps another argument")
                .requireDisjoint("dB", dB, y, dY);
        checks().submit(checks().raw().dense().activateGrad(y, dY, activation, dB));
    }
}
