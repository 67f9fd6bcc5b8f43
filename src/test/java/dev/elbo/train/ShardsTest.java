package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Backend;
import dev.elbo.cpu.CpuBackend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import dev.elbo.reference.ReferenceBackend;
import dev.elbo.tensor.Closer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The number of shards decides a result; threads and backends do not. */
class ShardsTest {
    private static final int FEATURES = 9;

    static Dataset data(int examples) {
        float[] values = new float[examples * FEATURES];
        Noise.uniforms(3, 0, NoiseStream.BINARIZE, 0, 0, values.length, values, 0);
        return Dataset.of("uniforms", values, FEATURES);
    }

    static VaeSpec spec(Objective objective, boolean bernoulli) {
        VaeSpec.Builder builder = VaeSpec.builder(FEATURES)
                .hidden(7)
                .latent(3)
                .likelihood(bernoulli ? Likelihood.BERNOULLI : Likelihood.GAUSSIAN_OPTIMAL);
        return (objective.label().equals("ae") ? builder.deterministic() : builder).build();
    }

    static TrainingOptions.Builder options(int shards) {
        return TrainingOptions.builder()
                .epochs(3)
                .batchSize(12)
                .learningRate(1e-2)
                .patience(0)
                .seed(5)
                .shards(shards);
    }

    record Result(double[] weights, List<EpochMetrics> epochs) {
        void requireEquals(Result other) {
            assertArrayEquals(weights, other.weights);
            assertEquals(epochs.size(), other.epochs.size());
            for (int i = 0; i < epochs.size(); i++) {
                assertEquals(epochs.get(i).train(), other.epochs.get(i).train());
                assertEquals(epochs.get(i).test(), other.epochs.get(i).test());
            }
        }
    }

    /** @param opener of the i-th of the backends */
    static Result train(
            IntFunction<Backend> opener,
            int lanes,
            Split split,
            VaeSpec spec,
            Objective objective,
            TrainingOptions options) {
        return train(opener, lanes, split, spec, objective, options, Trainer::run);
    }

    private static Result train(
            IntFunction<Backend> opener,
            int lanes,
            Split split,
            VaeSpec spec,
            Objective objective,
            TrainingOptions options,
            Consumer<Trainer> run) {
        try (Closer closer = new Closer()) {
            List<Backend> backends = new ArrayList<>();
            for (int i = 0; i < lanes; i++) {
                backends.add(closer.register(opener.apply(i)));
            }
            Trainer trainer = closer.register(Trainer.builder(backends.get(0), spec, split)
                    .objective(objective)
                    .options(options)
                    .otherBackends(backends.subList(1, lanes))
                    .build());
            run.accept(trainer);
            return new Result(trainer.parameters().flat().toDoubles(), trainer.epochs());
        }
    }

    static Stream<Arguments> objectives() {
        return Stream.of(
                Arguments.of(Objectives.vae(), false),
                Arguments.of(Objectives.vae(), true),
                Arguments.of(Objectives.autoencoder(), false),
                Arguments.of(Objectives.iwae(3), false),
                Arguments.of(Objectives.dreg(2), true),
                Arguments.of(Objectives.freeBits(0.1), true),
                Arguments.of(Objectives.constrainedKl(1), false),
                Arguments.of(Objectives.constrainedReconstruction(2), true),
                Arguments.of(Objectives.capacity(2, 2, 4), true));
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void backendsDoNotDecideTheResult(Objective objective, boolean bernoulli) {
        // the last batch of 53 examples has 5 rows: two of shard 0 and one of each other, or none of the last shards
        Split split = Split.of(data(53), data(20));
        VaeSpec spec = spec(objective, bernoulli);
        for (int shards : new int[] {3, 4, 6}) {
            TrainingOptions options = options(shards).binarize(bernoulli).build();
            Result one = train(i -> new CpuBackend(1), 1, split, spec, objective, options);
            for (int lanes = 2; lanes <= Math.min(4, shards); lanes++) {
                train(i -> new CpuBackend(1), lanes, split, spec, objective, options)
                        .requireEquals(one);
            }
            for (DataPlacement placement : List.of(DataPlacement.RESIDENT, DataPlacement.STREAMED)) {
                TrainingOptions placed =
                        options.toBuilder().dataPlacement(placement).build();
                train(i -> new CpuBackend(3), 1, split, spec, objective, placed).requireEquals(one);
                train(i -> new CpuBackend(2), 2, split, spec, objective, placed).requireEquals(one);
            }
            Result exact = train(i -> new ReferenceBackend(), 1, split, spec, objective, options);
            train(i -> new ReferenceBackend(), 3, split, spec, objective, options)
                    .requireEquals(exact);
            assertFalse(Arrays.equals(exact.weights, one.weights), "two backends of the same bits compare nothing");
        }
    }

    /**
     * Batches of shards are batches: a run on data whose order makes the same batches without shards takes the same steps, up to
     * the order of sums.
     */
    @ParameterizedTest
    @MethodSource("objectives")
    void aStepIsThatOfTheWholeBatch(Objective objective, boolean bernoulli) {
        Dataset data = data(48);
        Dataset test = data(20);
        VaeSpec spec = spec(objective, bernoulli);
        TrainingOptions options = options(4)
                .epochs(1)
                .binarize(bernoulli)
                .adam(AdamSettings.withEpsilon(1))
                .build();
        int[] sharded = ShardRows.of(options, 48).order(5, 1, 0, 4);
        int[] plain = Noise.permutation(5, 1, 48);
        int[] numbers = new int[48];
        IntStream.range(0, 48).forEach(i -> numbers[plain[i]] = sharded[i]);
        Result shards = train(i -> new ReferenceBackend(), 1, Split.of(data, test), spec, objective, options);
        Result whole = train(
                i -> new ReferenceBackend(),
                1,
                Split.of(data.subset("reordered", numbers), test),
                spec,
                objective,
                options.toBuilder().shards(1).build());
        for (int i = 0; i < whole.weights.length; i++) {
            assertEquals(whole.weights[i], shards.weights[i], 1e-11 * Math.max(1, Math.abs(whole.weights[i])));
        }
        EpochMetrics.Part trained = whole.epochs.get(0).train();
        EpochMetrics.Part inShards = shards.epochs.get(0).train();
        assertEquals(trained.loss(), inShards.loss(), 1e-10);
        assertEquals(trained.reconstruction(), inShards.reconstruction(), 1e-10);
        assertEquals(trained.kl(), inShards.kl(), 1e-10);
    }

    /**
     * The last batch of 53 has 5 rows, and none of the sixth shard. Runs are stopped before it, and at all steps around it.
     */
    @ParameterizedTest
    @EnumSource(
            value = DataPlacement.class,
            names = {"RESIDENT", "STREAMED"})
    void aBackendWithoutARowOfTheLastBatchWaits(DataPlacement placement, @TempDir Path folder) {
        Split split = Split.of(data(53), data(20));
        VaeSpec spec = spec(Objectives.vae(), false);
        TrainingOptions options = options(6).dataPlacement(placement).build();
        Result one = train(i -> new CpuBackend(1), 1, split, spec, Objectives.vae(), options);
        train(i -> new CpuBackend(1), 6, split, spec, Objectives.vae(), options).requireEquals(one);
        Path run = folder.resolve("run");
        for (int stop = 3; stop <= 11; stop++) {
            int step = stop;
            trainIn(run, 6, split, spec, Objectives.vae(), options, step);
        }
        trainIn(run, 6, split, spec, Objectives.vae(), options, Integer.MAX_VALUE)
                .requireEquals(one);
    }

    /** Goes on in a folder until a step. */
    private static Result trainIn(
            Path folder, int lanes, Split split, VaeSpec spec, Objective objective, TrainingOptions options, int stop) {
        return train(i -> new CpuBackend(1), lanes, split, spec, objective, options, trainer -> {
            TrainingResult result = trainer.runIn(folder, new TrainingListener() {
                @Override
                public boolean shouldStop() {
                    return trainer.step() >= stop;
                }
            });
            assertEquals(stop < trainer.steps(), result.stopped());
        });
    }

    /** Stopped in the middle of an epoch, with some shards' rows of metrics in the checkpoint, and resumed on other backends. */
    @ParameterizedTest
    @CsvSource({"1, 2", "2, 1", "4, 3"})
    void anInterruptedRunIsResumedOnOtherBackends(int before, int after, @TempDir Path folder) {
        Split split = Split.of(data(53), data(20));
        Objective objective = Objectives.constrainedKl(1);
        VaeSpec spec = spec(objective, false);
        TrainingOptions options = options(4).build();
        Result undisturbed = train(i -> new CpuBackend(1), 1, split, spec, objective, options);
        trainIn(folder, before, split, spec, objective, options, 8);
        trainIn(folder, after, split, spec, objective, options, Integer.MAX_VALUE)
                .requireEquals(undisturbed);
    }

    @Test
    void anotherNumberOfShardsIsAnotherRun() {
        Split split = Split.of(data(53), data(20));
        VaeSpec spec = spec(Objectives.vae(), false);
        Checkpoint checkpoint;
        try (Backend backend = new CpuBackend(1);
                Trainer two = Trainer.builder(backend, spec, split)
                        .options(options(2).build())
                        .build();
                Trainer one = Trainer.builder(backend, spec, split)
                        .options(options(1).build())
                        .build()) {
            checkpoint = two.checkpoint(Map.of());
            ElboException refusal = assertThrows(ElboException.class, () -> one.resume(checkpoint));
            assertTrue(refusal.getMessage().contains("training.shards is 2 there and 1 here"), refusal.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 7, 24})
    void eachRowIsTakenOnceAnEpoch(int shards) {
        for (int examples : new int[] {24, 25, 47, 61, 200}) {
            TrainingOptions options = options(shards).batchSize(shards * 3).build();
            ShardRows rows = ShardRows.of(options, examples);
            int[] order = rows.order(1, 2, 0, shards);
            assertArrayEquals(
                    IntStream.range(0, examples).toArray(),
                    Arrays.stream(order).sorted().toArray());
            // in a step shard by shard, and the rows of any lanes in the order of all
            int at = 0;
            int[] places = new int[shards];
            int[][] apart = IntStream.range(0, shards)
                    .mapToObj(shard -> rows.order(1, 2, shard, shard + 1))
                    .toArray(int[][]::new);
            for (int step = 0; step < rows.perEpoch(); step++) {
                int ofStep = rows.rows(step);
                int most = rows.rows(0, ofStep);
                for (int shard = 0; shard < shards; shard++) {
                    int own = shards == 1 ? ofStep : rows.rows(shard, ofStep);
                    assertTrue(own == most || own == most - 1, "shards differ by more than one row");
                    assertTrue(rows.firstRow(shard) + own <= Math.max(rows.batch(), ofStep));
                    for (int i = 0; i < own; i++, at++) {
                        assertEquals(shard, order[at] % shards);
                        assertEquals(order[at], rows.numbers(shard, shard + 1)[apart[shard][places[shard]++]]);
                    }
                }
            }
            assertEquals(examples, at);
        }
    }

    @Test
    void aBatchThatIsLargerThanTheDataIsTheDataInShards() {
        Split split = Split.of(data(10), data(20));
        TrainingOptions options = options(4).batchSize(64).build();
        VaeSpec spec = spec(Objectives.vae(), false);
        Result one = train(i -> new CpuBackend(1), 1, split, spec, Objectives.vae(), options);
        train(i -> new CpuBackend(1), 4, split, spec, Objectives.vae(), options).requireEquals(one);
    }

    @Test
    void whatDoesNotDivideIsRefused() {
        String batch = assertThrows(
                        IllegalArgumentException.class,
                        () -> TrainingOptions.builder().shards(3).build())
                .getMessage();
        assertEquals("shards must divide batchSize, 128, and 3 does not", batch);
        assertThrows(
                IllegalArgumentException.class,
                () -> TrainingOptions.builder().shards(0).build());
        Split split = Split.of(data(10), data(20));
        VaeSpec spec = spec(Objectives.vae(), false);
        String few = assertThrows(
                        ElboException.class,
                        () -> train(
                                i -> new CpuBackend(1),
                                1,
                                split,
                                spec,
                                Objectives.vae(),
                                options(12).build()))
                .getMessage();
        assertEquals("TrainingOptions.shards must be at most the number of training examples, 10, not 12", few);
        String lanes = assertThrows(
                        ElboException.class,
                        () -> train(
                                i -> new CpuBackend(1),
                                3,
                                split,
                                spec,
                                Objectives.vae(),
                                options(2).build()))
                .getMessage();
        assertEquals("3 backends need TrainingOptions.shards of at least 3, not 2", lanes);
    }
}
