package dev.elbo.spark.examples;

import static org.apache.spark.sql.functions.col;

import dev.elbo.spark.VaeModel;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Scores a table of words, numbers and gaps by the model of it that {@code elbo train --likelihood columns} has written. */
public final class ScorePeople {
    private ScorePeople() {}

    /** @param arguments a model.safetensors and a CSV file with the columns of its table */
    public static void main(String[] arguments) {
        try (SparkSession spark = SparkSession.builder().appName("people").getOrCreate()) {
            run(spark, arguments[0], arguments[1]).forEach(System.out::println);
        }
    }

    /** Returns the strangest rows. */
    public static List<Row> run(SparkSession spark, String file, String csv) {
        // [shown
        Dataset<Row> people = spark.read()
                .option("header", true)
                .option("inferSchema", true)
                .option("nullValue", "NA")
                .csv(csv);
        VaeModel model = VaeModel.ofFile(file) // hdfs://…/model.safetensors, as elbo train writes it
                .setLatentCol("")
                .setScoreCol("nats") // how badly the model explains the row; higher is stranger
                .setReconstructionCol("usual") // a struct with the columns of the table
                .setHandleInvalid("keep") // rows that the model cannot take get null
                .setUnknown("missing"); // words that it has never seen are gaps
        Dataset<Row> strange =
                model.transform(people).orderBy(col("nats").desc()).limit(20);
        // shown]
        return strange.collectAsList();
    }
}
