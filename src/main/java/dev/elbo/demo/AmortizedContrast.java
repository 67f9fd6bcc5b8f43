package dev.elbo.demo;

import dev.elbo.analysis.GridPosterior;
import dev.elbo.backend.Backend;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import java.util.List;
import java.util.TreeSet;

/** A VAE with one latent unit on the mixture's rows: its encoder never becomes the posterior. */
final class AmortizedContrast {
    private static final int HIDDEN = 16;
    private static final TreeSet<Integer> LOOKS = new TreeSet<>(List.of(0, 1, 5, 20, 100, 200, 500, 1000));

    private AmortizedContrast() {}

    static PosteriorReport.Amortized run(Backend backend, double[][] rows, long seed) {
        VaeSpec spec =
                VaeSpec.mlp(rows[0].length, List.of(HIDDEN), 1, Activation.TANH, Likelihood.GAUSSIAN_LEARNED, true);
        double[] worst = {0};
        List<PosteriorReport.Epoch> epochs = Training.run(
                backend,
                spec,
                rows,
                seed,
                1,
                LOOKS,
                vae -> {
                    try (GridPosterior posterior = new GridPosterior(vae)) {
                        return posterior.terms(rows);
                    }
                },
                vae -> {
                    try (GridPosterior posterior = new GridPosterior(vae)) {
                        for (double[] x : rows) {
                            worst[0] = Math.max(worst[0], posterior.terms(x).gap());
                        }
                    }
                });
        return new PosteriorReport.Amortized(rows.length, HIDDEN, epochs, worst[0]);
    }
}
