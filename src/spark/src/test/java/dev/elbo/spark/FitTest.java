package dev.elbo.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.backend.KlMode;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import dev.elbo.train.EpochMetrics;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingListener;
import dev.elbo.train.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of every form become the data set that one process would have, and train its model. */
class FitTest {
    private static final int ROWS = 91;
    private static final double[][] NUMBERS = Models.numbers(ROWS);

    @TempDir
    private Path folder;

    private static VaeEstimator estimator() {
        return new VaeEstimator()
                .setIdCol("id")
                .setHidden(7)
                .setLatent(2)
                .setEpochs(3)
                .setBatchSize(16)
                .setShards(4)
                .setWorkers(2)
                .setPatience(0)
                .setSeed(3)
                .setLikelihood("gaussian-learned");
    }

    private static TrainingOptions.Builder options() {
        return TrainingOptions.builder()
                .epochs(3)
                .batchSize(16)
                .shards(4)
                .patience(0)
                .seed(3);
    }

    private static VaeSpec.Builder spec() {
        return VaeSpec.builder(Models.WIDTH).hidden(7).latent(2).likelihood(Likelihood.GAUSSIAN_LEARNED);
    }

    private byte[] trained(Split split, VaeSpec spec, Objective objective, TrainingOptions options) throws IOException {
        Path file = folder.resolve("one.safetensors");
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer = Trainer.builder(backend, spec, split)
                        .objective(objective)
                        .options(options)
                        .build()) {
            trainer.run();
            trainer.save(file);
        }
        return Files.readAllBytes(file);
    }

    private byte[] trained(Split split) throws IOException {
        return trained(split, spec().build(), Objectives.vae(), options().build());
    }

    private byte[] bytes(VaeModel model) throws IOException {
        Path file = folder.resolve("fit.safetensors");
        model.saveFile(file.toString());
        return Files.readAllBytes(file);
    }

    private static org.apache.spark.sql.Dataset<Row> mixed(List<Row> rows, Object... schema) {
        List<Row> turned = new ArrayList<>(rows);
        Collections.shuffle(turned, new Random(5));
        return Frames.of(Frames.schema(schema), turned).repartition(3);
    }

    private static org.apache.spark.sql.Dataset<Row> vectors() {
        List<Row> rows = IntStream.range(0, ROWS)
                .mapToObj(i -> RowFactory.create(i, Vectors.dense(NUMBERS[i])))
                .toList();
        return mixed(
                rows, "id", DataTypes.IntegerType, "features", org.apache.spark.ml.linalg.SQLDataTypes.VectorType());
    }

    @Test
    void vectorsByTheirNumbers() throws IOException {
        VaeModel model = estimator().fit(vectors());
        assertArrayEquals(trained(Split.of(Dataset.of("spark", NUMBERS))), bytes(model));
        assertEquals("features", model.getFeaturesCol());
        assertEquals(ROWS, model.transform(vectors()).where("score is not null").count());
    }

    @Test
    void arraysOfFloatStayFloat() throws IOException {
        float[][] floats = new float[ROWS][Models.WIDTH];
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            Float[] row = new Float[Models.WIDTH];
            for (int j = 0; j < row.length; j++) {
                floats[i][j] = (float) NUMBERS[i][j];
                row[j] = floats[i][j];
            }
            rows.add(RowFactory.create("row " + (1000 + i), row));
        }
        VaeModel model = estimator()
                .setFeaturesCol("x")
                .fit(mixed(rows, "id", DataTypes.StringType, "x", DataTypes.createArrayType(DataTypes.FloatType)));
        assertArrayEquals(trained(Split.of(Dataset.of("spark", floats))), bytes(model));
    }

    @Test
    void withoutNumbersRowsAreSortedByTheirValues() throws IOException {
        double[][] sorted = NUMBERS.clone();
        Arrays.sort(sorted, (a, b) -> Arrays.compare(a, b));
        VaeModel model = estimator().setIdCol("").fit(vectors());
        assertArrayEquals(trained(Split.of(Dataset.of("spark", sorted))), bytes(model));
    }

    @Test
    void aColumnTellsTheValidation() throws IOException {
        List<Row> rows = new ArrayList<>();
        List<double[]> training = new ArrayList<>();
        List<double[]> validation = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            boolean odd = i % 2 == 1;
            boolean held = i % 5 == 2;
            float single = (float) (NUMBERS[i][0] * 0.1);
            long whole = Math.round(NUMBERS[i][1]);
            rows.add(RowFactory.create(odd, held, single, whole, 5L * i));
            (held ? validation : training).add(new double[] {odd ? 1 : 0, single, whole});
        }
        Object[] schema = {
            "odd",
            DataTypes.BooleanType,
            "held",
            DataTypes.BooleanType,
            "a",
            DataTypes.FloatType,
            "b",
            DataTypes.LongType,
            "id",
            DataTypes.LongType
        };
        VaeModel model = estimator()
                .setInputCols("odd", "a", "b")
                .setValidationIndicatorCol("held")
                .setPatience(1)
                .fit(mixed(rows, schema));
        Split split = new Split(
                Dataset.of("spark", training.toArray(double[][]::new)).withColumns("odd", "a", "b"),
                Optional.empty(),
                Optional.of(
                        Dataset.of("spark", validation.toArray(double[][]::new)).withColumns("odd", "a", "b")),
                true);
        VaeSpec three = VaeSpec.builder(3)
                .hidden(7)
                .latent(2)
                .likelihood(Likelihood.GAUSSIAN_LEARNED)
                .build();
        assertArrayEquals(
                trained(split, three, Objectives.vae(), options().patience(1).build()), bytes(model));
        Row first = model.trainingMetrics().orderBy("epoch").first();
        assertNotNull(first.getStruct(first.fieldIndex("validation")));
        assertTrue(first.isNullAt(first.fieldIndex("test")));
    }

    @Test
    void objectivesAndOptionsAreThoseOfTheTrainer() throws IOException {
        double[][] grey = Arrays.stream(NUMBERS)
                .map(row -> Arrays.stream(row).map(x -> 0.5 + 0.5 * Math.sin(x)).toArray())
                .toArray(double[][]::new);
        List<Row> rows = IntStream.range(0, ROWS)
                .mapToObj(i -> RowFactory.create(i, grey[i]))
                .toList();
        Object[] schema = {"id", DataTypes.IntegerType, "features", DataTypes.createArrayType(DataTypes.DoubleType)};
        Split split = Split.of(Dataset.of("grey", grey));
        VaeEstimator grown = estimator()
                .setDataName("grey")
                .setLikelihood("bernoulli")
                .setActivation("tanh")
                .setBinarize(true)
                .setDropLast(true)
                .setLearningRate(3e-3)
                .setHidden(6, 5);
        VaeSpec bernoulli = VaeSpec.builder(Models.WIDTH)
                .hidden(6, 5)
                .latent(2)
                .activation(dev.elbo.model.Activation.TANH)
                .likelihood(Likelihood.BERNOULLI)
                .build();
        TrainingOptions options =
                options().binarize(true).dropLast(true).learningRate(3e-3).build();
        assertArrayEquals(
                trained(split, bernoulli, Objectives.iwae(3), options),
                bytes(grown.copy(grown.extractParamMap())
                        .setObjective("iwae")
                        .setSamples(3)
                        .fit(mixed(rows, schema))));
        assertArrayEquals(
                trained(
                        split,
                        bernoulli,
                        new Elbo(2, KlMode.ANALYTIC),
                        options.toBuilder()
                                .klWeight(new dev.elbo.train.KlWeight(0.5, 2))
                                .localSteps(3)
                                .build()),
                bytes(grown.setSamples(2)
                        .setBeta(0.5)
                        .setBetaWarmup(2)
                        .setLocalSteps(3)
                        .fit(mixed(rows, schema))));
    }

    /** A finished run of fewer epochs is taken over by another number of workers. */
    @Test
    void aRunGoesOnWithOtherWorkers() throws IOException {
        String checkpoints = folder.resolve("checkpoints").toString();
        VaeModel begun = estimator().setCheckpointDir(checkpoints).fit(vectors());
        VaeModel taken = estimator()
                .setCheckpointDir(checkpoints)
                .setEpochs(6)
                .setWorkers(1)
                .fit(vectors());
        List<Row> before = begun.trainingMetrics().orderBy("epoch").collectAsList();
        List<Row> after = taken.trainingMetrics().orderBy("epoch").collectAsList();
        assertEquals(6, after.size());
        // with the seconds that they took, which no second training would take again
        assertEquals(before, after.subList(0, 3));
        TrainingOptions six = options().epochs(6).build();
        assertArrayEquals(
                trained(Split.of(Dataset.of("spark", NUMBERS)), spec().build(), Objectives.vae(), six), bytes(taken));
    }

    @Test
    void progressComesToTheDriver() {
        List<EpochMetrics> epochs = Collections.synchronizedList(new ArrayList<>());
        VaeModel model = estimator()
                .setWorkers(0)
                .setListener(new TrainingListener() {
                    @Override
                    public void onEpoch(EpochMetrics metrics) {
                        epochs.add(metrics);
                        throw new IllegalStateException("a listener's own failure");
                    }
                })
                .fit(vectors());
        List<Row> rows = model.trainingMetrics().orderBy("epoch").collectAsList();
        assertEquals(3, rows.size());
        assertEquals(List.of(1, 2, 3), rows.stream().map(row -> row.getInt(0)).toList());
        StructType schema = rows.get(0).schema();
        assertEquals(
                List.of(
                        "epoch",
                        "step",
                        "train",
                        "validation",
                        "test",
                        "beta",
                        "learning_rate",
                        "seconds",
                        "examples_per_second"),
                List.of(schema.fieldNames()));
        double elbo = rows.get(2).getStruct(schema.fieldIndex("test")).getDouble(0);
        epochs.sort(Comparator.comparingInt(EpochMetrics::epoch));
        assertEquals(List.of(1, 2, 3), epochs.stream().map(EpochMetrics::epoch).toList());
        assertEquals(elbo, epochs.get(2).test().elbo());
    }

    @Test
    void aSavedEstimatorTrainsTheSameInAPipeline() throws IOException {
        PipelineStage[] stages = {
            new VectorAssembler()
                    .setInputCols(Models.NAMES.toArray(String[]::new))
                    .setOutputCol("features"),
            estimator()
        };
        String path = folder.resolve("pipeline").toString();
        new Pipeline().setStages(stages).save(path);
        org.apache.spark.sql.Dataset<Row> rows = Frames.columns(NUMBERS, Models.NAMES);
        var model = (VaeModel) Pipeline.load(path).fit(rows).stages()[1];
        assertArrayEquals(trained(Split.of(Dataset.of("spark", NUMBERS))), bytes(model));
        VaeEstimator loaded = estimator();
        String alone = folder.resolve("estimator").toString();
        loaded.setAllow("speculation").save(alone);
        VaeEstimator read = VaeEstimator.load(alone);
        for (Param<?> param : loaded.params()) {
            if (loaded.isDefined(param)) {
                assertEquals(json(loaded, param.name()), json(read, param.name()), param.name());
            }
        }
    }

    private static String json(VaeEstimator estimator, String name) {
        Param<Object> param = estimator.getParam(name);
        return param.jsonEncode(estimator.getOrDefault(param));
    }

    @Test
    void aSavedModelHasNoMetrics() {
        VaeModel read = VaeModel.ofFile(Models.ofNumbers().toString());
        Sessions.refused(ElboException.Kind.USAGE, read::trainingMetrics, "trainingMetrics", "VaeEstimator.fit");
    }
}
