package dev.elbo.spark.examples;

import static org.apache.spark.sql.functions.col;

import dev.elbo.spark.VaeEstimator;
import dev.elbo.spark.VaeModel;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Trains a model on a Parquet file of numbers, which no machine needs to hold, and finds the strangest rows. */
public final class TrainOnParquet {
    private TrainOnParquet() {}

    /** @param arguments a Parquet file with a column id, workers, a folder of checkpoints and the model's file to be */
    public static void main(String[] arguments) {
        try (SparkSession spark = SparkSession.builder().appName("readings").getOrCreate()) {
            run(spark, arguments[0], Integer.parseInt(arguments[1]), arguments[2], arguments[3])
                    .forEach(System.out::println);
        }
        // Spark leaves a thread behind that would keep the process alive
        System.exit(0);
    }

    /** Returns the strangest rows. */
    public static List<Row> run(SparkSession spark, String parquet, int workers, String checkpoints, String file) {
        // [shown
        Dataset<Row> readings = spark.read().parquet(parquet);
        String[] sensors = Arrays.stream(readings.columns())
                .filter(name -> !name.equals("id"))
                .toArray(String[]::new);
        VaeModel model = new VaeEstimator()
                .setInputCols(sensors)
                .setIdCol("id") // orders the rows, and with that decides the model
                .setDataName("readings.csv") // what the model says that it was trained on
                .setStandardize("per-feature")
                .setHidden(64)
                .setLatent(4)
                .setEpochs(20)
                .setShards(8) // decide the model
                .setWorkers(workers) // do not
                .setCheckpointDir(checkpoints) // where a run goes on
                .fit(readings);
        model.trainingMetrics().select("epoch", "train.elbo", "test.elbo").show();
        model.saveFile(file); // elbo evaluate, report, export and the others read it
        Dataset<Row> strange =
                model.transform(readings).orderBy(col("score").desc()).limit(20);
        // shown]
        return strange.collectAsList();
    }
}
