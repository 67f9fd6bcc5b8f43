package dev.elbo.demo;

import dev.elbo.analysis.PosteriorTerms;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Vae;
import dev.elbo.train.LearningRate;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingListener;
import dev.elbo.train.TrainingOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.function.Consumer;
import java.util.function.Function;

/** A training of a small VAE on rows, observed after some epochs. */
final class Training {
    private static final int BATCH = 100;
    private static final double LEARNING_RATE = 0.01;

    private Training() {}

    /**
     * Trains by Adam with a rate that falls to 0, so that the weights settle. Observes {@code terms} after the epochs
     * {@code at}, 0 being the start and the largest the end, and lastly the trained model.
     */
    static List<PosteriorReport.Epoch> run(
            Backend backend,
            VaeSpec spec,
            double[][] rows,
            long seed,
            double beta,
            NavigableSet<Integer> at,
            Function<Vae, PosteriorTerms> terms,
            Consumer<Vae> end) {
        Dataset data = Examples.dataset("rows", rows);
        TrainingOptions options = TrainingOptions.builder()
                .epochs(at.last())
                .batchSize(BATCH)
                .learningRate(new LearningRate(LEARNING_RATE, 0, LearningRate.Decay.COSINE))
                .klWeight(beta)
                .seed(seed)
                .patience(0)
                .build();
        List<PosteriorReport.Epoch> seen = new ArrayList<>();
        // The held-out loss is not looked at: one row keeps its evaluation short.
        Split split = Split.of(data, data.first(1));
        try (Trainer trainer =
                Trainer.builder(backend, spec, split).options(options).build()) {
            Vae vae = trainer.vae();
            if (at.contains(0)) {
                seen.add(new PosteriorReport.Epoch(0, terms.apply(vae)));
            }
            trainer.run(TrainingListener.onEachEpoch(metrics -> {
                if (at.contains(metrics.epoch())) {
                    seen.add(new PosteriorReport.Epoch(metrics.epoch(), terms.apply(vae)));
                }
            }));
            end.accept(vae);
        }
        return seen;
    }
}
