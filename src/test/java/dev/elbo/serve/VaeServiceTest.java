package dev.elbo.serve;

import static dev.elbo.analysis.AnomalyScore.NEGATIVE_ELBO;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.AnomalyScore;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Inference;
import dev.elbo.analysis.Scores;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.ModelFile;
import dev.elbo.net.TinyModel;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

public class VaeServiceTest {
    private static final int INPUTS = 12;
    private static final int LATENT = 3;

    @TempDir
    private Path folder;

    private static VaeSpec spec(Component likelihood, boolean stochastic) {
        return VaeSpec.mlp(INPUTS, List.of(8), LATENT, Activation.TANH, likelihood, stochastic);
    }

    /** Writes a small model. */
    public static Path model(Path folder, VaeSpec spec) {
        Path file = folder.resolve("model.safetensors");
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                TinyModel model = new TinyModel(backend, spec, 1, 1)) {
            if (spec.likelihood().equals(Likelihood.GAUSSIAN_OPTIMAL)) {
                model.vae.storeLogVar(-1.5);
            }
            ModelFile.write(file, model.vae, Map.of("note", "tiny"));
        }
        return file;
    }

    /** A model with products large enough to be cut into blocks. */
    public static Path model(Path folder) {
        return model(folder, VaeSpec.mlp(100, List.of(37), 5, Activation.RELU, Likelihood.BERNOULLI, true));
    }

    private static float[] pixels(int rows, int width) {
        float[] pixels = new float[rows * width];
        Noise.uniforms(3, 0, NoiseStream.BINARIZE, 0, 0, pixels.length, pixels, 0);
        return pixels;
    }

    private static float[] firstRows(float[] all, int rows, int width) {
        return Arrays.copyOf(all, rows * width);
    }

    private VaeService reference(Component likelihood, boolean stochastic) {
        return VaeService.builder(model(folder, spec(likelihood, stochastic)))
                .backend("reference")
                .replicas(1)
                .batchSize(4)
                .samples(5)
                .seed(7)
                .build();
    }

    /** The reference computes a row alike wherever it stands, so that there is nothing to be tolerated. */
    @ParameterizedTest
    @MethodSource("dev.elbo.net.TinyModel#likelihoods")
    void answersAreThoseOfTheAnalysis(Component likelihood) {
        float[] x = pixels(11, INPUTS);
        try (VaeService service = reference(likelihood, true);
                Backend backend = Backends.open("reference");
                ModelFile.Loaded loaded = ModelFile.read(folder.resolve("model.safetensors"), backend);
                DataSource data = DataSource.of(backend, Dataset.of("x", x, INPUTS), DataPlacement.RESIDENT)) {
            Inference inference = new Inference(loaded.vae(), 99);
            float[] codes = service.encode(x);
            assertArrayEquals(inference.encode(data, false), codes);
            assertArrayEquals(inference.encode(data, true), service.samplePosterior(x, 99));
            assertArrayEquals(inference.reconstruct(data), service.reconstruct(x));
            assertArrayEquals(inference.decode(codes), service.decode(codes));
            assertArrayEquals(inference.sample(6), service.sample(6, 99));
            for (AnomalyScore kind : AnomalyScore.values()) {
                double[] scores = service.anomalyScores(x, kind);
                for (int i = 0; i < 11; i++) {
                    float[] row = Arrays.copyOfRange(x, i * INPUTS, (i + 1) * INPUTS);
                    try (DataSource alone =
                            DataSource.of(backend, Dataset.of("row", row, INPUTS), DataPlacement.RESIDENT)) {
                        assertEquals(new Scores(loaded.vae(), kind, 5, 7).compute(alone, "row")[0], scores[i]);
                    }
                }
            }
            assertEquals(Map.of("note", "tiny"), service.metadata());
            assertEquals(spec(likelihood, true), service.spec());
        }
    }

    @Test
    void aPlainAutoencoderHasCodesAndOneScore() {
        float[] x = pixels(5, INPUTS);
        try (VaeService service = reference(Likelihood.GAUSSIAN, false)) {
            assertArrayEquals(service.encode(x), service.samplePosterior(x, 1));
            assertEquals(5, service.anomalyScores(x, AnomalyScore.RECONSTRUCTION).length);
            for (AnomalyScore kind : List.of(NEGATIVE_ELBO, AnomalyScore.NEGATIVE_LOG_LIKELIHOOD)) {
                assertThrows(IllegalArgumentException.class, () -> service.anomalyScores(x, kind));
                assertThrows(IllegalArgumentException.class, () -> service.anomalyScores(Stream.empty(), kind));
            }
        }
    }

    /** All that a service can be asked, as bits. */
    private static List<Function<VaeService, Object>> questions(float[] x, int rows, int width) {
        float[] some = firstRows(x, rows, width);
        List<Function<VaeService, Object>> all = new ArrayList<>();
        all.add(service -> service.encode(some));
        all.add(service -> service.samplePosterior(some, 5));
        all.add(service -> service.reconstruct(some));
        all.add(service -> service.decode(service.encode(some)));
        all.add(service -> service.sample(rows, 5));
        all.add(service -> service.outputDraws(5).reconstruct(some));
        all.add(service -> service.outputDraws(5).sample(rows));
        for (AnomalyScore kind : AnomalyScore.values()) {
            all.add(service -> service.anomalyScores(some, kind));
        }
        return all;
    }

    private static void assertSameBits(Object expected, Object actual, String what) {
        if (expected instanceof double[] doubles) {
            assertArrayEquals(doubles, (double[]) actual, what);
        } else {
            assertArrayEquals((float[]) expected, (float[]) actual, what);
        }
    }

    /** Many threads ask everything at once, calls of many sizes, and get what one thread got from one replica. */
    public static void manyThreadsGetTheAnswersOfOne(Path model, String backend, int replicas, int threads)
            throws Exception {
        int width = 100;
        float[] x = pixels(70, width);
        int[] sizes = {1, 2, 5, 31, 32, 33, 70};
        List<Function<VaeService, Object>> questions = new ArrayList<>();
        for (int size : sizes) {
            questions.addAll(questions(x, size, width));
        }
        List<Object> expected = new ArrayList<>();
        try (VaeService one =
                VaeService.builder(model).backend(backend).replicas(1).build()) {
            questions.forEach(question -> expected.add(question.apply(one)));
        }
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try (VaeService many =
                VaeService.builder(model).backend(backend).replicas(replicas).build()) {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int start = t * 7;
                done.add(pool.submit(() -> {
                    for (int i = 0; i < questions.size(); i++) {
                        int which = (start + i) % questions.size();
                        assertSameBits(expected.get(which), questions.get(which).apply(many), "question " + which);
                    }
                }));
            }
            for (Future<?> thread : done) {
                thread.get(2, TimeUnit.MINUTES);
            }
            assertTrue(many.healthy());
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void manyThreadsGetTheAnswersOfOneReplica() throws Exception {
        manyThreadsGetTheAnswersOfOne(model(folder), "cpu", 3, 8);
    }

    /** Nothing changes for a row where more rows are asked about with it. */
    public static void rowsDoNotSeeTheirNeighbours(Path model, String backend) {
        int width = 100;
        float[] x = pixels(70, width);
        float[] others = x.clone();
        for (int i = 20 * width; i < others.length; i++) {
            others[i] = 1 - others[i];
        }
        try (VaeService service =
                VaeService.builder(model).backend(backend).replicas(1).build()) {
            List<Function<VaeService, Object>> of20 = questions(x, 20, width);
            List<Function<VaeService, Object>> of70 = questions(others, 70, width);
            for (int i = 0; i < of20.size(); i++) {
                Object some = of20.get(i).apply(service);
                Object all = of70.get(i).apply(service);
                Object first = all instanceof double[] doubles
                        ? Arrays.copyOf(doubles, 20)
                        : Arrays.copyOf((float[]) all, ((float[]) some).length);
                assertSameBits(some, first, "question " + i);
            }
        }
    }

    @Test
    void rowsDoNotSeeTheirNeighboursOnTheCpu() {
        rowsDoNotSeeTheirNeighbours(model(folder), "cpu");
    }

    @Test
    void aScoreIsTheExamplesOwnUpToRounding() {
        float[] x = pixels(40, 100);
        try (VaeService service =
                VaeService.builder(model(folder)).backend("cpu").replicas(1).build()) {
            for (AnomalyScore kind : AnomalyScore.values()) {
                double[] together = service.anomalyScores(x, kind);
                for (int i = 0; i < 40; i++) {
                    double alone = service.anomalyScores(Arrays.copyOfRange(x, i * 100, (i + 1) * 100), kind)[0];
                    assertEquals(alone, together[i], 1e-5 * Math.abs(alone));
                }
            }
        }
    }

    @Test
    void threadsOfAReplicaDoNotChangeAnswers() {
        float[] x = pixels(40, 100);
        Path model = model(folder);
        try (VaeService one =
                        VaeService.builder(model).backend("cpu").replicas(1).build();
                VaeService two = VaeService.builder(model)
                        .backend("cpu")
                        .replicas(1)
                        .threads(2)
                        .build()) {
            for (Function<VaeService, Object> question : questions(x, 40, 100)) {
                assertSameBits(question.apply(one), question.apply(two), "threads");
            }
        }
    }

    @Test
    void arraysOfRowsAreTheSameAsOneArray() {
        float[] x = pixels(5, INPUTS);
        float[][] rows = Rows.unpack(x, INPUTS);
        try (VaeService service = reference(Likelihood.BERNOULLI, true)) {
            assertArrayEquals(Rows.unpack(service.encode(x), LATENT), service.encode(rows));
            assertArrayEquals(Rows.unpack(service.reconstruct(x), INPUTS), service.reconstruct(rows));
            float[][] codes = service.encode(rows);
            assertArrayEquals(Rows.unpack(service.decode(service.encode(x)), INPUTS), service.decode(codes));
            assertArrayEquals(service.anomalyScores(x, NEGATIVE_ELBO), service.anomalyScores(rows, NEGATIVE_ELBO));
        }
    }

    @Test
    void aStreamIsScoredAsItComes() {
        float[][] rows = Rows.unpack(pixels(11, INPUTS), INPUTS);
        AtomicInteger taken = new AtomicInteger();
        AtomicInteger closed = new AtomicInteger();
        try (VaeService service = reference(Likelihood.BERNOULLI, true)) {
            double[] expected = service.anomalyScores(rows, NEGATIVE_ELBO);
            Stream<float[]> endless = IntStream.iterate(0, i -> i + 1)
                    .mapToObj(i -> rows[i % 11])
                    .peek(row -> taken.incrementAndGet())
                    .onClose(closed::incrementAndGet);
            try (DoubleStream scores = service.anomalyScores(endless, NEGATIVE_ELBO)) {
                assertEquals(0, taken.get(), "nothing is taken before a score is asked for");
                assertArrayEquals(expected, scores.limit(11).toArray());
            }
            assertEquals(12, taken.get(), "three runs of four");
            assertEquals(1, closed.get());
            DoubleStream finite = service.anomalyScores(Stream.of(rows), NEGATIVE_ELBO);
            assertArrayEquals(expected, finite.toArray());
            assertEquals(0, service.anomalyScores(Stream.empty(), NEGATIVE_ELBO).count());

            rows[9] = rows[9].clone();
            rows[9][4] = Float.NaN;
            ElboException error = assertThrows(
                    ElboException.class,
                    () -> service.anomalyScores(Stream.of(rows), NEGATIVE_ELBO).toArray());
            String told = "anomalyScores: row 9, column 4 (from 0) is NaN; remove or replace such values";
            assertEquals(told, error.getMessage());
        }
    }

    @Test
    void whatCannotBeAnsweredIsNamed() {
        float[] x = pixels(4, INPUTS);
        try (VaeService service = reference(Likelihood.BERNOULLI, true)) {
            assertData("encode: 13 values do not divide into rows of 12", () -> service.encode(new float[13]));
            assertData("encode: there are no rows", () -> service.encode(new float[0]));
            assertData("decode: 4 values do not divide into rows of 3", () -> service.decode(new float[4]));
            assertData("encode: there are no rows", () -> service.encode(new float[0][]));
            assertData(
                    "reconstruct: row 1 (from 0) has 11 values, not 12",
                    () -> service.reconstruct(new float[][] {new float[12], new float[11]}));
            x[2 * INPUTS + 7] = Float.POSITIVE_INFINITY;
            assertData("row 2, column 7 (from 0) is Infinity", () -> service.samplePosterior(x, 0));
            x[2 * INPUTS + 7] = 1.5f;
            assertData("row 2, column 7 (from 0) is 1.5; the model's", () -> service.anomalyScores(x, NEGATIVE_ELBO));
            float[] far = {3e38f, 3e38f, -3e38f};
            assertEquals(1, service.decode(far).length / INPUTS, "float64 does not overflow");
            assertThrows(IllegalArgumentException.class, () -> service.sample(0, 1));
        }
        try (VaeService service = VaeService.builder(model(folder, spec(Likelihood.GAUSSIAN, true)))
                .backend("cpu")
                .replicas(1)
                .build()) {
            Arrays.fill(x, 3e38f);
            ElboException error = assertThrows(ElboException.class, () -> service.anomalyScores(x, NEGATIVE_ELBO));
            assertEquals(ElboException.Kind.NUMERIC, error.kind());
            assertTrue(error.getMessage().contains("row 0"), error.getMessage());
            assertTrue(service.healthy(), "an odd request is no fault of the service");
        }
    }

    private static void assertData(String message, org.junit.jupiter.api.function.Executable call) {
        ElboException error = assertThrows(ElboException.class, call);
        assertEquals(ElboException.Kind.DATA, error.kind());
        assertTrue(error.getMessage().contains(message), error.getMessage());
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        VaeService.Builder builder = VaeService.builder(folder.resolve("nothing.safetensors"));
        assertThrows(IllegalArgumentException.class, () -> builder.replicas(0));
        assertThrows(IllegalArgumentException.class, () -> builder.batchSize(0));
        assertThrows(IllegalArgumentException.class, () -> builder.samples(-1));
        assertThrows(IllegalArgumentException.class, () -> builder.threads(0));
        assertThrows(IllegalArgumentException.class, () -> builder.timeout(java.time.Duration.ofSeconds(-1)));
        ElboException missing = assertThrows(ElboException.class, builder.backend("cpu")::build);
        assertTrue(missing.getMessage().contains("nothing.safetensors"), missing.getMessage());
        ElboException unknown = assertThrows(ElboException.class, builder.backend("tpu")::build);
        assertEquals(ElboException.Kind.USAGE, unknown.kind());
    }

    @Test
    void afterClosingThereIsNothingToAsk() {
        VaeService service = reference(Likelihood.BERNOULLI, true);
        service.close();
        service.close();
        float[] x = pixels(1, INPUTS);
        IllegalStateException error = assertThrows(IllegalStateException.class, () -> service.encode(x));
        assertEquals("the service is closed", error.getMessage());
    }

    @Test
    void anInterruptedThreadStopsBetweenRuns() {
        try (VaeService service = reference(Likelihood.BERNOULLI, true)) {
            float[] x = pixels(1, INPUTS);
            Thread.currentThread().interrupt();
            assertThrows(CancellationException.class, () -> service.encode(x));
            assertTrue(Thread.interrupted(), "the status stays, here it is cleared");
            assertEquals(LATENT, service.encode(x).length, "the replica is back");
        }
    }

    @Test
    void aCallMakesLittleBesidesItsAnswer() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        float[] x = pixels(3200, 100);
        try (VaeService service =
                VaeService.builder(model(folder)).backend("cpu").replicas(1).build()) {
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 50; i++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                service.encode(x);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            long answer = 3200 * 5 * Float.BYTES;
            assertTrue(least < answer + 2048, least + " bytes were allocated for an answer of " + answer);
        }
    }
}
