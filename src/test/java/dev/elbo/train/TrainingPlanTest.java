package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.Backend;
import dev.elbo.backend.KlMode;
import dev.elbo.cpu.CpuBackend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Network;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.KlControl;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is predicted of a run's memory, beside what its trainer then takes. */
class TrainingPlanTest {
    /** Of memory, relative. */
    private static final double TOLERANCE = 0.05;

    /** A run. */
    record Run(
            String name,
            VaeSpec spec,
            Objective objective,
            int batch,
            int examples,
            boolean bytes,
            DataPlacement where,
            int shards) {
        Run(
                String name,
                VaeSpec spec,
                Objective objective,
                int batch,
                int examples,
                boolean bytes,
                DataPlacement where) {
            this(name, spec, objective, batch, examples, bytes, where, 1);
        }

        @Override
        public String toString() {
            return name;
        }

        Dataset data(int count) {
            SplittableRandom random = new SplittableRandom(count);
            byte[] values = new byte[count * spec.inputs()];
            random.nextBytes(values);
            if (bytes) {
                return Dataset.ofBytes("bytes", values, spec.inputs(), 1 / 255f);
            }
            float[] floats = new float[values.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (values[i] & 0xff) / 255f;
            }
            return Dataset.of("floats", floats, spec.inputs());
        }

        TrainingOptions options() {
            return TrainingOptions.builder()
                    .epochs(2)
                    .batchSize(batch)
                    .patience(0)
                    .dataPlacement(where)
                    .shards(shards)
                    .build();
        }
    }

    static Stream<Run> runs() {
        VaeSpec small = spec(List.of(400), 20, Likelihood.GAUSSIAN, false, true);
        VaeSpec each = spec(List.of(30, 20), 5, Likelihood.GAUSSIAN_LEARNED, true, true);
        Objective elbo = Objectives.vae();
        DataPlacement resident = DataPlacement.RESIDENT;
        DataPlacement streamed = DataPlacement.STREAMED;
        return Stream.of(
                new Run("small", small, elbo, 128, 300, true, resident),
                new Run("small, streamed", small, elbo, 128, 300, true, streamed),
                new Run("in shards", small, elbo, 128, 300, true, resident, 4),
                new Run("large batch", small, elbo, 1500, 2000, true, resident),
                new Run("large batch, streamed floats", small, elbo, 1500, 2000, false, streamed),
                new Run(
                        "wide",
                        spec(List.of(2000), 200, Likelihood.BERNOULLI, false, true),
                        elbo,
                        16,
                        64,
                        true,
                        resident),
                new Run(
                        "iwae",
                        spec(List.of(200, 200), 50, Likelihood.BERNOULLI, false, true),
                        Objectives.iwae(50),
                        20,
                        50,
                        true,
                        resident),
                new Run(
                        "ae",
                        spec(List.of(50), 10, Likelihood.GAUSSIAN_OPTIMAL, false, false),
                        Objectives.autoencoder(),
                        64,
                        300,
                        false,
                        resident),
                new Run("a variance each", each, elbo, 50, 333, false, resident),
                new Run("a variance each, streamed", each, elbo, 50, 333, true, streamed),
                new Run(
                        "steered",
                        spec(List.of(), 4, Likelihood.GAUSSIAN_OPTIMAL, false, true),
                        new Elbo(2, KlMode.ANALYTIC, new KlControl.Constrained(KlControl.Quantity.KL, 3, 0.01)),
                        7,
                        150,
                        true,
                        resident));
    }

    private static VaeSpec spec(
            List<Integer> hidden, int latent, Component likelihood, boolean each, boolean stochastic) {
        return VaeSpec.mlp(
                784,
                hidden,
                latent,
                Activation.RELU,
                each ? Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION : likelihood,
                stochastic);
    }

    Backend open() {
        return new CpuBackend(1);
    }

    @ParameterizedTest
    @MethodSource("runs")
    void theMemoryIsWhatWasPredicted(Run run) {
        Split data = Split.of(run.data(run.examples()), run.data(run.examples() / 4));
        try (Backend backend = open()) {
            long empty = backend.allocatedBytes();
            TrainingPlan plan = TrainingPlan.of(backend, run.spec(), run.objective(), run.options(), data);
            assertEquals(empty, backend.allocatedBytes(), "a plan takes nothing");
            assertTrue(backend.openBuffers().isEmpty());
            long free = backend.freeMemory();
            try (Trainer trainer = Trainer.builder(backend, run.spec(), data)
                    .objective(run.objective())
                    .options(run.options())
                    .build()) {
                trainer.run(TrainingListener.NONE);
                long taken = backend.allocatedBytes();
                assertTrue(taken > empty, taken + " bytes");
                assertEquals(
                        taken, plan.allBytes(), TOLERANCE * taken, plan.bytes().toString());
                // a workspace of fixed size must hide nothing
                assertEquals(
                        taken - empty,
                        plan.allBytes() - plan.bytes().get(TrainingPlan.Use.WORKSPACE),
                        TOLERANCE * (taken - empty));
                look(free - backend.freeMemory(), taken - empty);
                assertEquals(plan.steps(), trainer.step());
                long weights = 4L * trainer.parameters().layout().size();
                assertEquals(weights, plan.bytes().get(TrainingPlan.Use.WEIGHTS));
                assertEquals(
                        run.shards() == 1 ? weights : (run.shards() + 1) * weights,
                        plan.bytes().get(TrainingPlan.Use.GRADIENTS));
            }
            assertEquals(Network.of(run.spec()).parameterCount(), plan.parameters());
        }
    }

    /**
     * Where a backend knows from elsewhere what is taken.
     *
     * @param gone bytes that are no longer free
     * @param counted by the backend
     */
    void look(long gone, long counted) {}

    @Test
    void theFirstOfSeveralBackendsHasItsShards() {
        Run run = runs().filter(one -> one.shards() == 4).findFirst().orElseThrow();
        Split data = Split.of(run.data(run.examples()), run.data(run.examples() / 4));
        try (Backend backend = open();
                Backend other = open()) {
            TrainingPlan plan =
                    TrainingPlan.of(backend, run.spec(), run.objective(), run.options(), data, 2, vae -> () -> {});
            try (Trainer trainer = Trainer.builder(backend, run.spec(), data)
                    .objective(run.objective())
                    .options(run.options())
                    .otherBackends(List.of(other))
                    .build()) {
                trainer.run(TrainingListener.NONE);
                long taken = backend.allocatedBytes();
                assertEquals(
                        taken, plan.allBytes(), TOLERANCE * taken, plan.bytes().toString());
                assertTrue(other.allocatedBytes() < taken, "the first has the most");
            }
        }
    }

    @Test
    void shardsWithWeightsOfTheirOwnAreCounted() {
        Run run = runs().filter(one -> one.shards() == 4).findFirst().orElseThrow();
        TrainingOptions options = run.options().toBuilder().localSteps(3).build();
        Split data = Split.of(run.data(run.examples()), run.data(run.examples() / 4));
        try (Backend backend = open()) {
            TrainingPlan plan = TrainingPlan.of(backend, run.spec(), run.objective(), options, data);
            try (Trainer trainer = Trainer.builder(backend, run.spec(), data)
                    .objective(run.objective())
                    .options(options)
                    .build()) {
                trainer.run(TrainingListener.NONE);
                long taken = backend.allocatedBytes();
                assertEquals(
                        taken, plan.allBytes(), TOLERANCE * taken, plan.bytes().toString());
                long weights = 4L * trainer.parameters().layout().size();
                assertEquals(5 * weights, plan.bytes().get(TrainingPlan.Use.WEIGHTS));
                assertEquals(10 * weights, plan.bytes().get(TrainingPlan.Use.MOMENTS));
            }
        }
    }

    @Test
    void whatIsBesideTheRunIsCountedToo() {
        Run run = runs().findFirst().orElseThrow();
        try (Backend backend = open()) {
            Dataset examples = run.data(2 * run.batch());
            Split data = Split.of(examples, examples);
            TrainingPlan plan = TrainingPlan.of(
                    backend, run.spec(), run.objective(), run.options(), data, 1, vae -> vae.allocate(9, 1, false));
            TrainingPlan without = TrainingPlan.of(backend, run.spec(), run.objective(), run.options(), data);
            long beside = plan.allBytes() - without.allBytes();
            // the output of nine examples, and what is narrower
            assertTrue(beside > 4 * 9 * 784 && beside < 4 * 9 * 2000, beside + " bytes");
        }
    }
}
