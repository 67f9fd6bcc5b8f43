package dev.elbo.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.analysis.AnomalyScore;
import dev.elbo.serve.VaeService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outputs are those of a service and of the command line, whatever holds the examples and however they are cut. */
class AnswersTest {
    /** A row's digits may differ by its place in a batch, relative to the larger of 1 and the number. */
    private static final double DIGITS = 1e-5;

    private static final double[][] ROWS = Models.numbers(1203);

    @TempDir
    private Path folder;

    private static VaeModel model() {
        return VaeModel.ofFile(Models.ofNumbers().toString())
                .setReconstructionCol("usual")
                .setBackend("cpu");
    }

    private static VaeService service() {
        return VaeService.builder(Models.ofNumbers())
                .backend("cpu")
                .replicas(1)
                .batchSize(512)
                .build();
    }

    private static double[] flat(double[][] rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    @Test
    void onePartitionHasTheBitsOfAService() {
        Dataset<Row> scored =
                model().transform(Frames.vectors(ROWS).coalesce(1)).cache();
        try (VaeService service = service()) {
            double[] x = flat(ROWS);
            assertArrayEquals(Sessions.wide(service.encode(x)), flat(Sessions.vectors(scored, "latent")));
            assertArrayEquals(service.anomalyScores(x, AnomalyScore.NEGATIVE_ELBO), Sessions.numbers(scored, "score"));
            assertArrayEquals(service.reconstruct(x), flat(Sessions.vectors(scored, "usual")));
        }
    }

    @Test
    void allPartitionsGiveTheSameUpToTheLastDigits() {
        Dataset<Row> one = model().transform(Frames.vectors(ROWS).coalesce(1)).cache();
        for (int partitions : new int[] {3, 17}) {
            Dataset<Row> many = model().transform(Frames.vectors(ROWS).repartition(partitions))
                    .orderBy("id")
                    .cache();
            assertEquals(ROWS.length, many.count());
            Sessions.assertClose(Sessions.vectors(one, "latent"), Sessions.vectors(many, "latent"), DIGITS);
            Sessions.assertClose(Sessions.numbers(one, "score"), Sessions.numbers(many, "score"), DIGITS);
            Sessions.assertClose(Sessions.vectors(one, "usual"), Sessions.vectors(many, "usual"), DIGITS);
        }
    }

    @Test
    void allFormsOfExamplesGiveTheSame() {
        double[][] rows = Arrays.copyOf(ROWS, 100);
        double[][] expected =
                Sessions.vectors(model().transform(Frames.vectors(rows).coalesce(1)), "usual");
        assertArrayEquals(
                expected,
                Sessions.vectors(model().transform(Frames.doubles(rows).coalesce(1)), "usual"));
        Sessions.assertClose(
                expected, Sessions.vectors(model().transform(Frames.floats(rows).coalesce(1)), "usual"), DIGITS);
        Dataset<Row> columns = Frames.columns(rows, Models.NAMES).coalesce(1);
        VaeModel byPlace = model().setInputCols(Models.NAMES.toArray(String[]::new));
        assertArrayEquals(expected, Sessions.vectors(byPlace.transform(columns), "usual"));
    }

    @Test
    void sparseVectorsAreExamples() {
        double[][] rows = new double[5][Models.WIDTH];
        for (double[] row : rows) {
            row[2] = 203;
        }
        List<Row> sparse = IntStream.range(0, rows.length)
                .mapToObj(i -> RowFactory.create(Vectors.dense(rows[i]).toSparse()))
                .toList();
        Dataset<Row> frame = Frames.of(Frames.schema("features", SQLDataTypes.VectorType()), sparse);
        assertArrayEquals(
                Sessions.vectors(model().transform(Frames.vectors(rows).coalesce(1)), "latent"),
                Sessions.vectors(model().transform(frame.coalesce(1)), "latent"));
    }

    @Test
    void namedInputsAreFoundByName() {
        double[][] rows = Arrays.copyOf(ROWS, 50);
        Dataset<Row> frame = Frames.columns(rows, Models.NAMES).coalesce(1);
        VaeModel model = VaeModel.ofFile(Models.ofNames().toString()).setBackend("cpu");
        assertEquals(Models.NAMES, model.columns());
        double[][] expected =
                Sessions.vectors(model.transform(Frames.vectors(rows).coalesce(1)), "latent");
        model.setInputCols("f", "e", "d", "c", "b", "a");
        assertArrayEquals(expected, Sessions.vectors(model.transform(frame), "latent"));
        assertArrayEquals(
                expected,
                Sessions.vectors(model.transform(frame.select("c", "f", "id", "a", "b", "e", "d")), "latent"));
    }

    @Test
    void numbersOfAllTypesAndBooleansAreValues() {
        VaeModel model = model().setInputCols("a", "b", "c", "d", "e", "f").setReconstructionCol("");
        Dataset<Row> typed = Frames.columns(new double[][] {{1, 100, 200, 300, 400, 500}}, Models.NAMES)
                .selectExpr(
                        "cast(a as boolean) a",
                        "cast(b as tinyint) b",
                        "cast(c as smallint) c",
                        "cast(d as decimal(10, 2)) d",
                        "cast(e as bigint) e",
                        "cast(f as float) f");
        double[][] same = {{1, 100, 200, 300, 400, 500}};
        assertArrayEquals(
                Sessions.vectors(model.transform(Frames.columns(same, Models.NAMES)), "latent"),
                Sessions.vectors(model.transform(typed), "latent"));
    }

    @Test
    void otherColumnsAndTheirMetadataStay() {
        Dataset<Row> frame = Frames.vectors(Arrays.copyOf(ROWS, 9))
                .withColumn("when", functions.lit("2020-02-29 12:00:00").cast("timestamp"))
                .withColumn("some.thing", functions.array(functions.lit(1), functions.lit(null)))
                .withColumn("price", functions.lit("1.25").cast("decimal(12,3)"));
        org.apache.spark.sql.types.Metadata note = new org.apache.spark.sql.types.MetadataBuilder()
                .putString("note", "kept")
                .build();
        frame = frame.withMetadata("price", note);
        VaeModel model = model();
        Dataset<Row> scored = model.transform(frame);
        assertEquals(model.transformSchema(frame.schema()), scored.schema());
        assertEquals(note, scored.schema().apply("price").metadata());
        assertEquals(
                2,
                AttributeGroup.fromStructField(scored.schema().apply("latent")).size());
        assertEquals(
                frame.collectAsList(), scored.drop("latent", "score", "usual").collectAsList());
    }

    @Test
    void outputsAreChosen() {
        Dataset<Row> frame = Frames.vectors(Arrays.copyOf(ROWS, 9));
        Dataset<Row> codes = model().setScoreCol("")
                .setReconstructionCol("")
                .setLatentCol("z")
                .transform(frame);
        assertEquals(List.of("id", "features", "z"), List.of(codes.columns()));
        assertEquals(9, Sessions.vectors(codes, "z").length);
        Dataset<Row> scores = model().setScoreCol("s")
                .setReconstructionCol("")
                .setLatentCol("")
                .transform(frame);
        assertEquals(List.of("id", "features", "s"), List.of(scores.columns()));
        assertEquals(9, Sessions.numbers(scores, "s").length);
    }

    @Test
    void scoresHaveKindSamplesAndSeed() {
        double[][] rows = Arrays.copyOf(ROWS, 40);
        Dataset<Row> frame = Frames.vectors(rows).coalesce(1);
        for (AnomalyScore kind : AnomalyScore.values()) {
            VaeModel model =
                    model().setScoreKind(kind.label()).setSamples(3).setSeed(5).setBatchSize(16);
            try (VaeService service = VaeService.builder(Models.ofNumbers())
                    .backend("cpu")
                    .replicas(1)
                    .samples(3)
                    .seed(5)
                    .batchSize(16)
                    .build()) {
                Sessions.assertClose(
                        service.anomalyScores(flat(rows), kind),
                        Sessions.numbers(model.transform(frame), "score"),
                        1e-6);
            }
        }
    }

    @Test
    void rowsOfAClassAreComputedAsThatClass() {
        double[][] rows = Arrays.copyOf(ROWS, 60);
        String[] classes = IntStream.range(0, rows.length)
                .mapToObj(i -> Models.CLASSES.get(i * 7 % 3))
                .toArray(String[]::new);
        List<Row> all = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            all.add(RowFactory.create(Vectors.dense(rows[i]), classes[i]));
        }
        Dataset<Row> frame = Frames.of(
                        Frames.schema("features", SQLDataTypes.VectorType(), "kind", DataTypes.StringType), all)
                .coalesce(1);
        VaeModel model = VaeModel.ofFile(Models.ofClasses().toString())
                .setClassCol("kind")
                .setReconstructionCol("usual")
                .setBackend("cpu");
        Dataset<Row> scored = model.transform(frame).cache();
        try (VaeService service = VaeService.builder(Models.ofClasses())
                .backend("cpu")
                .replicas(1)
                .batchSize(512)
                .build()) {
            VaeService here = service.inClass(classes);
            assertArrayEquals(Sessions.wide(here.encode(flat(rows))), flat(Sessions.vectors(scored, "latent")));
            assertArrayEquals(here.reconstruct(flat(rows)), flat(Sessions.vectors(scored, "usual")));
            assertArrayEquals(
                    here.anomalyScores(flat(rows), AnomalyScore.NEGATIVE_ELBO), Sessions.numbers(scored, "score"));
        }
        Dataset<Row> threes = frame.where("kind = '3'");
        double[] words = Sessions.numbers(model.transform(threes), "score");
        for (String type : List.of("int", "double", "decimal(5,1)")) {
            Dataset<Row> numbered =
                    threes.withColumn("kind", functions.col("kind").cast(type));
            assertArrayEquals(words, Sessions.numbers(model.transform(numbered), "score"), type);
        }
    }

    @Test
    void theCommandLineWritesTheSame() throws Exception {
        Path csv = folder.resolve("rows.csv");
        double[][] rows = Arrays.copyOf(ROWS, 70);
        StringBuilder text = new StringBuilder(String.join(",", Models.NAMES)).append('\n');
        for (double[] row : rows) {
            text.append(String.join(
                            ",", Arrays.stream(row).mapToObj(Double::toString).toList()))
                    .append('\n');
        }
        Files.writeString(csv, text);
        Dataset<Row> scored = VaeModel.ofFile(Models.ofNames().toString())
                .setInputCols("a", "b", "c", "d", "e", "f")
                .setReconstructionCol("usual")
                .setBackend("cpu")
                .transform(Frames.columns(rows, Models.NAMES).repartition(3))
                .orderBy("id")
                .cache();
        String model = Models.ofNames().toString();
        double[][] scores = CommandLine.numbers(folder, "score", model, csv);
        double[][] codes = CommandLine.numbers(folder, "encode", model, csv);
        double[][] made = CommandLine.numbers(folder, "reconstruct", model, csv);
        Sessions.assertClose(flat(scores), Sessions.numbers(scored, "score"), DIGITS);
        Sessions.assertClose(codes, Sessions.vectors(scored, "latent"), DIGITS);
        Sessions.assertClose(made, Sessions.vectors(scored, "usual"), DIGITS);
        assertTrue(Arrays.stream(flat(scores)).distinct().count() > 60, "scores of different rows differ");
    }
}
