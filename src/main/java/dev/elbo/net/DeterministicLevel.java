package dev.elbo.net;

import dev.elbo.model.Component;
import java.util.List;
import java.util.Optional;

/**
 * The code of a plain autoencoder: z = μ, the only head. It has no settings.
 *
 * @param latent J
 */
record DeterministicLevel(int latent) implements Level {
    static final Kind<Level> KIND = new Kind<>(
            "deterministic",
            (settings, place) -> new DeterministicLevel(place.spec().latent()),
            model -> Optional.of(Component.of("deterministic")));

    @Override
    public List<String> heads() {
        return List.of("mu");
    }

    @Override
    public boolean stochastic() {
        return false;
    }

    @Override
    public void exportHeads(OperatorGraph graph, String h) {
        graph.affine("mu", h, "mu");
    }

    @Override
    public String exportSample(OperatorGraph graph) {
        return "mu";
    }

    @Override
    public void exportPosterior(OperatorGraph graph) {
        graph.output("mu", latent, "the code");
    }
}
