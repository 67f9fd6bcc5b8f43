package dev.elbo.bench;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Convolution;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import java.util.List;

/**
 * A training step to be timed.
 *
 * @param model specification of the model
 * @param objective that is minimised
 * @param batch examples of a step
 * @param placement of the data
 * @param rounds epochs that are measured, at least 1
 * @param shards of a step, a divisor of the batch
 */
public record StepOptions(
        VaeSpec model, Objective objective, int batch, DataPlacement placement, int rounds, int shards) {
    /** Names of {@link #preset}. */
    public static final List<String> PRESETS = List.of("small", "large", "iwae50", "conv");

    public StepOptions {
        if (batch < 1) {
            throw new IllegalArgumentException("batch must be at least 1, not " + batch);
        }
        if (rounds < 1) {
            throw new IllegalArgumentException("rounds must be at least 1, not " + rounds);
        }
        if (shards < 1 || batch % shards != 0) {
            throw new IllegalArgumentException("shards must divide batch, " + batch + ", and " + shards + " does not");
        }
    }

    /**
     * Returns 784-400-20 at batch 128, 4096-4096-512 at batch 4096, the importance-weighted 784-200-200-50 of Burda et al.
     * at batch 20 with 50 samples, or 1 × 28 × 28-32x4s2p1-64x4s2p1-256-20 at batch 128; refuses any name but
     * {@link #PRESETS}.
     */
    public static StepOptions preset(String name, Component likelihood, int rounds) {
        return switch (name) {
            case "small" ->
                of(model(784, List.of(400), 20, Activation.RELU, likelihood), Objectives.vae(), 128, rounds);
            case "large" ->
                of(model(4096, List.of(4096), 512, Activation.RELU, likelihood), Objectives.vae(), 4096, rounds);
            case "iwae50" ->
                of(model(784, List.of(200, 200), 50, Activation.TANH, likelihood), Objectives.iwae(50), 20, rounds);
            case "conv" -> of(convolutional(likelihood), Objectives.vae(), 128, rounds);
            default ->
                throw new IllegalArgumentException("preset '" + name + "' is not one of " + String.join(", ", PRESETS));
        };
    }

    private static StepOptions of(VaeSpec model, Objective objective, int batch, int rounds) {
        return new StepOptions(model, objective, batch, DataPlacement.AUTO, rounds, 1);
    }

    private static VaeSpec model(
            int inputs, List<Integer> hidden, int latent, Activation activation, Component likelihood) {
        return VaeSpec.mlp(inputs, hidden, latent, activation, likelihood, true);
    }

    private static VaeSpec convolutional(Component likelihood) {
        return VaeSpec.builder(784)
                .convolutions(new FeatureMap(1, 28, 28), Convolution.parse("32x4s2p1"), Convolution.parse("64x4s2p1"))
                .hidden(256)
                .latent(20)
                .likelihood(likelihood)
                .build();
    }

    /** {@return a model as of the preset small, in another size} */
    static VaeSpec model(int inputs, List<Integer> hidden, int latent) {
        return model(inputs, hidden, latent, Activation.RELU, Likelihood.GAUSSIAN);
    }

    /** Copies with another data placement. */
    public StepOptions with(DataPlacement elsewhere) {
        return new StepOptions(model, objective, batch, elsewhere, rounds, shards);
    }

    /** Copies with another number of shards. */
    public StepOptions withShards(int count) {
        return new StepOptions(model, objective, batch, placement, rounds, count);
    }

    /** {@return a label such as "784-400-20, relu, gaussian, vae with 1 sample, batch 128"} */
    public String label() {
        return model.summary() + ", " + objective.label() + " with " + objective.samples()
                + (objective.samples() == 1 ? " sample" : " samples") + ", batch " + batch
                + (shards == 1 ? "" : " in " + shards + " shards");
    }
}
