package dev.elbo.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import de.bwaldvogel.liblinear.Linear;
import dev.elbo.analysis.Probe.Part;
import dev.elbo.analysis.Probe.Result;
import dev.elbo.error.ElboException;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProbeTest {
    private static final int FEATURES = 6;
    private static final int CLASSES = 3;

    private static float[] normals(int seed, int count) {
        float[] values = new float[count];
        Noise.normals(seed, 0, NoiseStream.SAMPLE, 0, 0, count, values, 0);
        return values;
    }

    /** Clouds around as many points as classes, {@code apart} from each other; features of very different scales. */
    private static Part clouds(int seed, int examples, double apart) {
        float[] values = normals(seed, examples * FEATURES);
        int[] labels = new int[examples];
        for (int i = 0; i < examples; i++) {
            labels[i] = 10 * (i % CLASSES);
            values[i * FEATURES + i % CLASSES] += (float) apart;
            for (int j = 0; j < FEATURES; j++) {
                values[i * FEATURES + j] = (float) (values[i * FEATURES + j] * Math.pow(10, j - 2) + j);
            }
        }
        return new Part(values, FEATURES, labels);
    }

    @Test
    void separatesWhatIsSeparable() {
        Result result = new Probe(5, 0).run(clouds(1, 300, 12), clouds(2, 150, 12));
        assertEquals(1, result.accuracy());
        assertEquals(0, result.standardError());
        assertEquals(1, Collections.max(result.crossValidated()));
        assertEquals(List.of(0, 10, 20), result.classes());
        assertEquals(List.of(List.of(50, 0, 0), List.of(0, 50, 0), List.of(0, 0, 50)), result.confusion());
        assertEquals(1.0 / 3, result.majority(), 1e-15);
    }

    @Test
    void countsAgreeWithEachOther() {
        Result result = new Probe(4, 0).run(clouds(1, 300, 2.5), clouds(2, 151, 2.5));
        assertTrue(result.accuracy() > 0.75 && result.accuracy() < 1, "accuracy " + result.accuracy());
        int right = IntStream.range(0, CLASSES)
                .map(i -> result.confusion().get(i).get(i))
                .sum();
        assertEquals(151, result.examples());
        assertEquals(right / 151.0, result.accuracy(), 1e-15);
        assertEquals(Math.sqrt(result.accuracy() * (1 - result.accuracy()) / 151), result.standardError(), 1e-15);
        assertEquals(result.confusion().get(0).get(0) / 51.0, result.recall(0), 1e-15);
        assertEquals(Probe.GRID.size(), result.crossValidated().size());
        int chosen = Probe.GRID.indexOf(result.c());
        for (int i = 0; i < Probe.GRID.size(); i++) {
            double share = result.crossValidated().get(i);
            double best = result.crossValidated().get(chosen);
            assertTrue(i < chosen ? share < best : share <= best, result.toString());
        }
    }

    @Test
    void findsNothingWhereThereIsNothing() {
        int examples = 900;
        int[] labels = IntStream.range(0, examples).map(i -> i % 2).toArray();
        Part train = new Part(normals(3, examples * FEATURES), FEATURES, labels);
        Part test = new Part(normals(4, examples * FEATURES), FEATURES, labels);
        Result result = new Probe(5, 0).run(train, test);
        // four standard errors of a coin
        assertEquals(0.5, result.accuracy(), 4 * 0.5 / Math.sqrt(examples));
        assertEquals(0.5, Collections.max(result.crossValidated()), 4 * 0.5 / Math.sqrt(examples));
    }

    @Test
    void theHeldOutPartDecidesNothing() {
        Part train = clouds(1, 200, 2);
        Part test = clouds(2, 100, 2);
        int[] wrong =
                Arrays.stream(test.labels()).map(label -> (label + 10) % 30).toArray();
        Result right = new Probe(5, 0).run(train, test);
        Result turned = new Probe(5, 0).run(train, new Part(test.values(), FEATURES, wrong));
        assertEquals(right.c(), turned.c());
        assertEquals(right.crossValidated(), turned.crossValidated());
        for (int i = 0; i < CLASSES; i++) {
            assertEquals(right.confusion().get(i), turned.confusion().get((i + 1) % CLASSES));
        }
    }

    @Test
    void theSameSeedGivesTheSameResultForAnyNumberOfThreads() throws Exception {
        Part train = clouds(1, 200, 1.5);
        Part test = clouds(2, 100, 1.5);
        Result result = new Probe(5, 3).run(train, test);
        ForkJoinPool one = new ForkJoinPool(1);
        try {
            assertEquals(
                    result, one.submit(() -> new Probe(5, 3).run(train, test)).get());
        } finally {
            one.shutdown();
        }
    }

    @Test
    void saysNothing() {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setOut(new PrintStream(said));
        System.setErr(System.out);
        // the library keeps the stream that it found when it was loaded; this hands it ours
        Linear.enableDebugOutput();
        try {
            new Probe(2, 0).run(clouds(1, 60, 0), clouds(2, 30, 0));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        assertEquals("", said.toString());
    }

    @Test
    void constantFeaturesAndUnknownClassesAreNoTrouble() {
        Part train = clouds(1, 120, 12);
        Part test = clouds(2, 60, 12);
        for (int i = 0; i < 120; i++) {
            train.values()[i * FEATURES + 5] = 0.1f;
        }
        test.labels()[0] = 5;
        Result result = new Probe(3, 0).run(train, test);
        assertEquals(List.of(0, 5, 10, 20), result.classes());
        assertEquals(0, result.recall(1));
        assertEquals(59 / 60.0, result.accuracy(), 1e-15);
        Part flat = new Part(new float[120], 1, train.labels());
        Result nothing = new Probe(3, 0).run(flat, new Part(new float[60], 1, test.labels()));
        assertEquals(1.0 / 3, nothing.accuracy(), 0.02);
        test.labels()[0] = 0;
        Result missing = new Probe(3, 0).run(train, new Part(new float[2 * FEATURES], FEATURES, new int[] {0, 10}));
        assertTrue(Double.isNaN(missing.recall(2)));
    }

    @Test
    void whatCannotBeProbedIsRefused() {
        Part train = clouds(1, 30, 1);
        Part same = new Part(new float[30], 1, new int[30]);
        assertThrows(IllegalArgumentException.class, () -> new Probe(1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Part(new float[7], 2, new int[3]));
        refuses(ElboException.Kind.DATA, "two classes", same, 5);
        refuses(ElboException.Kind.DATA, "31 folds", train, 31);
        train.values()[3] = Float.NaN;
        refuses(ElboException.Kind.NUMERIC, "NaN", train, 5);
    }

    private static void refuses(ElboException.Kind kind, String named, Part train, int folds) {
        ElboException thrown = assertThrows(ElboException.class, () -> new Probe(folds, 0).run(train, train));
        assertEquals(kind, thrown.kind());
        assertTrue(thrown.getMessage().contains(named), thrown.getMessage());
    }
}
