package dev.elbo.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.StandardScaler;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Model files and folders, alone and in pipelines, read by the version of Spark that saved them and by the other. */
class SavedModelTest {
    private static final Path FIXTURES = Path.of("src/test/resources/saved");
    private static final String EXPECTED = "expected.csv";

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        Sessions.session();
    }

    @Test
    void theTestsRunOnTheVersionThatTheBuildNames() {
        assertEquals(System.getProperty("spark.version"), Sessions.session().version());
    }

    private static VaeModel model() {
        return VaeModel.ofFile(Models.ofScaled().toString())
                .setScoreKind("likelihood")
                .setSamples(5)
                .setReconstructionCol("usual")
                .setBackend("cpu");
    }

    private static Dataset<Row> frame() {
        return Frames.columns(Models.numbers(40), Models.NAMES).coalesce(1);
    }

    private static PipelineModel pipeline() {
        VectorAssembler assembler = new VectorAssembler()
                .setInputCols(Models.NAMES.toArray(String[]::new))
                .setOutputCol("raw");
        StandardScaler scaler =
                new StandardScaler().setInputCol("raw").setOutputCol("features").setWithMean(true);
        return new Pipeline()
                .setStages(new PipelineStage[] {assembler, scaler, model()})
                .fit(frame());
    }

    private static String values(Dataset<Row> scored) {
        double[][] codes = Sessions.vectors(scored, "latent");
        double[] scores = Sessions.numbers(scored, "score");
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < scores.length; i++) {
            lines.append(scores[i])
                    .append(',')
                    .append(Arrays.stream(codes[i]).mapToObj(Double::toString).collect(Collectors.joining(",")))
                    .append('\n');
        }
        return lines.toString();
    }

    private static double[][] read(String values) {
        return values.lines()
                .map(line -> Arrays.stream(line.split(","))
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toArray(double[][]::new);
    }

    @Test
    void aSavedModelHasItsParametersAndTheBytesOfItsFile() throws IOException {
        String path = folder.resolve("saved").toString();
        VaeModel model = model().setInputCols("a", "b", "c", "d", "e", "f");
        model.save(path);
        assertArrayEquals(
                Files.readAllBytes(Models.ofScaled()), Files.readAllBytes(Path.of(path, "model.safetensors")));
        VaeModel loaded = VaeModel.load(path);
        assertEquals(model.uid(), loaded.uid());
        assertEquals(explained(model), explained(loaded));
        assertEquals(values(model.transform(frame())), values(loaded.transform(frame())));
        assertEquals(model.uid(), VaeModel.read().load("file:" + path).uid());
        IOException there = assertThrows(IOException.class, () -> model.save(path));
        assertTrue(there.getMessage().contains("already exists"), there.getMessage());
        model.setSamples(6).write().overwrite().save(path);
        assertEquals(6, VaeModel.load(path).getSamples());
    }

    /** Returns the parameters with their values and defaults; an array is told by its type alone. */
    private static String explained(VaeModel model) {
        return model.explainParams().replaceAll("@[0-9a-f]+", "") + Arrays.toString(model.getInputCols());
    }

    @Test
    void aPipelineIsSavedAndLoaded() throws IOException {
        PipelineModel pipeline = pipeline();
        String path = folder.resolve("pipeline").toString();
        pipeline.save(path);
        assertEquals(
                values(pipeline.transform(frame())),
                values(PipelineModel.load(path).transform(frame())));
    }

    /** Writes a fixture: {@code mvn -f src/spark test -Dtest=SavedModelTest -Delbo.spark.fixture=make}, and with -Pspark-4. */
    @Test
    @EnabledIfSystemProperty(named = "elbo.spark.fixture", matches = "make")
    void aFixtureIsMade() throws IOException {
        Path made = FIXTURES.resolve("spark-" + Sessions.session().version());
        PipelineModel pipeline = pipeline();
        pipeline.write().overwrite().save(made.resolve("pipeline").toString());
        Files.writeString(made.resolve(EXPECTED), values(pipeline.transform(frame())));
        try (Stream<Path> files = Files.walk(made)) {
            for (Path file : files.filter(SavedModelTest::isSpare).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Returns whether Spark reads a folder without this file. */
    private static boolean isSpare(Path file) {
        return file.toString().endsWith(".crc") || file.endsWith("_SUCCESS");
    }

    @Test
    void whatOneVersionOfSparkSavedAnotherLoads() throws IOException {
        try (Stream<Path> fixtures = Files.list(FIXTURES)) {
            List<Path> all = fixtures.sorted().toList();
            assertEquals(
                    "[spark-3.5.6, spark-4.2.0]",
                    all.stream().map(Path::getFileName).toList().toString());
            for (Path fixture : all) {
                PipelineModel pipeline =
                        PipelineModel.load(fixture.resolve("pipeline").toString());
                VaeModel model = (VaeModel) pipeline.stages()[2];
                assertEquals(
                        "likelihood 5 usual",
                        model.getScoreKind() + " " + model.getSamples() + " " + model.getReconstructionCol());
                Sessions.assertClose(
                        read(Files.readString(fixture.resolve(EXPECTED))),
                        read(values(pipeline.transform(frame()))),
                        1e-5);
            }
        }
    }

    @Test
    void aModelIsReadFromAnyFileSystemThatHadoopKnows() throws IOException {
        assertEquals(
                VaeModel.ofFile(Models.ofScaled().toString()).spec(),
                VaeModel.ofFile(Models.ofScaled().toUri().toString()).spec());
        refused(Kind.DATA, () -> VaeModel.ofFile(folder.resolve("none").toString()), "none: no such file");
        refused(
                Kind.IO,
                () -> VaeModel.ofFile("nosuch://a/b"),
                "nosuch://a/b: cannot be read: No FileSystem for scheme");
        refused(Kind.DATA, () -> VaeModel.ofFile(""), "'' is not a path that Hadoop knows");
        refused(Kind.DATA, () -> VaeModel.ofFile(folder.toString()), ": is a folder; ", "VaeModel.load the folder");
        refused(
                Kind.DATA,
                () -> VaeModel.load(folder.toString()),
                ": is not a folder that VaeModel.save has written; VaeModel.ofFile reads a model.safetensors");
    }

    @Test
    void brokenFilesAreRefusedByTheirNames() throws IOException {
        byte[] bytes = Files.readAllBytes(Models.ofScaled());
        bytes[bytes.length - 1] ^= 1;
        Path broken = Files.write(folder.resolve("broken.safetensors"), bytes);
        refused(Kind.DATA, () -> VaeModel.ofFile(broken.toString()), "broken.safetensors: its content differs");
        Path text = Files.writeString(folder.resolve("text"), "none of it");
        refused(Kind.DATA, () -> VaeModel.ofFile(text.toString()), "text: declares a header of ");

        String path = folder.resolve("saved").toString();
        model().save(path);
        Path metadata = Path.of(path, "metadata", "part-00000");
        Files.delete(Path.of(path, "metadata", ".part-00000.crc"));
        String good = Files.readString(metadata);
        Files.writeString(metadata, good.replace("\"samples\":5", "\"sampled\":5"));
        refused(
                Kind.DATA,
                () -> VaeModel.load(path),
                "has the parameter 'sampled', which this version of elbo does not");
        Files.writeString(metadata, good.replace("dev.elbo.spark.VaeModel", "a.B"));
        refused(Kind.DATA, () -> VaeModel.load(path), "holds a 'a.B', not a VaeModel");
        for (String bad : List.of("{", "[]", "{}", good.replace("paramMap", "map"), good.replace(":5", ":{}"))) {
            Files.writeString(metadata, bad);
            refused(Kind.DATA, () -> VaeModel.load(path), "metadata: is not what VaeModel.save writes");
        }
    }

    private static void refused(Kind kind, Runnable work, String... words) {
        Sessions.refused(kind, work, words);
    }
}
