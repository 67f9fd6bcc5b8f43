package dev.elbo.spark;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.elbo.net.Network;
import dev.elbo.train.TrainingListener;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;

/**
 * The speed of a training on workers that are processes of their own, each with one thread: {@code benchmarks/spark-train} runs it. A
 * step has 128 rows of 784 columns in all, whatever the number of workers.
 */
public final class TrainingSpeed {
    private static final int WIDTH = 784;
    private static final int BATCH = 128;
    private static final int PARTITIONS = 8;

    private TrainingSpeed() {}

    /**
     * Measures.
     *
     * @param arguments workers, shards, hidden units, rows, epochs and local steps; prints a line of JSON with the seconds of each epoch
     *     but the first, the steps of an epoch, and what the first worker has exchanged in all
     */
    public static void main(String[] arguments) {
        int[] given = Arrays.stream(arguments).mapToInt(Integer::parseInt).toArray();
        int workers = given[0];
        JsonObject measured = new JsonObject();
        try (SparkSession session = SparkSession.builder()
                .master("local-cluster[" + workers + ",1,3000]")
                .config("spark.executor.memory", "3000m")
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .getOrCreate()) {
            Dataset<Row> rows = session.range(0, given[3], 1, PARTITIONS)
                    .map(
                            (MapFunction<Long, Row>) TrainingSpeed::row,
                            Encoders.row(Frames.schema(
                                    "id",
                                    DataTypes.LongType,
                                    "features",
                                    DataTypes.createArrayType(DataTypes.FloatType))));
            VaeEstimator estimator = new VaeEstimator()
                    .setIdCol("id")
                    .setHidden(given[2])
                    .setBatchSize(BATCH)
                    .setShards(given[1])
                    .setWorkers(workers)
                    .setEpochs(given[4])
                    .setPatience(0)
                    .setLocalSteps(given[5])
                    .setBackend("cpu");
            Fit fit = new Fit(estimator, TrainingListener.NONE);
            VaeModel model = fit.run(rows);
            TrainingOutcome.Trained outcome = fit.outcome();
            JsonArray seconds = new JsonArray();
            // the first one warms up
            outcome.epochs().stream()
                    .skip(1)
                    .map(epoch -> epoch.metrics().seconds())
                    .forEach(seconds::add);
            measured.add("seconds", seconds);
            measured.addProperty("parameters", Network.of(model.spec()).parameterCount());
            measured.addProperty(
                    "steps_per_epoch", outcome.epochs().get(0).metrics().step());
            measured.addProperty("exchanged_bytes", outcome.exchanged());
            measured.addProperty("exchange_seconds", outcome.exchangeSeconds());
            measured.addProperty("all_seconds", outcome.trainingSeconds());
        }
        System.out.println(measured);
        System.exit(0);
    }

    private static Row row(long id) {
        SplittableRandom random = new SplittableRandom(id);
        Float[] values = new Float[WIDTH];
        Arrays.setAll(values, i -> (float) random.nextDouble());
        return RowFactory.create(id, values);
    }
}
