package dev.elbo.backend;

import dev.elbo.model.Activation;
import dev.elbo.model.Patches;
import dev.elbo.tensor.Tensor;

/**
 * The operations that make convolutions of dense layers (Chellapilla et al. 2006): a convolution is a dense layer of {@link
 * #unfold unfolded} patches, a transposed one a dense layer whose rows are {@link #fold folded}. Shapes and conventions are those
 * of {@link Ops}; P patches of S values each belong to a picture of N values.
 */
public sealed interface ConvolutionOps extends CheckedOps permits Ops {
    /**
     * Copies the patches of pictures: row {@code b · P + i} is patch i of picture b, zero where it leaves the picture. Its
     * adjoint is {@link #fold} without bias and activation.
     *
     * @param x R × N
     * @param patches of a picture
     * @param unfolded R·P × S, dense
     */
    default void unfold(Tensor x, Patches patches, Tensor unfolded) {
        checks().require("unfold")
                .real("x", x, x.rows(), patches.picture().size())
                .patches("unfolded", unfolded, x.rows(), patches)
                .requireDisjoint("unfolded", unfolded, x);
        checks().submit(checks().raw().convolution().unfold(x, patches, unfolded));
    }

    /**
     * Adds patches up to pictures: {@code y = activation(bias_c + Σ)}, where the sum of a value of channel c goes over the
     * values of all patches that lie on it, from the patches' top rows down; each row is a sum of its own, from left to right.
     *
     * @param unfolded R·P × S, dense
     * @param patches of a picture
     * @param bias 1 × channels; optional: zeros
     * @param activation f
     * @param y R × N
     */
    default void fold(Tensor unfolded, Patches patches, Tensor bias, Activation activation, Tensor y) {
        checks().require("fold")
                .real("y", y, y.rows(), patches.picture().size())
                .patches("unfolded", unfolded, y.rows(), patches)
                .optional("bias", bias, 1, patches.picture().channels())
                .requireDisjoint("y", y, unfolded, bias);
        checks().submit(checks().raw().convolution().fold(unfolded, patches, bias, activation, y));
    }
}
