package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Program;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.model.Likelihood;
import dev.elbo.reference.DeferredBackend;
import dev.elbo.reference.DeferredBackend.Copies;
import dev.elbo.reference.DeferredBackend.Fault;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Neither where the data are nor how many steps a program has changes a bit of a run. */
class StreamingTest {
    private static final int EPOCHS = 3;

    /** What a run leaves: weights, and the metrics of all epochs. */
    private record Run(double[] weights, List<EpochMetrics.Part> metrics) {
        void mustEqual(Run other, String what) {
            assertEquals(metrics, other.metrics, what);
            assertArrayEquals(weights, other.weights, what);
        }

        boolean sameAs(Run other) {
            return metrics.equals(other.metrics) && Arrays.equals(weights, other.weights);
        }
    }

    private record Job(Dataset train, Dataset test, int batch, boolean binarize) {
        Run on(Backend backend, DataPlacement placement) {
            TrainingOptions options = TrainingOptions.builder()
                    .epochs(EPOCHS)
                    .batchSize(batch)
                    .learningRate(1e-2)
                    .klWeight(new KlWeight(1, 1))
                    .seed(7)
                    .binarize(binarize)
                    .patience(0)
                    .dataPlacement(placement)
                    .build();
            List<EpochMetrics.Part> metrics = new ArrayList<>();
            List<Long> steps = new ArrayList<>();
            Run run;
            try (Trainer trainer = Trainer.builder(
                            backend, TrainerTest.spec(Likelihood.BERNOULLI, true), Split.of(train, test))
                    .options(options)
                    .build()) {
                trainer.run(new TrainingListener() {
                    @Override
                    public void onStep(long step, long all) {
                        steps.add(step);
                    }

                    @Override
                    public void onEpoch(EpochMetrics epoch) {
                        metrics.add(epoch.train());
                        metrics.add(epoch.test());
                    }
                });
                assertEquals(trainer.steps(), steps.size(), "a call for every step");
                assertEquals(trainer.steps(), steps.get(steps.size() - 1));
                run = new Run(trainer.parameters().flat().toDoubles(), metrics);
            }
            assertEquals(List.of(), List.copyOf(backend.openBuffers()), "nothing is left behind");
            return run;
        }
    }

    private static Run run(Job job, Backend backend, DataPlacement placement) {
        try (backend) {
            return job.on(backend, placement);
        }
    }

    private static Dataset bytes(Dataset data) {
        float[] values = data.values();
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) Math.round(255 * values[i]);
        }
        return Dataset.ofBytes("bytes", bytes, data.features(), 1 / 255f);
    }

    /** Of 48 bytes a row, so that 64 KiB, a chunk at least, are some 1,400 rows. */
    private static Job floats(int examples, boolean binarize) {
        return new Job(TrainerTest.data(examples, 1), TrainerTest.data(4500, 2), 100, binarize);
    }

    /** A backend that answers differently how many steps it wants in a program, and counts the programs it runs. */
    private static Backend wanting(int steps, Backend backend, AtomicInteger runs) {
        return (Backend) Proxy.newProxyInstance(
                Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (self, method, args) -> {
                    if (method.getName().equals("stepsPerProgram")) {
                        return steps;
                    }
                    try {
                        Object answer = method.invoke(backend, args);
                        return answer instanceof Program program ? counting(program, runs) : answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static Program counting(Program program, AtomicInteger runs) {
        return new Program() {
            @Override
            public void run() {
                runs.incrementAndGet();
                program.run();
            }

            @Override
            public void close() {
                program.close();
            }
        };
    }

    @ParameterizedTest
    @CsvSource({
        // examples in batches of 10, programs of an epoch
        "10, 1",
        "19, 2",
        "30, 1",
        "35, 2",
        "40, 1",
        "50, 2",
        "60, 3",
        "70, 4",
        "75, 5",
        "80, 2",
        "83, 3",
        "110, 5"
    })
    void stepsRecordedTogetherAreTheStepsOneByOne(int examples, int programs) {
        Job job = new Job(TrainerTest.data(examples, 1), TrainerTest.data(33, 2), 10, true);
        Run single = run(job, Backends.builder("cpu").threads(2).open(), DataPlacement.RESIDENT);
        for (DataPlacement placement : List.of(DataPlacement.RESIDENT, DataPlacement.STREAMED)) {
            AtomicInteger runs = new AtomicInteger();
            run(job, wanting(4, Backends.builder("cpu").threads(2).open(), runs), placement)
                    .mustEqual(single, examples + " examples, " + placement);
            assertEquals(EPOCHS * (programs + 1), runs.get(), "programs of training, and one of the evaluation");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 1350, 1400, 2800, 2900, 4230, 5600, 7030})
    void streamedRunsAreResidentRunsOnTheCpu(int examples) {
        streamedRunsAreResidentRuns(() -> Backends.builder("cpu").threads(2).open(), examples);
        streamedRunsAreResidentRuns(
                () -> wanting(4, Backends.builder("cpu").threads(2).open(), new AtomicInteger()), examples);
    }

    private static void streamedRunsAreResidentRuns(Supplier<Backend> backend, int examples) {
        for (boolean binarize : new boolean[] {false, true}) {
            for (boolean bytes : new boolean[] {false, true}) {
                streamedRunsAreResidentRuns(backend, examples, bytes, binarize);
            }
        }
    }

    static void streamedRunsAreResidentRuns(Supplier<Backend> backend, int examples, boolean bytes, boolean binarize) {
        Job floats = floats(examples, binarize);
        Job job = bytes ? new Job(bytes(floats.train()), bytes(floats.test()), floats.batch(), binarize) : floats;
        Run resident = run(job, backend.get(), DataPlacement.RESIDENT);
        run(job, backend.get(), DataPlacement.STREAMED).mustEqual(resident, examples + " examples");
    }

    @ParameterizedTest
    @EnumSource(Copies.class)
    void copiesMayComeAsEarlyOrAsLateAsTheContractLetsThem(Copies copies) {
        for (Job job : List.of(
                floats(7030, true),
                new Job(bytes(TrainerTest.data(18_000, 1)), bytes(TrainerTest.data(300, 2)), 100, false))) {
            Run resident = run(job, Backends.reference(), DataPlacement.RESIDENT);
            for (int steps : new int[] {1, 4}) {
                DeferredBackend backend = new DeferredBackend(copies, Fault.NONE, steps, Long.MAX_VALUE);
                run(job, backend, DataPlacement.STREAMED).mustEqual(resident, steps + " steps");
                assertTrue(backend.sends() >= 5 * EPOCHS, backend.sends() + " chunks");
                assertEquals(2, backend.uploads());
            }
            run(job, new DeferredBackend(copies, Fault.NONE, 4, Long.MAX_VALUE), DataPlacement.RESIDENT)
                    .mustEqual(resident, "resident");
        }
    }

    @ParameterizedTest
    @CsvSource({"EARLY,NO_RELEASE", "EARLY,EARLY_RELEASE", "LATE,NO_WAIT"})
    void aCallerThatDoesNotKeepToTheContractIsNoticed(Copies copies, Fault fault) {
        Job job = floats(7030, false);
        Run resident = run(job, Backends.reference(), DataPlacement.RESIDENT);
        Run faulty = run(job, new DeferredBackend(copies, fault, 1, Long.MAX_VALUE), DataPlacement.STREAMED);
        assertFalse(resident.sameAs(faulty), copies + " " + fault);
    }

    @Test
    void whatTakesMoreThanHalfOfTheFreeMemoryIsStreamed() {
        Job job = new Job(TrainerTest.data(105, 1), bytes(TrainerTest.data(33, 2)), 16, false);
        long bytes = (4 * 105 + 33) * 12;
        List<Supplier<DeferredBackend>> backends = List.of(
                () -> new DeferredBackend(Copies.LATE, Fault.NONE, 1, 2 * bytes),
                () -> new DeferredBackend(Copies.LATE, Fault.NONE, 1, 2 * bytes - 1));
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            DeferredBackend backend = backends.get(i).get();
            runs.add(run(job, backend, DataPlacement.AUTO));
            assertEquals(2 * i, backend.uploads());
        }
        runs.get(0).mustEqual(runs.get(1), "where the data are");
    }

    @Test
    void aRunThatBreaksOffWithinAChunkLeavesNothingBehind() {
        Job job = floats(4230, false);
        Run resident = run(job, Backends.reference(), DataPlacement.RESIDENT);
        try (Backend backend = new DeferredBackend(Copies.LATE, Fault.NONE, 1, 0)) {
            TrainingOptions options = TrainingOptions.builder()
                    .epochs(1)
                    .batchSize(job.batch())
                    .learningRate(1e-2)
                    .seed(7)
                    .patience(0)
                    .build();
            try (Trainer trainer = Trainer.builder(
                            backend, TrainerTest.spec(Likelihood.BERNOULLI, true), Split.of(job.train(), job.test()))
                    .options(options)
                    .build()) {
                assertThrows(
                        ElboException.class,
                        () -> trainer.run(new TrainingListener() {
                            @Override
                            public void onStep(long step, long all) {
                                if (step == 20) {
                                    throw ElboException.usage("stopped");
                                }
                            }
                        }));
            }
            assertEquals(List.of(), List.copyOf(backend.openBuffers()));
            job.on(backend, DataPlacement.AUTO).mustEqual(resident, "after a run that broke off");
        }
    }
}
