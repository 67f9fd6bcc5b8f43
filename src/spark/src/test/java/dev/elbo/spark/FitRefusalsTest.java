package dev.elbo.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.error.ElboException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be trained is refused in one line, before a stage of many tasks begins where that can be. */
class FitRefusalsTest {
    private static final Object[] SCHEMA = {
        "id",
        DataTypes.IntegerType,
        "a",
        DataTypes.DoubleType,
        "b",
        DataTypes.DoubleType,
        "held",
        DataTypes.BooleanType,
        "word",
        DataTypes.StringType
    };

    @TempDir
    private Path folder;

    private static List<Row> rows(int count) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(RowFactory.create(i, i * 0.1, Math.sin(i), i % 7 == 0, "w"));
        }
        return rows;
    }

    private static Dataset<Row> frame(List<Row> rows) {
        return Frames.of(Frames.schema(SCHEMA), rows);
    }

    private static VaeEstimator estimator() {
        return new VaeEstimator()
                .setInputCols("a", "b")
                .setIdCol("id")
                .setHidden(3)
                .setLatent(1)
                .setEpochs(1)
                .setBatchSize(8)
                .setShards(2)
                .setWorkers(2);
    }

    private static void refused(Kind kind, UnaryOperator<VaeEstimator> change, String... words) {
        Sessions.refused(kind, () -> change.apply(estimator()).fit(frame(rows(40))), words);
    }

    @Test
    void parametersThatDoNotFit() {
        refused(Kind.USAGE, e -> e.setShards(3), "shards must divide batchSize, 8, and 3 does not");
        refused(Kind.USAGE, e -> e.setShards(4).setWorkers(3), "workers is 3, which does not divide shards, 4");
        refused(
                Kind.USAGE,
                e -> e.setLikelihood("bernoulli").setStandardize("shared"),
                "likelihood bernoulli needs values");
        refused(Kind.USAGE, e -> e.setBinarize(true), "binarize needs likelihood bernoulli");
        refused(Kind.USAGE, e -> e.setVariance("per-dimension"), "needs likelihood gaussian-learned");
        refused(Kind.USAGE, e -> e.setObjective("iwae").setBeta(2), "beta and betaWarmup weigh");
        refused(Kind.USAGE, e -> e.setObjective("ae").setSamples(2), "samples is 2, but objective ae");
        refused(Kind.USAGE, e -> e.setFeaturesCol("a"), "featuresCol and inputCols are both set");
        refused(Kind.USAGE, e -> e.setInputCols("a", "a"), "inputCols names a column twice");
        refused(Kind.USAGE, e -> e.setInputCols(), "inputCols names no column");
        refused(Kind.USAGE, e -> e.setBatchSize(128).setShards(64), "shards is 64, more than the 36 rows to train on");
        refused(Kind.USAGE, e -> e.setEpochs(0), "epochs is '0'; it must be at least 1");
        refused(Kind.USAGE, e -> e.setAllow("all"), "it takes plaintext and speculation");
        refused(Kind.USAGE, e -> e.setPeerTimeout(0), "peerTimeout is '0.0'; it must be above 0");
    }

    @Test
    void columnsThatDoNotFit() {
        refused(
                Kind.DATA,
                e -> e.setInputCols("a", "c"),
                "inputCols: there is no column 'c'; there are id, a, b, held, word");
        refused(Kind.DATA, e -> e.setInputCols("a", "word"), "column 'word' is string, not numbers or booleans");
        refused(Kind.DATA, e -> e.setIdCol("c"), "idCol: there is no column 'c'");
        refused(Kind.DATA, e -> e.setValidationIndicatorCol("a"), "column 'a' is double, not booleans");
        Sessions.refused(
                Kind.DATA,
                () -> new VaeEstimator().setFeaturesCol("a").fit(frame(rows(40))),
                "featuresCol: column 'a' is double, not a vector or an array of float or double");
    }

    @Test
    void rowsThatDoNotFit() {
        List<Row> twice = rows(40);
        twice.set(7, RowFactory.create(33, 0.0, 0.0, false, "w"));
        Sessions.refused(Kind.DATA, () -> estimator().fit(frame(twice)), "column 'id' is 33 in two rows");
        List<Row> missing = rows(40);
        missing.set(7, RowFactory.create(null, 0.0, 0.0, false, "w"));
        Sessions.refused(Kind.DATA, () -> estimator().fit(frame(missing)), "column 'id' is null in a row");
        List<Row> gap = rows(40);
        gap.set(7, RowFactory.create(7, null, 0.0, false, "w"));
        Sessions.refused(Kind.DATA, () -> estimator().fit(frame(gap)), "the row of 'id' 7: column 'a' is null");
        List<Row> infinite = rows(40);
        infinite.set(7, RowFactory.create(7, 1.0, Double.POSITIVE_INFINITY, false, "w"));
        Sessions.refused(Kind.DATA, () -> estimator().fit(frame(infinite)), "column 'b' is Infinity");
        List<Row> untold = rows(40);
        untold.set(7, RowFactory.create(7, 1.0, 1.0, null, "w"));
        Sessions.refused(
                Kind.DATA,
                () -> estimator().setValidationIndicatorCol("held").fit(frame(untold)),
                "the row of 'id' 7: column 'held' is null");
        Sessions.refused(Kind.DATA, () -> estimator().fit(frame(List.of())), "spark: has no rows to train on");
        Sessions.refused(Kind.DATA, () -> estimator().fit(frame(rows(1))), "has one example");
        List<Row> wide = List.of(
                RowFactory.create(0, new double[] {1, 2}),
                RowFactory.create(1, new double[] {1, 2, 3}),
                RowFactory.create(2, new double[] {1, 2}),
                RowFactory.create(3, new double[] {1, 2}));
        Dataset<Row> ragged = Frames.of(
                Frames.schema("id", DataTypes.IntegerType, "features", DataTypes.createArrayType(DataTypes.DoubleType)),
                wide);
        VaeEstimator whole = new VaeEstimator().setIdCol("id").setBatchSize(2).setShards(2);
        Sessions.refused(Kind.DATA, () -> whole.fit(ragged), "the row of 'id' 1: column 'features' has 3 values");
    }

    /** One row, which one worker alone sees, ends the training at once and not after four attempts. */
    @Test
    void aValueThatALikelihoodDoesNotTake() {
        List<Row> rows = new ArrayList<>();
        rows(40).forEach(row -> rows.add(RowFactory.create(row.getInt(0), 0.5, 0.25, row.get(3), row.get(4))));
        rows.set(11, RowFactory.create(11, 0.5, 1.5, false, "w"));
        Sessions.refused(
                Kind.DATA,
                () -> estimator().setLikelihood("bernoulli").fit(frame(rows)),
                "is 1.5; the Bernoulli likelihood needs values in [0, 1]");
    }

    @Test
    void numbersThatAreNoneEndTheTrainingAtOnce() {
        List<Row> large = new ArrayList<>();
        rows(40).forEach(row ->
                large.add(RowFactory.create(row.get(0), 1e30 * row.getDouble(1), 1e30, row.get(3), row.get(4))));
        Sessions.refused(
                Kind.NUMERIC,
                () -> estimator().setLikelihood("gaussian").fit(frame(large)),
                "the loss is not finite at step 1 (epoch 1)",
                "lower the learningRate");
    }

    @Test
    void aStreamIsRefused() {
        Dataset<Row> stream =
                Sessions.session().readStream().format("rate").load().selectExpr("value as id", "1.0 as a", "2.0 as b");
        Sessions.refused(Kind.USAGE, () -> estimator().fit(stream), "the rows are a stream");
    }

    @Test
    void clustersThatItDoesNotWorkOn() {
        SparkConf dynamic = new SparkConf(false).set("spark.dynamicAllocation.enabled", "true");
        Sessions.refused(
                Kind.USAGE,
                () -> Cluster.check(dynamic, List.of("plaintext", "speculation")),
                "spark.dynamicAllocation.enabled is true");
        SparkConf speculative = new SparkConf(false).set("spark.speculation", "true");
        Sessions.refused(
                Kind.USAGE, () -> Cluster.check(speculative, List.of("plaintext")), "spark.speculation is true");
        Cluster.check(speculative, List.of("speculation"));
        for (String key :
                List.of("spark.network.crypto.enabled", "spark.io.encryption.enabled", "spark.ssl.rpc.enabled")) {
            SparkConf encrypted = new SparkConf(false).set(key, "true");
            Sessions.refused(Kind.USAGE, () -> Cluster.check(encrypted, List.of()), key, "allow plaintext");
            Cluster.check(encrypted, List.of("plaintext"));
        }
        Cluster.check(new SparkConf(false), List.of());
    }

    @Test
    void workersAreAsManyAsFit() {
        assertEquals(3, Cluster.workers(0, 6, () -> 5));
        assertEquals(6, Cluster.workers(0, 6, () -> 100));
        assertEquals(1, Cluster.workers(0, 7, () -> 6));
        int[] slots = {0};
        assertEquals(2, Cluster.workers(2, 6, () -> slots[0]++));
    }

    @Test
    void aFolderOfAnotherRunIsRefused() throws Exception {
        String checkpoints = folder.resolve("run").toString();
        estimator().setCheckpointDir(checkpoints).fit(frame(rows(40)));
        refused(
                Kind.USAGE,
                e -> e.setCheckpointDir(checkpoints).setSeed(8),
                "belongs to another run: training.seed is 0 there and 8 here");
        try (var files = Files.list(folder.resolve("run"))) {
            assertEquals(
                    List.of("checkpoint-0000000000.safetensors", "checkpoint-0000000005.safetensors"),
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> !name.startsWith("."))
                            .sorted()
                            .toList());
        }
        refused(Kind.DATA, e -> e.setCheckpointDir("no scheme:x"), "is not a path that Hadoop knows");
    }
}
