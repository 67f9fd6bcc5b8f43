package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.Backend;
import dev.elbo.backend.KlMode;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.io.Disk;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.KlControl;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import dev.elbo.objective.Reconstruction;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Runs that are broken off and gone on with, and what they must come to. */
final class ResumeRuns {
    /** Saves nothing but what every run saves. */
    static final CheckpointRule NEVER = CheckpointRule.everySteps(1_000_000);

    private ResumeRuns() {}

    /** What must have the same bits: weights, stored variance, and metrics without their times. */
    record Outcome(double[] weights, double logVar, List<EpochMetrics> epochs, EpochMetrics kept) {
        static Outcome of(Trainer trainer, TrainingResult result) {
            return new Outcome(
                    trainer.parameters().flat().toDoubles(),
                    trainer.vae().storedLogVar(),
                    result.epochs().stream().map(ResumeRuns::timeless).toList(),
                    timeless(result.selectedEpoch().orElseThrow()));
        }

        void mustEqual(Outcome other, String what) {
            assertEquals(other.epochs, epochs, what);
            assertEquals(other.kept, kept, what);
            assertEquals(other.logVar, logVar, what);
            assertArrayEquals(other.weights, weights, what);
        }

        boolean sameAs(Outcome other) {
            return epochs.equals(other.epochs)
                    && kept.equals(other.kept)
                    && logVar == other.logVar
                    && Arrays.equals(weights, other.weights);
        }
    }

    static EpochMetrics timeless(EpochMetrics e) {
        return e == null
                ? null
                : new EpochMetrics(
                        e.epoch(),
                        e.step(),
                        e.train(),
                        e.validation(),
                        e.test(),
                        e.beta(),
                        e.target(),
                        e.learningRate(),
                        0,
                        0,
                        e.gap(),
                        e.gapMonteCarloError());
    }

    /** One kind of run. */
    record Job(VaeSpec spec, Objective objective, TrainingOptions options, Dataset train, Dataset test) {
        Job on(DataPlacement placement) {
            return new Job(
                    spec,
                    objective,
                    options.toBuilder().dataPlacement(placement).build(),
                    train,
                    test);
        }

        Trainer trainer(Backend backend) {
            return Trainer.builder(backend, spec, Split.of(train, test))
                    .objective(objective)
                    .options(options)
                    .build();
        }

        Outcome undisturbed(Supplier<Backend> open) {
            try (Backend backend = open.get();
                    Trainer trainer = trainer(backend)) {
                return Outcome.of(trainer, trainer.run(TrainingListener.NONE));
            }
        }

        /** Broken off after so many programs, and after as many again, each time by what looks like another process. */
        Outcome broken(Supplier<Backend> open, Path folder, int programs, UnaryOperator<Checkpoint> between) {
            CheckpointStore checkpoints = new CheckpointStore(Disk.REAL, folder, Map.of());
            for (int process = 0; process < 10_000; process++) {
                try (Backend backend = open.get();
                        Trainer trainer = trainer(backend)) {
                    if (process > 0) {
                        trainer.resume(between.apply(checkpoints.newest()));
                    }
                    long before = trainer.step();
                    TrainingResult result = trainer.run(stoppingAfter(programs), checkpoints, NEVER);
                    if (!result.stopped()) {
                        assertTrue(process > 1, "it was broken off");
                        return Outcome.of(trainer, result);
                    }
                    assertTrue(result.step() > before, "it goes on");
                }
            }
            throw new AssertionError("it never ends");
        }
    }

    static TrainingListener stoppingAfter(int programs) {
        return new TrainingListener() {
            private int asked;

            @Override
            public boolean shouldStop() {
                return asked++ == programs;
            }
        };
    }

    static TrainingOptions options(int epochs, int batch, int patience, boolean binarize, boolean dropLast) {
        return TrainingOptions.builder()
                .epochs(epochs)
                .batchSize(batch)
                .learningRate(new LearningRate(1e-2, 0.5, LearningRate.Decay.COSINE))
                .klWeight(new KlWeight(1, 1.5))
                .seed(7)
                .binarize(binarize)
                .patience(patience)
                .dataPlacement(DataPlacement.RESIDENT)
                .dropLast(dropLast)
                .build();
    }

    private static Job job(Component likelihood, Objective objective, TrainingOptions options) {
        boolean stochastic = !(objective instanceof Reconstruction);
        return new Job(
                TrainerTest.spec(likelihood, stochastic),
                objective,
                options,
                TrainerTest.data(105, 1),
                TrainerTest.data(33, 2));
    }

    /** Twenty rows are soon learned by heart, and the best weights are not the last. */
    private static Job patient() {
        TrainingOptions options = TrainingOptions.builder()
                .epochs(100)
                .batchSize(6)
                .learningRate(0.1)
                .seed(7)
                .patience(3)
                .build();
        Job job = job(Likelihood.GAUSSIAN_OPTIMAL, Objectives.vae(), options);
        return new Job(job.spec, job.objective, options, TrainerTest.data(20, 1), job.test);
    }

    /** 105 rows in batches of 16: six whole ones and a partial one. */
    static Map<String, Job> jobs() {
        TrainingOptions plain = options(3, 16, 0, false, false);
        KlMode analytic = KlMode.ANALYTIC;
        return Map.of(
                "vae",
                job(Likelihood.BERNOULLI, new Elbo(2, KlMode.SAMPLED), options(3, 16, 0, true, false)),
                "gaussian-optimal with patience",
                patient(),
                "gaussian-learned, last batch dropped",
                job(Likelihood.GAUSSIAN_LEARNED, new Elbo(1, analytic), options(3, 16, 0, false, true)),
                "constrained",
                job(
                        Likelihood.GAUSSIAN,
                        new Elbo(1, analytic, new KlControl.Constrained(KlControl.Quantity.KL, 0.5, 2e-2)),
                        plain),
                "capacity",
                job(Likelihood.GAUSSIAN, new Elbo(1, analytic, new KlControl.Capacity(2, 2, 5)), plain),
                "iwae",
                job(Likelihood.BERNOULLI, Objectives.iwae(3), plain),
                "dreg",
                job(Likelihood.GAUSSIAN, Objectives.dreg(3), plain),
                "plain autoencoder",
                job(Likelihood.GAUSSIAN_OPTIMAL, Objectives.autoencoder(), plain));
    }

    /** Chunks of some 1,400 rows, four of them, the batches of 100 not in whole programs, and the last batch partial. */
    static Job streamed() {
        Job small = jobs().get("constrained");
        return new Job(
                small.spec,
                small.objective,
                options(2, 100, 0, false, false).toBuilder()
                        .dataPlacement(DataPlacement.STREAMED)
                        .build(),
                TrainerTest.data(4230, 1),
                small.test);
    }
}
