package dev.elbo.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.data.Dataset;
import dev.elbo.model.VaeSpec;
import dev.elbo.serve.VaeService;
import dev.elbo.serve.VaeServiceTest;
import dev.elbo.train.TrainingResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples do what they say, and the README or a page beside it shows their code. */
class ExamplesTest {
    private static final Path EXAMPLES = Path.of("src/test/java/dev/elbo/examples");
    private static final int INPUTS = 100;

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void everyThreadGetsTheSameScore() throws Exception {
        List<Double> scores = ServeFromThreads.run(VaeServiceTest.model(folder), out);
        assertEquals(200, scores.size());
        assertEquals(1, Set.copyOf(scores).size(), "the same request, the same bits");
        assertTrue(printed().startsWith("2 replicas, "), printed());
    }

    @Test
    void everyClassGetsAScoreAndThatStyle() {
        List<String> classes = List.of("cat", "dog", "hen");
        VaeSpec spec = VaeSpec.builder(INPUTS).hidden(8).latent(2).build().withClasses(classes);
        Path model = VaeServiceTest.model(folder, spec);
        float[][] styles = ServeClasses.run(model, "dog", out);
        for (int i = 0; i < 3; i++) {
            String line = printed().lines().toList().get(i);
            assertTrue(line.startsWith(classes.get(i) + ": ") && line.endsWith(" nats"), line);
        }
        try (VaeService service = VaeService.builder(model).build()) {
            VaeService dogs = service.inClass("dog");
            assertArrayEquals(dogs.reconstruct(dogs.sample(1, 42)), styles[1], 1e-5f);
        }
    }

    @Test
    void everyLineGetsAScore() {
        String line = Stream.generate(() -> "0.5").limit(INPUTS).collect(Collectors.joining(","));
        ScoreStream.run(VaeServiceTest.model(folder), new StringReader((line + "\n").repeat(100)), out);
        List<String> scores = printed().lines().toList();
        assertEquals(100, scores.size());
        double first = Double.parseDouble(scores.get(0));
        for (String score : scores) {
            assertEquals(first, Double.parseDouble(score), 1e-3, "equal examples, equal scores up to rounding");
        }
    }

    @Test
    void thisMachineHolds() {
        assertTrue(VerifyMyMachine.run("cpu", "dense"::equals, out), printed());
        assertTrue(printed().contains("golden tensors, all hold"), printed());
    }

    @Test
    void aProgramTrainsAndSaves() {
        Path model = folder.resolve("model.safetensors");
        double elbo = TrainInProcess.inMemory(model, 3, out);
        assertTrue(printed().startsWith("test ELBO "), printed());
        try (VaeService service =
                VaeService.builder(model).backend("cpu").replicas(1).build()) {
            assertEquals(64, service.spec().inputs());
            assertEquals(64, service.inputs().image().orElseThrow().features());
        }
        TrainingResult result = TrainInProcess.inFolder(folder.resolve("run"), 3, out);
        assertEquals(elbo, result.testElbo(), "the folder changes nothing");
        assertEquals(4, printed().lines().count(), printed());
        TrainInProcess.inFolder(folder.resolve("run"), 5, out);
        assertTrue(printed().lines().toList().get(4).startsWith("epoch 4: "), "it goes on: " + printed());
    }

    @Test
    void convolutionsAreSavedWithTheirModel() {
        Path model = folder.resolve("convolutions.safetensors");
        double early = ConvolutionsInProcess.train(model, 1, out);
        assertTrue(ConvolutionsInProcess.train(model, 5, out) > early, "more epochs, a better bound: " + printed());
        String summary = printed().lines().findFirst().orElseThrow();
        assertEquals("1 × 8 × 8-16x3s1p1-32x4s2p1-64-10, relu, gaussian-optimal", summary);
        try (VaeService service =
                VaeService.builder(model).backend("cpu").replicas(1).build()) {
            assertEquals(summary, service.spec().summary());
            assertEquals(3 * 64, service.sample(3, 42).length);
        }
    }

    @Test
    void ownMeasurementsAreJudgedInTheirUnits() {
        Path model = folder.resolve("engines.safetensors");
        OwnData.train(OwnData.measurements(2000), model, 60);
        double[] scores = OwnData.judge(model, out);
        assertTrue(scores[1] > scores[0] + 10, "the cold engine is strange: " + printed());
        assertTrue(printed().contains(" temperature 62, expected "), printed());
        String[] words = printed().lines().toList().get(0).split("[ ;]+");
        double expected = Double.parseDouble(words[7]);
        assertEquals(3000, expected, 300, "a speed in its own unit: " + printed());
    }

    @Test
    void gapsOfASurveyAreFilled() {
        float[] given = FillGaps.survey(2000);
        Dataset complete = FillGaps.fill(given, 30, out);
        float[] filled = complete.values();
        double error = 0;
        int known = 0;
        for (int i = 0; i < given.length; i++) {
            assertTrue(Float.isNaN(given[i]) ? !Float.isNaN(filled[i]) : given[i] == filled[i], "value " + i);
            // income tells age
            if (i % 7 == 0 && Float.isNaN(given[i]) && !Float.isNaN(given[i + 1])) {
                error += Math.abs(filled[i] - (25 + 50 * (given[i + 1] - 19000) / 60000));
                known++;
            }
        }
        assertTrue(known > 200 && error / known < 5, "mean error " + error / known + " of " + known);
        assertTrue(printed().matches("(?s).*\\R    or \\[\\d.*"), printed());
        assertTrue(printed().contains(", standard deviation "), printed());
    }

    @Test
    void rowsOfWordsAreScored() throws IOException {
        StringBuilder csv = new StringBuilder("age,site,member,plan,visits\n");
        for (int i = 0; i < 400; i++) {
            boolean old = i % 2 == 0;
            csv.append(i % 7 == 0 ? "" : "" + ((old ? 60.5 : 20.5) + i % 10))
                    .append(",north,")
                    .append(i % 11 == 0 ? "NA" : old ? "yes" : "no")
                    .append(',')
                    .append(old ? "gold" : i % 3 == 0 ? "tin" : "none")
                    .append(',')
                    .append(i % 5 == 0 ? "?" : "" + (old ? 12 + i % 5 : i % 3))
                    .append('\n');
        }
        Path table = Files.writeString(folder.resolve("members.csv"), csv);
        List<String[]> rows = List.of(
                new String[] {"63", "north", "yes", "gold", "13"},
                new String[] {"63", "north", "yes", "gold", null},
                new String[] {"63", "north", "no", "gold", "0"});
        double[] scores = ServeTable.run(table, folder.resolve("members.safetensors"), 60, rows, out);
        assertTrue(scores[2] > scores[0] + 5, printed());
        assertTrue(scores[1] < scores[0], "what is missing costs nothing: " + printed());
        assertTrue(printed().lines().toList().get(1).contains(", null], usual: [6"), printed());
    }

    @Test
    void thePagesShowTheirCode() throws IOException {
        StringBuilder pages = new StringBuilder(Files.readString(Path.of("README.md")));
        try (Stream<Path> files = Files.list(Path.of("src/site"))) {
            for (Path page :
                    files.filter(file -> file.toString().endsWith(".md")).toList()) {
                pages.append(Files.readString(page));
            }
        }
        int shown = 0;
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            for (Path file : files.toList()) {
                String source = Files.readString(file);
                int from = source.indexOf("// [shown\n");
                if (from < 0 || file.endsWith("ExamplesTest.java")) {
                    continue;
                }
                String excerpt = source.substring(from + 10, source.indexOf("// shown]"))
                        .stripIndent()
                        .strip();
                assertTrue(pages.indexOf("```java\n" + excerpt + "\n") >= 0, file + "\n" + excerpt);
                shown++;
            }
        }
        assertTrue(shown >= 4, shown + " are shown");
    }
}
