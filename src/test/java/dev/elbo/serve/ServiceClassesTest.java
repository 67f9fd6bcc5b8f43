package dev.elbo.serve;

import static dev.elbo.io.Failures.fails;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A service of a model with classes answers each row in the class that a view gives it. */
public class ServiceClassesTest {
    /** Names that are not their numbers, so that one is not taken for the other. */
    private static final List<String> CLASSES = List.of("7", "3", "0");

    private static final int INPUTS = 12;
    private static final int LATENT = 3;
    /** Of batches of 4: two whole ones, and one of 3 rows. */
    private static final int ROWS = 11;

    private static final long SEED = 99;

    @TempDir
    private Path folder;

    private Path model(Component likelihood) {
        return VaeServiceTest.model(
                folder,
                VaeSpec.mlp(INPUTS, List.of(8), LATENT, Activation.TANH, likelihood, true)
                        .withClasses(CLASSES));
    }

    /** A model with classes, and products large enough to be cut into blocks. */
    public static Path model(Path folder) {
        return VaeServiceTest.model(
                folder,
                VaeSpec.mlp(100, List.of(37), 5, Activation.RELU, Likelihood.BERNOULLI, true)
                        .withClasses(CLASSES));
    }

    private static float[] pixels(int rows, int width) {
        float[] pixels = new float[rows * width];
        Noise.uniforms(3, 0, NoiseStream.BINARIZE, 0, 0, pixels.length, pixels, 0);
        return pixels;
    }

    private static float[] row(float[] all, int i, int width) {
        return Arrays.copyOfRange(all, i * width, (i + 1) * width);
    }

    private static VaeService.Builder reference(Path model) {
        return VaeService.builder(model)
                .backend("reference")
                .replicas(1)
                .batchSize(4)
                .samples(2)
                .seed(7);
    }

    /** Without a period that divides a batch, so that a label of a wrong batch shows. */
    private static String[] mixed(int rows) {
        return IntStream.range(0, rows)
                .mapToObj(i -> CLASSES.get((i + i / 5) % CLASSES.size()))
                .toArray(String[]::new);
    }

    private static String[] all(String name) {
        String[] names = new String[ROWS];
        Arrays.fill(names, name);
        return names;
    }

    private static int[] numbers(String... names) {
        return Arrays.stream(names).mapToInt(CLASSES::indexOf).toArray();
    }

    private static Dataset labelled(float[] x, String... names) {
        return Dataset.of("x", x, INPUTS)
                .withLabels(Arrays.stream(names).mapToInt(Integer::parseInt).toArray());
    }

    /** The reference computes a row alike wherever it stands, so that there is nothing to be tolerated. */
    private static void assertAnswersOfTheAnalysis(VaeService view, Path model, String... names) {
        float[] x = pixels(ROWS, INPUTS);
        try (Backend backend = Backends.open("reference");
                ModelFile.Loaded loaded = ModelFile.read(model, backend);
                DataSource data = DataSource.of(backend, labelled(x, names), DataPlacement.RESIDENT, CLASSES)) {
            Inference inference = new Inference(loaded.vae(), SEED).inClasses(numbers(names));
            float[] codes = view.encode(x);
            assertArrayEquals(inference.encode(data, false), codes);
            assertArrayEquals(inference.encode(data, true), view.samplePosterior(x, SEED));
            assertArrayEquals(inference.reconstruct(data), view.reconstruct(x));
            assertArrayEquals(inference.decode(codes), view.decode(codes));
            assertArrayEquals(inference.sample(ROWS), view.sample(ROWS, SEED));
            Inference drawn = inference.outputDraws();
            OutputDraws draws = view.outputDraws(SEED);
            assertArrayEquals(drawn.reconstruct(data), draws.reconstruct(x));
            assertArrayEquals(drawn.decode(codes), draws.decode(codes));
            assertArrayEquals(drawn.sample(ROWS), draws.sample(ROWS));
            for (AnomalyScore kind : AnomalyScore.values()) {
                double[] scores = view.anomalyScores(x, kind);
                for (int i = 0; i < ROWS; i++) {
                    try (DataSource alone = DataSource.of(
                            backend, labelled(row(x, i, INPUTS), names[i]), DataPlacement.RESIDENT, CLASSES)) {
                        assertEquals(new Scores(loaded.vae(), kind, 2, 7).compute(alone, "row")[0], scores[i]);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.elbo.net.TinyModel#likelihoods")
    void answersInClassesAreThoseOfTheAnalysis(Component likelihood) {
        Path model = model(likelihood);
        try (VaeService service = reference(model).build()) {
            assertAnswersOfTheAnalysis(service.inClass(mixed(ROWS)), model, mixed(ROWS));
            assertAnswersOfTheAnalysis(service.inClass("3"), model, all("3"));
            assertAnswersOfTheAnalysis(service.inClass(mixed(ROWS)).inClass("7"), model, all("7"));
        }
    }

    /** All that a view can be asked about some rows. */
    private static List<Function<VaeService, Object>> questions(float[] x, float[] z, int width) {
        float[][] rows = Rows.unpack(x, width);
        double[] exact = IntStream.range(0, x.length).mapToDouble(i -> x[i]).toArray();
        AnomalyScore score = AnomalyScore.NEGATIVE_ELBO;
        List<Function<VaeService, Object>> all = new ArrayList<>();
        all.add(view -> view.encode(x));
        all.add(view -> view.encode(exact));
        all.add(view -> view.encode(rows));
        all.add(view -> view.samplePosterior(x, 5));
        all.add(view -> view.decode(z));
        all.add(view -> view.decode(Rows.unpack(z, z.length / rows.length)));
        all.add(view -> view.reconstruct(x));
        all.add(view -> view.reconstruct(exact));
        all.add(view -> view.reconstruct(rows));
        all.add(view -> view.sample(rows.length, 5));
        all.add(view -> view.outputDraws(5).decode(z));
        all.add(view -> view.outputDraws(5).reconstruct(x));
        all.add(view -> view.outputDraws(5).sample(rows.length));
        all.add(view -> view.anomalyScores(x, score));
        all.add(view -> view.anomalyScores(exact, score));
        all.add(view -> view.anomalyScores(rows, score));
        return all;
    }

    private static void assertSame(Object expected, Object actual, String what) {
        assertTrue(Arrays.deepEquals(new Object[] {expected}, new Object[] {actual}), what);
    }

    @Test
    void everyCallIsOfTheClassesOfItsView() {
        float[] x = pixels(ROWS, INPUTS);
        try (VaeService service = reference(model(Likelihood.BERNOULLI)).build()) {
            List<Function<VaeService, Object>> questions = questions(x, pixels(ROWS, LATENT), INPUTS);
            for (int i = 0; i < questions.size(); i++) {
                Object first = questions.get(i).apply(service.inClass("7"));
                Object other = questions.get(i).apply(service.inClass("3"));
                assertTrue(!Arrays.deepEquals(new Object[] {first}, new Object[] {other}), "question " + i);
                assertSame(first, questions.get(i).apply(service.inClass(all("7"))), "question " + i);
            }
            double[] of7 = service.inClass("7").anomalyScores(x, AnomalyScore.NEGATIVE_ELBO);
            double[] of3 = service.inClass("3").anomalyScores(x, AnomalyScore.NEGATIVE_ELBO);
            for (int i = 0; i < ROWS; i++) {
                assertNotEquals(of7[i], of3[i], 1e-3);
            }
        }
    }

    @Test
    void aStreamIsOfOneClass() {
        float[][] rows = Rows.unpack(pixels(ROWS, INPUTS), INPUTS);
        AnomalyScore score = AnomalyScore.NEGATIVE_ELBO;
        try (VaeService service = reference(model(Likelihood.BERNOULLI)).build()) {
            VaeService view = service.inClass("0");
            assertArrayEquals(
                    view.anomalyScores(rows, score),
                    view.anomalyScores(Stream.of(rows), score).toArray());
            refused(
                    "anomalyScores: inClass was given 2 names, but the examples of a stream are of one class; score them"
                            + " in arrays",
                    () -> service.inClass("0", "7").anomalyScores(Stream.of(rows), score));
            refused(
                    "anomalyScores: the model has classes and needs that of each row; name it with VaeService.inClass",
                    () -> service.anomalyScores(Stream.of(rows), score));
        }
    }

    private static void refused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void whatHasNoClassIsRefused() {
        float[] x = pixels(ROWS, INPUTS);
        try (VaeService service = reference(model(Likelihood.BERNOULLI)).build()) {
            for (Function<VaeService, Object> question : questions(x, pixels(ROWS, LATENT), INPUTS)) {
                String told = assertThrows(IllegalArgumentException.class, () -> question.apply(service))
                        .getMessage();
                assertTrue(
                        told.endsWith(
                                ": the model has classes and needs that of each row; name it with VaeService.inClass"),
                        told);
                String counted = assertThrows(
                                IllegalArgumentException.class, () -> question.apply(service.inClass("7", "3")))
                        .getMessage();
                assertTrue(
                        counted.endsWith(
                                ": inClass was given 2 names, one for each row, but the call has " + ROWS + " rows"),
                        counted);
            }
            refused(
                    "sample: inClass was given 2 names, one for each row, but the call has 1 row",
                    () -> service.inClass("7", "3").sample(1, 0));
            refused("inClass: there are no names; give one for all rows, or one for each row", () -> service.inClass());
            fails(
                    ElboException.Kind.USAGE,
                    () -> service.inClass("7", "8"),
                    "'8' is none of the model's classes 7, 3, 0");
            assertEquals(
                    "names[1]",
                    assertThrows(NullPointerException.class, () -> service.inClass("7", null))
                            .getMessage());
        }
        try (VaeService plain = reference(VaeServiceTest.model(
                        folder, VaeSpec.mlp(2, List.of(), 1, Activation.RELU, Likelihood.GAUSSIAN, true)))
                .build()) {
            fails(ElboException.Kind.USAGE, () -> plain.inClass("7"), "the model has no classes");
        }
    }

    @Test
    void aViewSharesTheService() {
        try (VaeService service = reference(model(Likelihood.BERNOULLI)).build()) {
            String[] names = {"7"};
            VaeService view = service.inClass(names);
            float[] expected = view.sample(3, 1);
            names[0] = "3";
            assertArrayEquals(expected, view.sample(3, 1), "names are looked up once");
            assertEquals(CLASSES, view.spec().classes());
            assertEquals(service.metadata(), view.metadata());
            assertEquals(service.description(), view.description());
            assertEquals(service.replicas(), view.replicas());
            assertTrue(view.healthy());
            view.close();
            assertThrows(IllegalStateException.class, () -> view.sample(3, 1));
            assertThrows(IllegalStateException.class, () -> service.inClass("3").sample(3, 1));
        }
    }

    /** Views of several classes ask at once, and each gets what one thread got from one replica. */
    public static void viewsDoNotSeeEachOther(Path model, String backend, int replicas) throws Exception {
        int rows = 70;
        List<String[]> views = List.of(new String[] {"7"}, new String[] {"3"}, mixed(rows));
        List<Function<VaeService, Object>> questions = questions(pixels(rows, 100), pixels(rows, 5), 100);
        List<List<Object>> expected = new ArrayList<>();
        try (VaeService one =
                VaeService.builder(model).backend(backend).replicas(1).build()) {
            for (String[] names : views) {
                VaeService view = one.inClass(names);
                expected.add(
                        questions.stream().map(question -> question.apply(view)).toList());
            }
        }
        ExecutorService pool = Executors.newFixedThreadPool(6);
        try (VaeService many =
                VaeService.builder(model).backend(backend).replicas(replicas).build()) {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < 6; t++) {
                int which = t % views.size();
                int start = t * 5;
                VaeService view = many.inClass(views.get(which));
                done.add(pool.submit(() -> {
                    for (int i = 0; i < 3 * questions.size(); i++) {
                        int asked = (start + i) % questions.size();
                        assertSame(
                                expected.get(which).get(asked),
                                questions.get(asked).apply(view),
                                "view " + which + ", question " + asked);
                    }
                }));
            }
            for (Future<?> thread : done) {
                thread.get(2, TimeUnit.MINUTES);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void viewsDoNotSeeEachOtherOnTheCpu() throws Exception {
        viewsDoNotSeeEachOther(model(folder), "cpu", 2);
    }

    @Test
    void aCallInAClassMakesLittleBesidesItsAnswer() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        float[] x = pixels(3200, 100);
        try (VaeService service =
                VaeService.builder(model(folder)).backend("cpu").replicas(1).build()) {
            VaeService view = service.inClass(mixed(3200));
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 50; i++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                view.encode(x);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            long answer = 3200 * 5 * Float.BYTES;
            assertTrue(least < answer + 2048, least + " bytes were allocated for an answer of " + answer);
        }
    }
}
