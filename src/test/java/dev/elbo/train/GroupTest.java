package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.cpu.CpuBackend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Shards;
import dev.elbo.data.Split;
import dev.elbo.data.Standardization;
import dev.elbo.error.ElboException;
import dev.elbo.group.Groups;
import dev.elbo.group.Peers;
import dev.elbo.model.Likelihood;
import dev.elbo.model.Table;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import dev.elbo.reference.ReferenceBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The members of a group, each with the rows of its shards, train the model that one process trains. */
class GroupTest {
    @TempDir
    Path folder;

    /** The data of a run in one process. */
    private static Split whole() {
        return Split.of(ShardsTest.data(53), ShardsTest.data(21));
    }

    /** The rows of a member's shards. */
    private static Split ofMember(Split all, Shards shards) {
        Function<Dataset, Optional<Dataset>> own = data -> {
            int[] numbers = IntStream.range(0, data.size())
                    .filter(i -> i % shards.count() >= shards.from() && i % shards.count() < shards.to())
                    .toArray();
            return numbers.length == 0 ? Optional.empty() : Optional.of(data.subset(data.name(), numbers));
        };
        return new Split(
                own.apply(all.train()).orElseThrow(),
                all.test().flatMap(own),
                all.validation().flatMap(own),
                true);
    }

    private byte[] bytes(Trainer trainer) {
        try {
            Path file = Files.createTempFile(folder, "model", ".safetensors");
            trainer.save(file);
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Outcome(byte[] model, List<EpochMetrics> epochs, EpochMetrics.Part test, double constantElbo) {
        void requireEquals(Outcome other) {
            assertEquals(epochs.size(), other.epochs.size());
            for (int i = 0; i < epochs.size(); i++) {
                assertEquals(epochs.get(i).train(), other.epochs.get(i).train());
                assertEquals(epochs.get(i).judged(), other.epochs.get(i).judged());
            }
            assertEquals(test, other.test);
            assertEquals(constantElbo, other.constantElbo, 1e-9 * Math.abs(constantElbo));
            assertArrayEquals(model, other.model);
        }
    }

    private Outcome train(
            Supplier<Backend> opener,
            Split split,
            VaeSpec spec,
            Objective objective,
            TrainingOptions options,
            Peers peers) {
        try (Backend backend = opener.get();
                Trainer trainer =
                        builder(backend, split, spec, objective, options, peers).build()) {
            TrainingResult result = trainer.run();
            return new Outcome(bytes(trainer), trainer.epochs(), result.test(), trainer.constantElbo());
        }
    }

    private static Trainer.Builder builder(
            Backend backend, Split split, VaeSpec spec, Objective objective, TrainingOptions options, Peers peers) {
        Split own = peers == null ? split : ofMember(split, GroupShards.of(peers, options.shards()));
        Trainer.Builder builder =
                Trainer.builder(backend, spec, own).objective(objective).options(options);
        return peers == null ? builder : builder.group(peers);
    }

    @ParameterizedTest
    @MethodSource("dev.elbo.train.ShardsTest#objectives")
    void theNumberOfMembersDoesNotDecideTheResult(Objective objective, boolean bernoulli) {
        // the last batch of 53 has 5 rows, and of 21 held-out rows shards have 4 or 3
        VaeSpec spec = ShardsTest.spec(objective, bernoulli);
        TrainingOptions options =
                ShardsTest.options(6).patience(1).binarize(bernoulli).build();
        for (Supplier<Backend> opener : List.<Supplier<Backend>>of(() -> new CpuBackend(1), ReferenceBackend::new)) {
            Outcome one = train(opener, whole(), spec, objective, options, null);
            for (int members : new int[] {1, 2, 3, 6}) {
                Groups.together(members, peers -> train(opener, whole(), spec, objective, options, peers))
                        .forEach(outcome -> outcome.requireEquals(one));
            }
        }
    }

    @Test
    void someMembersMayHaveNothingHeldOut() {
        Split split =
                new Split(ShardsTest.data(53), Optional.of(ShardsTest.data(4)), Optional.of(ShardsTest.data(2)), true);
        VaeSpec spec = ShardsTest.spec(Objectives.vae(), false);
        TrainingOptions options = ShardsTest.options(6).patience(2).build();
        Outcome one = train(() -> new CpuBackend(1), split, spec, Objectives.vae(), options, null);
        Groups.together(6, peers -> train(() -> new CpuBackend(1), split, spec, Objectives.vae(), options, peers))
                .forEach(outcome -> outcome.requireEquals(one));
        Split none = new Split(ShardsTest.data(53), Optional.empty(), Optional.empty(), true);
        Outcome unjudged = train(() -> new CpuBackend(1), none, spec, Objectives.vae(), options, null);
        Groups.together(2, peers -> train(() -> new CpuBackend(1), none, spec, Objectives.vae(), options, peers))
                .forEach(outcome -> assertArrayEquals(unjudged.model, outcome.model));
    }

    @Test
    void unitsAreThoseOfAllRows() {
        double[][] values = new double[53][3];
        for (int i = 0; i < values.length; i++) {
            values[i] = new double[] {1e6 + Math.sin(i), 7, i * 1e-3 + 1.0 / 3};
        }
        Split split = Split.of(
                Dataset.of("numbers", values), Dataset.of("more", values).first(9));
        VaeSpec spec = VaeSpec.builder(3)
                .hidden(5)
                .latent(2)
                .likelihood(Likelihood.GAUSSIAN_LEARNED)
                .build();
        TrainingOptions options = ShardsTest.options(6).build();
        for (boolean shared : new boolean[] {false, true}) {
            Standardization unit = shared
                    ? Standardization.shared(split.train(), Shards.all(6))
                    : Standardization.perFeature(split.train(), Shards.all(6));
            Split standardized = split.standardized(unit);
            Outcome one = train(() -> new CpuBackend(1), standardized, spec, Objectives.vae(), options, null);
            List<Outcome> all = Groups.together(3, peers -> {
                Shards shards = GroupShards.of(peers, 6);
                Split own = ofMember(split, shards);
                Standardization found = shared
                        ? Standardization.shared(own.train(), shards)
                        : Standardization.perFeature(own.train(), shards);
                assertEquals(unit, found);
                try (Backend backend = new CpuBackend(1);
                        Trainer trainer = Trainer.builder(backend, spec, own.standardized(found))
                                .options(options)
                                .group(peers)
                                .build()) {
                    TrainingResult result = trainer.run();
                    return new Outcome(bytes(trainer), trainer.epochs(), result.test(), trainer.constantElbo());
                }
            });
            all.forEach(outcome -> outcome.requireEquals(one));
        }
    }

    /** The first of the members' rows has no value in one column, and a column has values on one member alone. */
    @Test
    void aTableHasTheStatisticsOfAllRows() {
        Table table = Table.builder()
                .gaussian("size")
                .categorical("color", "blue", "green", "red")
                .gaussian("rare")
                .poisson("seeds")
                .build();
        float[] values = new float[53 * 6];
        for (int i = 0; i < 53; i++) {
            values[6 * i] = i % 4 == 0 ? Float.NaN : 1000 + (float) Math.sin(i);
            values[6 * i + 1 + i % 3] = 1;
            values[6 * i + 4] = i % 6 == 4 ? i / 7f : Float.NaN;
            values[6 * i + 5] = i % 5;
        }
        Split split = Split.of(
                Dataset.of("table", table, values),
                Dataset.of("more", table, values).first(20));
        VaeSpec spec = VaeSpec.builder(6)
                .hidden(5)
                .latent(2)
                .likelihood(Likelihood.columns(table.modelled()))
                .build();
        TrainingOptions options = ShardsTest.options(6).patience(1).build();
        Standardization unit = Standardization.perFeature(split.train(), Shards.all(6));
        Outcome one = train(() -> new CpuBackend(1), split.standardized(unit), spec, Objectives.iwae(2), options, null);
        Groups.together(3, peers -> {
                    Split own = ofMember(split, GroupShards.of(peers, 6));
                    Standardization found = Standardization.perFeature(own.train(), GroupShards.of(peers, 6));
                    assertEquals(unit, found);
                    return train(
                            () -> new CpuBackend(1),
                            split.standardized(found),
                            spec,
                            Objectives.iwae(2),
                            options,
                            peers);
                })
                .forEach(outcome -> outcome.requireEquals(one));
    }

    @Test
    void classesOfOtherMembersCount() {
        int[] classes = IntStream.range(0, 53).map(i -> i % 6 == 5 ? 2 : i % 2).toArray();
        Split split = Split.of(
                ShardsTest.data(53).withLabels(classes), ShardsTest.data(21).withLabels(Arrays.copyOf(classes, 21)));
        VaeSpec spec = ShardsTest.spec(Objectives.vae(), false).withClasses(List.of("0", "1", "2"));
        TrainingOptions options = ShardsTest.options(6).build();
        Outcome one = train(() -> new CpuBackend(1), split, spec, Objectives.vae(), options, null);
        Groups.together(6, peers -> {
                    List<String> notes = new ArrayList<>();
                    try (Backend backend = new CpuBackend(1);
                            Trainer trainer = builder(backend, split, spec, Objectives.vae(), options, peers)
                                    .build()) {
                        TrainingResult result = trainer.run(new TrainingListener() {
                            @Override
                            public void onNote(String line) {
                                notes.add(line);
                            }
                        });
                        assertTrue(
                                notes.stream().noneMatch(note -> note.contains("no training examples")),
                                notes::toString);
                        return new Outcome(bytes(trainer), trainer.epochs(), result.test(), trainer.constantElbo());
                    }
                })
                .forEach(outcome -> outcome.requireEquals(one));
    }

    /** A run is handed over in the middle of an epoch by one number of members, and goes on with another. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aRunGoesOnWithAnotherNumberOfMembers(int after) {
        Objective objective = Objectives.constrainedKl(1);
        VaeSpec spec = ShardsTest.spec(objective, false);
        TrainingOptions options = ShardsTest.options(6).build();
        Outcome one = train(() -> new CpuBackend(1), whole(), spec, objective, options, null);
        List<Checkpoint> saved = new ArrayList<>();
        Groups.together(6, peers -> {
            try (Backend backend = new CpuBackend(1);
                    Trainer trainer = builder(backend, whole(), spec, objective, options, peers)
                            .build()) {
                return trainer.run(TrainingListener.NONE, CheckpointRule.everySteps(4), checkpoint -> {
                    assertEquals(0, peers.rank());
                    saved.add(checkpoint);
                });
            }
        });
        assertEquals(
                List.of(0L, 4L, 8L, 12L, 15L),
                saved.stream().map(Checkpoint::step).toList());
        Path file = folder.resolve("checkpoint");
        for (int i : new int[] {0, 1, 2, 4}) {
            saved.get(i).write(file);
            Checkpoint read = Checkpoint.read(file);
            Groups.together(after, peers -> {
                        try (Backend backend = new CpuBackend(1);
                                Trainer trainer = builder(backend, whole(), spec, objective, options, peers)
                                        .build()) {
                            trainer.resume(read);
                            TrainingResult result = trainer.run();
                            return new Outcome(bytes(trainer), trainer.epochs(), result.test(), trainer.constantElbo());
                        }
                    })
                    .forEach(outcome -> outcome.requireEquals(one));
        }
    }

    /** Weights of each shard do not depend on where they are, and another number of local steps is another run. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7})
    void localStepsAreTheSameEverywhere(int localSteps) {
        VaeSpec spec = ShardsTest.spec(Objectives.vae(), false);
        TrainingOptions options = ShardsTest.options(6).localSteps(localSteps).build();
        Outcome one = train(() -> new CpuBackend(1), whole(), spec, Objectives.vae(), options, null);
        for (int members : new int[] {1, 2, 6}) {
            Groups.together(
                            members,
                            peers -> train(() -> new CpuBackend(1), whole(), spec, Objectives.vae(), options, peers))
                    .forEach(outcome -> outcome.requireEquals(one));
        }
        Outcome each = train(
                () -> new CpuBackend(1),
                whole(),
                spec,
                Objectives.vae(),
                options.toBuilder().localSteps(1).build(),
                null);
        assertNotEquals(each.epochs.get(2).train(), one.epochs.get(2).train());
    }

    @Test
    void membersOfAnotherRunAreRefused() {
        VaeSpec spec = ShardsTest.spec(Objectives.vae(), false);
        TrainingOptions options = ShardsTest.options(6).build();
        Groups.together(2, peers -> {
            long seed = peers.rank();
            ElboException refusal = assertThrows(
                    ElboException.class,
                    () -> train(
                            () -> new CpuBackend(1),
                            whole(),
                            spec,
                            Objectives.vae(),
                            options.toBuilder().seed(seed).build(),
                            peers));
            assertTrue(refusal.getMessage().startsWith("the members of the group differ"), refusal.getMessage());
            return null;
        });
    }

    @Test
    void whatDoesNotFitAGroupIsRefused() {
        VaeSpec spec = ShardsTest.spec(Objectives.vae(), false);
        TrainingOptions options = ShardsTest.options(6).build();
        Groups.together(2, peers -> {
            String odd = assertThrows(ElboException.class, () -> GroupShards.of(peers, 3))
                    .getMessage();
            assertEquals("TrainingOptions.shards is 3, which the group's 2 members do not divide; use a multiple", odd);
            try (Backend backend = new CpuBackend(1);
                    Backend other = new CpuBackend(1);
                    Trainer trainer = builder(backend, whole(), spec, Objectives.vae(), options, peers)
                            .build()) {
                assertThrows(
                        ElboException.class,
                        () -> trainer.run(TrainingListener.NONE, CheckpointRule.everyMinutes(1), checkpoint -> {}));
                Trainer.Builder two = builder(backend, whole(), spec, Objectives.vae(), options, peers)
                        .otherBackends(List.of(other));
                assertThrows(IllegalArgumentException.class, two::build);
                Trainer.Builder rows =
                        Trainer.builder(backend, spec, whole()).options(options).group(peers);
                String message = assertThrows(IllegalArgumentException.class, rows::build)
                        .getMessage();
                assertEquals(
                        "uniforms: has 53 training examples, but shards " + peers.rank() * 3 + " to "
                                + (peers.rank() * 3 + 2) + " of 6 have " + (54 - 2 * peers.rank()) + " of 106",
                        message);
            }
            return null;
        });
    }

    @Test
    void localStepsNeedOneBackendAndNoMultiplier() {
        VaeSpec spec = ShardsTest.spec(Objectives.vae(), false);
        TrainingOptions options = ShardsTest.options(6).localSteps(2).build();
        try (Backend backend = new CpuBackend(1);
                Backend other = new CpuBackend(1)) {
            Trainer.Builder constrained = Trainer.builder(backend, spec, whole())
                    .objective(Objectives.constrainedKl(1))
                    .options(options);
            assertTrue(assertThrows(ElboException.class, constrained::build)
                    .getMessage()
                    .startsWith("localSteps is 2, but the multiplier"));
            Trainer.Builder two =
                    Trainer.builder(backend, spec, whole()).options(options).otherBackends(List.of(other));
            assertThrows(ElboException.class, two::build);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> TrainingOptions.builder().localSteps(0).build());
        }
    }
}
