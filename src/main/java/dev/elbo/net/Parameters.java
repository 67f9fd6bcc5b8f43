package dev.elbo.net;

import dev.elbo.model.VaeSpec;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Layout;
import dev.elbo.tensor.Tensor;
import java.util.List;

/**
 * The trained parameters of a model, by their names in files. Parameters, their gradients and the moments of the
 * optimiser have the same layout, each in an arena of its own. Biases are 1 × out, weights out × in.
 */
public final class Parameters {
    static final String MU_WEIGHT = "mu.weight";
    static final String MU_BIAS = "mu.bias";
    /**
     * The log σ² of gaussian-learned, 1 × 1 or 1 × D; in files also that of gaussian-optimal, which does not train it.
     */
    public static final String OUTPUT_LOG_VAR = "output.log_var";

    private Parameters() {}

    /**
     * {@return the layout of a model: encoder from the input on, the heads, decoder from the latents on} The two heads
     * are neighbours, so that they are one dense layer of 2J outputs, μ first.
     *
     * @param spec the model
     */
    public static Layout layout(VaeSpec spec) {
        Layout layout = new Layout();
        int width = spec.inputs();
        List<Integer> hidden = spec.hidden();
        for (int i = 0; i < hidden.size(); i++) {
            width = dense(layout, "encoder." + i, width, hidden.get(i));
        }
        layout.add(MU_WEIGHT, spec.latent(), width);
        if (spec.stochastic()) {
            layout.append("log_var.weight", spec.latent(), width);
        }
        layout.add(MU_BIAS, 1, spec.latent());
        if (spec.stochastic()) {
            layout.append("log_var.bias", 1, spec.latent());
        }
        width = spec.latent();
        for (int i = 0; i < hidden.size(); i++) {
            width = dense(layout, "decoder." + i, width, hidden.get(hidden.size() - 1 - i));
        }
        dense(layout, "output", width, spec.inputs());
        if (spec.learnedVariances() > 0) {
            layout.add(OUTPUT_LOG_VAR, 1, spec.learnedVariances());
        }
        return layout;
    }

    private static int dense(Layout layout, String name, int in, int out) {
        layout.add(name + ".weight", out, in);
        layout.add(name + ".bias", 1, out);
        return out;
    }

    /** Weights of both heads, 2J × in; of a plain autoencoder J × in. */
    static Tensor headWeight(Arena arena, VaeSpec spec) {
        return arena.span(MU_WEIGHT, heads(spec), arena.tensor(MU_WEIGHT).cols());
    }

    /** Biases of both heads, 1 × 2J; of a plain autoencoder 1 × J. */
    static Tensor headBias(Arena arena, VaeSpec spec) {
        return arena.span(MU_BIAS, 1, heads(spec));
    }

    /** Columns of the heads. */
    static int heads(VaeSpec spec) {
        return spec.stochastic() ? 2 * spec.latent() : spec.latent();
    }
}
