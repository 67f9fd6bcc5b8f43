package dev.elbo.net;

import dev.elbo.backend.LogVariance;
import dev.elbo.backend.NoiseSource;
import dev.elbo.model.Component;
import java.util.List;
import java.util.Optional;

/**
 * A diagonal Gaussian posterior with two heads, μ and log σ², sampled by reparameterization (Kingma and Welling 2013, eq. 10
 * and appendix C). It has no settings.
 *
 * @param latent J
 */
record GaussianLevel(int latent) implements Level {
    static final Kind<Level> KIND = new Kind<>(
            "gaussian",
            (settings, place) -> new GaussianLevel(place.spec().latent()),
            model -> model.in("log_var").isEmpty() ? Optional.empty() : Optional.of(Component.of("gaussian")));

    @Override
    public List<String> heads() {
        return List.of("mu", "log_var");
    }

    @Override
    public boolean stochastic() {
        return true;
    }

    @Override
    public void sample(Scope scope, Prior prior, Activations a, NoiseSource noise) {
        prior.sample(scope, a, noise);
    }

    @Override
    public void sampleGrad(Scope scope, Prior prior, Activations a, NoiseSource noise, KlTerm kl) {
        prior.sampleGrad(scope, a, noise, kl);
    }

    @Override
    public void exportHeads(OperatorGraph graph, String h) {
        graph.affine("mu", h, "mu");
        graph.affine("log_var", h, "log_var.unbounded");
        graph.scalar("log_var.min", LogVariance.MIN);
        graph.scalar("log_var.max", LogVariance.MAX);
        graph.node("Clip", "log_var", List.of("log_var.unbounded", "log_var.min", "log_var.max"));
    }

    @Override
    public String exportSample(OperatorGraph graph) {
        graph.input("noise", latent, "draws from N(0, 1); zeros give z = mu");
        graph.scalar("z.half", 0.5f);
        graph.node("Mul", "z.log_sigma", List.of("log_var", "z.half"));
        graph.node("Exp", "z.sigma", List.of("z.log_sigma"));
        graph.node("Mul", "z.deviation", List.of("z.sigma", "noise"));
        return graph.node("Add", "z", List.of("mu", "z.deviation"));
    }

    @Override
    public void exportPosterior(OperatorGraph graph) {
        graph.output("mu", latent, "the mean of q(z|x)");
        graph.output("log_var", latent, "the log of the variance of q(z|x)");
    }
}
